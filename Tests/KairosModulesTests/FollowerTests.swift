import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Levels and times of the envelope follower.
@Suite struct FollowerTests {
    static let formats = [Float(44_100), 48_000, 192_000].flatMap { rate in
        [Format.voices(sampleRate: rate), .bus(sampleRate: rate)]
    }

    /// Output for an input by time in seconds.
    static func levels(
        _ format: Format, seconds: Double, _ setting: [EnvelopeFollower.Param: Float] = [:],
        _ input: @escaping (Double) -> Double
    ) -> [Double] {
        var bench = ModuleBench<EnvelopeFollower>(EnvelopeFollower.self, format: format)
        let rate = Double(format.sampleRate)
        bench.feed(.input, .moving { _, frame in Float(input(Double(frame) / rate)) })
        for (param, value) in setting { bench.set(param, value) }
        bench.cuts = [64, 9]
        return bench.run(Int(seconds * rate))[0].map { Double($0[1]) }
    }

    /// Level of a sine wave of amplitude 0.5: 0.5 or 0.354, and as decibels −6.02 or −9.03, of which 60 are 1.
    @Test(arguments: [50.0, 440, 3000])
    func aSineHasItsPeakOrItsRootMeanSquare(hertz: Double) {
        for format in Self.formats {
            for (mode, amplitude) in [(Float(0), 0.5), (1, 0.5 / 2.0.squareRoot())] {
                for isLogarithmic in [false, true] {
                    let levels = Self.levels(
                        format, seconds: 0.6, [.mode: mode, .scale: isLogarithmic ? 1 : 0]
                    ) { 0.5 * sin(2 * .pi * hertz * $0) }
                    let end = levels[(levels.count * 2 / 3)...]
                    let expected = isLogarithmic ? 1 + 20 * log10(amplitude) / 60 : amplitude
                    // The window of the mean square is up to two control ticks longer than 20 ms, and then no whole
                    // number of half cycles.
                    let tolerance = mode == 1 ? 0.006 : 0.002
                    let range = (end.min() ?? 0, end.max() ?? 0)
                    #expect(
                        abs(range.0 - expected) < tolerance && abs(range.1 - expected) < tolerance,
                        "\(hertz) Hz, mode \(mode), \(isLogarithmic): \(range), not \(expected)")
                }
            }
        }
    }

    @Test(arguments: [0.003, 0.05])
    func theAttackCovers63PercentOfTheWay(attack: Double) {
        for format in Self.formats {
            let rate = Double(format.sampleRate)
            for isLogarithmic in [false, true] {
                let levels = Self.levels(
                    format, seconds: 0.5, [.attack: Float(attack), .scale: isLogarithmic ? 1 : 0]
                ) { $0 < 0.1 ? 0 : 0.5 }
                let start = Int((0.1 * rate).rounded(.up)),
                    goal = isLogarithmic ? 1 + 20 * log10(0.5) / 60 : 0.5
                #expect(levels[start - 1] == 0)
                for n in stride(from: start, to: levels.count, by: 37) {
                    let expected = goal * (1 - exp(-Double(n - start + 1) / rate / attack))
                    #expect(abs(levels[n] - expected) < 1e-4)
                }
            }
        }
    }

    @Test func theReleaseCovers63PercentOfTheWayAfterThePeakHold() {
        for format in Self.formats {
            let rate = Double(format.sampleRate)
            let levels = Self.levels(format, seconds: 1, [.attack: 0.001, .release: 0.1]) {
                $0 < 0.2 ? 0.8 : 0
            }
            let end = Int((0.2 * rate).rounded(.up))
            #expect(abs(levels[end + Int(0.009 * rate)] - 0.8) < 1e-4)
            let reached = levels[end...].firstIndex { $0 <= 0.8 * exp(-1) } ?? 0
            // 10 ms of hold, and up to a control tick.
            #expect(abs(Double(reached - end) / rate - 0.11) < 0.001)
        }
    }

    /// The mean square of a constant rises in a straight line over 20 ms.
    @Test func theRootMeanSquareIsThatOfTwentyMilliseconds() {
        for format in Self.formats {
            let rate = Double(format.sampleRate)
            let levels = Self.levels(format, seconds: 0.2, [.attack: 0.000_1, .mode: 1]) {
                $0 < 0.1 ? 0 : 0.5
            }
            let half = levels[Int(0.11 * rate)], whole = levels[Int(0.1215 * rate)]
            #expect(abs(half - 0.5 * 0.5.squareRoot()) < 0.01)
            #expect(abs(whole - 0.5) < 0.001)
            let early = levels[Int(0.1185 * rate)]
            #expect(early < 0.49)
        }
    }

    @Test func aBusHasTheLevelOfTheLouderSide() {
        var bench = ModuleBench<EnvelopeFollower>(EnvelopeFollower.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .lanes([0.1, 0.7] + [Float](repeating: 0, count: 14)))
        for mode: Float in [0, 1] {
            bench.set(.mode, mode)
            let last = bench.run(9600)[0][9599]
            #expect(last[0] == last[1] && abs(last[0] - 0.7) < 1e-4)
        }
    }

    @Test func theGainIsInFront() {
        let plain = Self.levels(.voices(sampleRate: 48_000), seconds: 0.1) { _ in 0.4 }
        let double = Self.levels(.voices(sampleRate: 48_000), seconds: 0.1, [.gain: 2]) { _ in 0.2 }
        #expect(plain == double)
    }
}
