import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Times of the slew limiter.
@Suite struct SlewTests {
    static let rates = [Float(44_100), 48_000, 192_000]

    /// Output for an input that is `a` for 100 frames, then `b` for `seconds`, and then `a` for `seconds` again.
    static func response(
        _ shape: String, _ sampleRate: Float, rise: Float, fall: Float, from a: Float, to b: Float,
        seconds: Float
    ) -> (up: [Float], down: [Float]) {
        var bench = ModuleBench<SlewLimiter>(SlewLimiter.self, format: .voices(sampleRate: sampleRate))
        let count = Int(seconds * sampleRate)
        bench.feed(.input, .moving { _, frame in frame < 100 || frame >= 100 + count ? a : b })
        bench.set(.rise, rise)
        bench.set(.fall, fall)
        bench.set(.shape, word: shape)
        bench.cuts = [64, 7, 16]
        bench.events = [.note(0)]
        let values = bench.run(100 + 2 * count)[0].lane(5)
        #expect(values[..<100].allSatisfy { $0 == a })
        return (Array(values[100..<100 + count]), Array(values[(100 + count)...]))
    }

    @Test func aLinearSlewTakesItsTimeForADistanceOfOne() {
        for sampleRate in Self.rates {
            // A step of 1, and an octave as a pitch in semitones: 12 times as long.
            for (a, b, rise, fall) in [(Float(0), Float(1), Float(0.2), Float(0.5)), (69, 81, 0.02, 0.04)] {
                let (up, down) = Self.response(
                    "linear", sampleRate, rise: rise, fall: fall, from: a, to: b, seconds: 0.6)
                for (values, from, to, time) in [(up, a, b, rise), (down, b, a, fall)] {
                    let frames = Double((b - a) * time * sampleRate)
                    for n in stride(from: 0, to: values.count, by: 101) {
                        let part = min(1, Double(n + 1) / frames)
                        let expected = Double(from) + Double(to - from) * part
                        #expect(abs(Double(values[n]) - expected) < 1e-5 * Double(max(1, b)))
                    }
                    let arrival = values.firstIndex(of: to) ?? 0
                    #expect(abs(Double(arrival + 1) - frames) < 1 + 1e-4 * frames)
                    #expect(values.last == to)
                }
            }
        }
    }

    /// A step per frame of a twentieth of a thousandth of the last bit of a pitch.
    @Test func aSlowMovementOfAPitchDoesNotStall() {
        let (up, _) = Self.response(
            "linear", 192_000, rise: 20, fall: 1, from: 69, to: 81, seconds: 2)
        #expect(abs((up.last ?? 0) - 69.1) < 2e-4)
        let (_, down) = Self.response(
            "exponential", 192_000, rise: 0, fall: 20, from: 69, to: 81, seconds: 2)
        #expect(abs((down.last ?? 0) - (69 + 12 * pow(10, -0.3))) < 5e-3)
    }

    @Test func anExponentialSlewLeavesAThousandthAfterItsTime() {
        for sampleRate in Self.rates {
            let (up, down) = Self.response(
                "exponential", sampleRate, rise: 0.2, fall: 0.5, from: 0, to: 1, seconds: 1.2)
            for (values, time, sign) in [(up, 0.2, -1.0), (down, 0.5, 1.0)] {
                for n in stride(from: 0, to: values.count, by: 97) {
                    let left = pow(10, -3 * Double(n + 1) / (time * Double(sampleRate)))
                    let expected = sign < 0 ? 1 - left : left
                    #expect(abs(Double(values[n]) - expected) < 2e-5)
                }
            }
            #expect(up.last == 1 && down.last == 0)
        }
    }

    @Test(arguments: ["linear", "exponential"])
    func aTimeOfZeroPassesTheInput(shape: String) {
        var bench = ModuleBench<SlewLimiter>(SlewLimiter.self)
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 3) })
        bench.set(.rise, 0)
        bench.set(.fall, 0)
        bench.set(.shape, word: shape)
        for (frame, value) in bench.run(1000)[0].enumerated() { #expect(value[6] == noise(6, frame, 3)) }
    }
}
