import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The flanger compared with the comb filter of its delay.
@Suite struct FlangerTests {
    /// Impulse response of the left channel, with the depth at 0 unless `set` gives another.
    private static func response(_ set: [Flanger.Param: Float], _ sampleRate: Float = 48_000) -> [Float] {
        var bench = ModuleBench<Flanger>(Flanger.self, format: .bus(sampleRate: sampleRate))
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.set(.depth, 0)
        for (param, value) in set { bench.set(param, value) }
        bench.events = [.note(0)]
        return bench.run(1 << 15)[0].lane(0)
    }

    @Test(arguments: [Float(44_100), 48_000, 192_000], [Float(0.000_25), 0.001_37, 0.008])
    func notchesAreThoseOfAComb(sampleRate: Float, delay: Float) {
        let response = Self.response([.delay: delay, .feedback: 0], sampleRate)
        for notch in 0..<8 {
            let hertz = (Double(notch) + 0.5) / Double(delay)
            if hertz > 5000 { break }
            let atNotch = level(response, hertz / Double(sampleRate))
            #expect(atNotch < -45, "notch at \(hertz) Hz: \(atNotch) dB")
            // At a peak both signals add.
            let peak = level(response, (hertz + 0.5 / Double(delay)) / Double(sampleRate))
            if hertz < 2500 { #expect(abs(peak - 6.02) < 0.05, "peak: \(peak) dB") }
        }
    }

    @Test(arguments: [Float(-0.95), -0.5, 0.3, 0.95])
    func feedbackIsThatOfTheFormula(feedback: Float) {
        let delay: Float = 0.002
        let response = Self.response([.delay: delay, .feedback: feedback, .mix: 1])
        let part: Double = 1 - exp(-2 * Double.pi * 80 / 48_000)
        for hertz in stride(from: 30.0, to: 4000, by: 97) {
            let angle = 2 * .pi * hertz / 48_000, frames = Double(delay) * 48_000
            // The high-pass filter 1 − part / (1 − (1 − part) z⁻¹), and 1 − feedback · filter · z^−delay.
            let rest = 1 - part, gain = Double(feedback)
            let a = 1 - rest * cos(angle), b = rest * sin(angle), size = a * a + b * b
            let real = 1 - part * a / size, imaginary = part * b / size
            let c = cos(angle * frames), s = -sin(angle * frames)
            let x = 1 - gain * (real * c - imaginary * s), y = gain * (real * s + imaginary * c)
            let below = hypot(x, y), found = level(response, hertz / 48_000)
            #expect(abs(found + 20 * log10(below)) < 0.1, "\(hertz) Hz: \(found) dB")
        }
    }

    /// Both channels against the formula for a sine wave, with a movement through zero.
    @Test(arguments: [Float(44_100), 96_000], [Float(0), 1])
    func theDelayMovesInOctaves(sampleRate: Float, throughZero: Float) {
        let rate = Double(sampleRate), hertz = 400.0, mean = Double(Float(0.002)), depth = 0.5
        let speed = Double(Float(1.5))
        var bench = ModuleBench<Flanger>(Flanger.self, format: .bus(sampleRate: sampleRate))
        bench.feed(.input, .moving { _, n in Float(sin(2 * .pi * hertz * Double(n) / rate)) })
        bench.set(.delay, Float(mean))
        bench.set(.depth, Float(depth))
        bench.set(.rate, Float(speed))
        bench.set(.feedback, 0)
        bench.set(.throughZero, throughZero)
        bench.events = [.note(0)]
        var largest = 0.0, sooner = 0
        for (n, frame) in bench.run(Int(rate))[0].enumerated().dropFirst(Int(rate / 20)) {
            let time = Double(n) / rate
            for side in 0..<2 {
                let turns = speed * time - 0.125 * (side == 0 ? -1 : 1)
                let delay = mean * exp2(2 * depth * sin(2 * .pi * turns))
                if delay < mean { sooner += 1 }
                let dry = sin(2 * .pi * hertz * (time - (throughZero == 0 ? 0 : mean)))
                let expected = dry + sin(2 * .pi * hertz * (time - delay))
                largest = max(largest, abs(Double(frame[side]) - expected))
            }
        }
        #expect(largest < 0.003, "\(largest)")
        #expect(sooner > Int(rate / 2))
    }

    /// Through zero without a movement both signals are one: no notch is left.
    @Test func throughZeroThereAreNoNotches() {
        let response = Self.response([.delay: 0.003, .feedback: 0, .throughZero: 1])
        for hertz in stride(from: 50.0, to: 5000, by: 111) {
            #expect(abs(level(response, hertz / 48_000) - 6.02) < 0.05)
        }
    }

    /// The switch fades in 10 ms.
    @Test func switchingThroughZeroDoesNotClick() {
        var bench = ModuleBench<Flanger>(Flanger.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { _, n in Float(sin(2 * .pi * 200 * Double(n) / 48_000)) })
        bench.set(.depth, 0)
        bench.set(.feedback, 0)
        var change = ModuleBench<Flanger>.Event(9600)
        change.set = [(Flanger.Param.throughZero.rawValue, .steady(1))]
        bench.events = [.note(0), change]
        let output = bench.run(19_200)[0].lane(0)
        func sharpest(_ frames: Range<Int>) -> Float {
            frames.map { abs(output[$0] - 2 * output[$0 - 1] + output[$0 - 2]) }.max() ?? 0
        }
        #expect(sharpest(9500..<10_500) < 2 * sharpest(4000..<9500))
    }
}
