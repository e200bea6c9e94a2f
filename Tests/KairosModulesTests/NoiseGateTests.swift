import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The gate's levels and times.
@Suite struct NoiseGateTests {
    /// Gain per frame, for a wave of constant magnitude whose level in dB is a function of the time in seconds.
    static func gains(
        _ format: Format, seconds: Double, _ setting: [NoiseGate.Param: Float] = [:],
        _ level: @escaping (Double) -> Double
    ) -> [Double] {
        var bench = ModuleBench<NoiseGate>(NoiseGate.self, format: format)
        let rate = Double(format.sampleRate)
        func input(_ frame: Int) -> Float {
            Float(pow(10, level(Double(frame) / rate) / 20)) * (frame / 5 % 2 == 0 ? 1 : -1)
        }
        bench.feed(.input, .moving { _, frame in input(frame) })
        for (param, value) in setting { bench.set(param, value) }
        return bench.run(Int(seconds * rate))[0].enumerated().map { n, value in
            Double(value[1]) / Double(input(n))
        }
    }

    static let formats = [Float(44_100), 48_000, 192_000].flatMap { rate in
        [Format.voices(sampleRate: rate), .bus(sampleRate: rate)]
    }

    @Test func itOpensAtTheThresholdAndClosesBelowTheHysteresis() {
        for format in Self.formats {
            let rate = Double(format.sampleRate)
            // −41, −39, −43, −45 dB for 0.5 seconds each: threshold −40, hysteresis 4.
            let levels = [-41.0, -39, -43, -45]
            let gains = Self.gains(format, seconds: 2, [.range: -60, .hold: 0.05]) {
                levels[min(3, Int($0 * 2))]
            }
            func gain(_ seconds: Double) -> Double { gains[Int(seconds * rate)] }
            #expect(abs(20 * log10(gain(0.49)) + 60) < 0.01)
            // An open gate passes the input bit for bit.
            #expect(gain(0.99) == 1)
            #expect(gain(1.49) == 1)
            #expect(abs(20 * log10(gain(1.99)) + 60) < 7)
        }
    }

    @Test(arguments: [0.001, 0.01])
    func theAttackTimeIs63PercentOfTheWay(attack: Double) {
        for format in Self.formats {
            let rate = Double(format.sampleRate)
            let gains = Self.gains(format, seconds: 0.3, [.attack: Float(attack)]) { $0 < 0.1 ? -60 : -6 }
            let start = Int((0.1 * rate).rounded(.up))
            #expect(gains[start - 1] < 0.000_11)
            let reached = gains.firstIndex { $0 >= 1 - exp(-1) } ?? 0
            let seconds = Double(reached - start) / rate
            #expect(abs(seconds - attack) < 0.02 * attack + 2 / rate, "\(seconds) s")
        }
    }

    @Test func theReleaseTimeIs63PercentOfTheWayAfterTheHold() {
        for format in Self.formats {
            let rate = Double(format.sampleRate)
            let gains = Self.gains(format, seconds: 1.5, [.release: 0.2, .hold: 0.3]) { $0 < 0.1 ? -6 : -60 }
            let end = Int((0.1 * rate).rounded(.up))
            #expect(gains[end + Int(0.309 * rate)] == 1)
            let reached = gains[end...].firstIndex { $0 <= exp(-1) } ?? 0
            let seconds = Double(reached - end) / rate
            #expect(abs(seconds - 0.51) < 0.003, "\(seconds) s")
        }
    }

    @Test func theSideChainOpensTheGate() {
        for format in Format.both {
            var bench = ModuleBench<NoiseGate>(NoiseGate.self, format: format)
            bench.feed(.input, .steady(0.5))
            bench.feed(.key, .moving { _, frame in frame < 10_000 ? 0 : 0.5 })
            bench.set(.sidechain, 1)
            let output = bench.run(20_000)[0].lane(0)
            #expect(output[9_999] < 0.000_1)
            #expect(output[19_999] == 0.5)
        }
    }

    @Test func aBusHasOneGate() {
        var bench = ModuleBench<NoiseGate>(NoiseGate.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, _ in lane == 1 ? 0.5 : 0.000_1 })
        let last = bench.run(9000)[0][8999]
        #expect(last[0] == 0.000_1 && last[1] == 0.5)
    }
}
