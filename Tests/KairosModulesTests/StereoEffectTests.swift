import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Tests of width, tremolo and autopan.
@Suite struct StereoEffectTests {
    static let rates: [Float] = [44_100, 48_000, 192_000]

    @Test func widthIsTheGainOfTheDifference() {
        for (width, left, right) in [
            (Float(0), 0.25, 0.25), (1, 0.75, -0.25), (2, 1.25, -0.75), (0.5, 0.5, 0),
        ] {
            var bench = ModuleBench<Width>(Width.self, format: .bus(sampleRate: 48_000))
            bench.feed(.input, .moving { lane, _ in lane == 0 ? 0.75 : -0.25 })
            bench.set(.width, width)
            for frame in bench.run(13)[0] {
                #expect(abs(Double(frame[0]) - left) < 1e-6 && abs(Double(frame[1]) - right) < 1e-6)
            }
        }
    }

    @Test func widthLeavesASignalAsItIsAt100Percent() {
        var bench = ModuleBench<Width>(Width.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
        bench.cuts = [64, 3, 9]
        let output = bench.run(500)[0]
        for lane in 0..<2 { #expect(output.lane(lane) == (0..<500).map { noise(lane, $0, 1) }) }
        // The sum of both sides does not depend on the width.
        bench.set(.width, .moving { _, frame in 1 + noise(0, frame, 2) })
        for (n, frame) in bench.run(500)[0].enumerated() {
            #expect(abs(frame[0] + frame[1] - noise(0, n, 1) - noise(1, n, 1)) < 1e-6)
        }
    }

    /// Waveform, −1…1, of a phase in turns, at a rate in Hz.
    static func wave(_ shape: Int, _ turns: Double, _ rate: Double) -> Double {
        let sine = sin(2 * .pi * turns)
        return switch shape {
        case 0: sine
        case 1: 2 / .pi * asin(sine)
        default: max(-1, min(1, sine * max(1, 1 / (.pi * 0.004 * rate))))
        }
    }

    @Test(arguments: rates, 0..<3)
    func tremoloIsItsFormula(sampleRate: Float, shape: Int) {
        for format in [Format.voices(sampleRate: sampleRate), .bus(sampleRate: sampleRate)] {
            for (hertz, depth) in [(5.0, 0.5), (0.5, 1), (20, 1)] {
                var bench = ModuleBench<Tremolo>(Tremolo.self, format: format)
                bench.feed(.input, .steady(1))
                bench.set(.rate, Float(hertz))
                bench.set(.depth, Float(depth))
                bench.set(.shape, Float(shape))
                bench.events = [.note(0)]
                // Between two control ticks the gain is a line: the corners of triangle and square are cut off.
                let slope = [3e-4 / 16 * Double(sampleRate), 2 * hertz, 250][shape]
                let tolerance = depth * slope * 16 / Double(sampleRate)
                for (n, value) in bench.run(Int(sampleRate)).first!.enumerated().dropFirst(16) {
                    let turns = hertz * Double(n) / Double(sampleRate)
                    let expected = 1 - depth * 0.5 * (1 - Self.wave(shape, turns, hertz))
                    if abs(Double(value[1]) - expected) > tolerance {
                        Issue.record("frame \(n): \(value[1]), not \(expected)")
                        break
                    }
                }
            }
        }
    }

    /// The phase is that of the clock, also for a note that begins later and after frames in which the module rested.
    @Test func tremoloRunsFreely() {
        var bench = ModuleBench<Tremolo>(Tremolo.self)
        bench.feed(.input, .steady(1))
        bench.events = [.note(0), .note(7001, LaneMask(lane: 3))]
        let whole = bench.run(20_000)[0]
        for n in 7100..<20_000 { #expect(abs(whole[n][3] - whole[n][4]) < 1e-5) }
        bench.idle = 9000..<13_000
        let rested = bench.run(20_000)[0]
        for n in 13_100..<20_000 { #expect(abs(whole[n][3] - rested[n][3]) < 1e-5) }
    }

    @Test(arguments: rates)
    func autopanHasConstantPower(sampleRate: Float) {
        var bench = ModuleBench<Autopan>(Autopan.self, format: .bus(sampleRate: sampleRate))
        bench.feed(.input, .steady(0.5))
        bench.set(.rate, 2)
        bench.set(.depth, 1)
        bench.events = [.note(0)]
        let output = bench.run(Int(sampleRate))[0]
        for (n, frame) in output.enumerated().dropFirst(16) {
            let pan = sin(2 * .pi * 2 * Double(n) / Double(sampleRate))
            let left = 0.5 * 2.0.squareRoot() * sin(.pi / 4 * (1 - pan))
            let right = 0.5 * 2.0.squareRoot() * sin(.pi / 4 * (1 + pan))
            if abs(Double(frame[0]) - left) > 2e-4 || abs(Double(frame[1]) - right) > 2e-4 {
                Issue.record("frame \(n): \(frame[0]), \(frame[1]), not \(left), \(right)")
                break
            }
        }
    }

    @Test func autopanWithoutDepthLeavesTheSignalAsItIs() {
        var bench = ModuleBench<Autopan>(Autopan.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
        bench.set(.depth, 0)
        #expect(bench.run(500)[0].lane(1) == (0..<500).map { noise(1, $0, 1) })
    }
}
