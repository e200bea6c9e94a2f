import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The DC blocker compared with its formula.
@Suite struct DCBlockTests {
    static let rates: [Float] = [44_100, 48_000, 96_000, 192_000]

    /// One-pole high-pass filter at 5 Hz: −3 dB at 5 Hz, −0.14 dB at 27.5 Hz, the lowest note of a piano.
    @Test(arguments: rates)
    func theResponseIsThatOfAHighPassFilter(rate: Float) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            var bench = ModuleBench<DCBlock>(DCBlock.self, format: format)
            bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
            bench.cuts = [64, 3]
            let response = bench.run(Int(rate))[0].lane(1)
            for hertz in [1.0, 5, 27.5, 100, 1000, 10_000] {
                let expected = -10 * log10(1 + 25 / (hertz * hertz))
                let found = level(response, hertz / Double(rate))
                #expect(abs(found - expected) < 0.01, "at \(hertz) Hz: \(found) dB, not \(expected)")
            }
        }
    }

    /// An offset under a tone is gone: −60 dB after 0.22 seconds, and nothing is left of it.
    @Test(arguments: rates)
    func anOffsetIsRemoved(rate: Float) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            var bench = ModuleBench<DCBlock>(DCBlock.self, format: format)
            let step = 2 * Double.pi * 100 / Double(rate)
            bench.feed(.input, .moving { _, frame in 0.5 + 0.25 * Float(sin(step * Double(frame))) })
            let output = bench.run(Int(rate) * 2)[0].lane(0)
            func mean(_ from: Double, _ periods: Int) -> Double {
                let first = Int(from * Double(rate)), count = periods * Int(rate) / 100
                return output[first..<first + count].reduce(0) { $0 + Double($1) } / Double(count)
            }
            #expect(abs(mean(0.22, 1)) < 0.000_6)
            #expect(abs(mean(1, 100)) < 5e-6)
        }
    }

    @Test(arguments: rates)
    func aConstantIsForgotten(rate: Float) {
        var bench = ModuleBench<DCBlock>(DCBlock.self, format: .bus(sampleRate: rate))
        bench.feed(.input, .steady(0.7))
        let output = bench.run(Int(rate))[0].lane(1)
        #expect(abs(output[Int(0.22 * rate)]) < 0.000_72)
        #expect(abs(output[Int(rate) - 1]) < 1e-7)
    }
}
