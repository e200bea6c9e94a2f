import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// A sine oscillator with feedback has no constant offset, and feedback that moves makes no step.
@Suite struct FeedbackOffsetTests {
    @Test(arguments: [44_100.0, 48_000, 96_000]) func feedbackLeavesNoOffset(rate: Double) {
        for hertz in [262.0, 1047, 2094] {
            for feedback: Float in [0.3, 0.6, 1] {
                let signal = OscillatorTests.note(
                    Sine.self, pitch: .pitch, hertz: hertz, frames: Int(rate) + 65_536, rate: rate,
                    set: [Sine.Param.feedback.rawValue: feedback]
                ).suffix(65_536)
                // A Hann window, so that the mean does not depend on where a period ends.
                let mean = signal.enumerated().reduce(0.0) { sum, sample in
                    let window = 1 - cos(2 * Double.pi * Double(sample.offset) / 65_536)
                    return sum + window * Double(sample.element) / 65_536
                }
                let power = signal.reduce(0.0) { $0 + Double($1) * Double($1) } / 65_536
                // With the offset it was 0.3 to 0.54.
                let part = abs(mean) / power.squareRoot()
                #expect(part < 1e-3, "\(hertz) Hz, feedback \(feedback): \(part) of the level")
            }
        }
    }

    /// The offset goes with the feedback, without a step; then the bits are those of a note without feedback.
    @Test(arguments: [44_100.0, 48_000]) func offsetGoesWithTheFeedback(rate: Double) {
        func render(_ feedback: ModuleBench<Sine>.Source) -> [Float] {
            var bench = ModuleBench<Sine>(Sine.self, format: .voices(sampleRate: Float(rate)))
            bench.feed(.pitch, .steady(48))
            bench.params[Sine.Param.feedback.rawValue] = feedback
            bench.events = [.note(0)]
            return bench.run(Int(2 * rate))[0].lane(2)
        }
        let end = Int(rate / 2)
        let plain = render(.steady(0))
        let moved = render(.moving { _, n in n < end ? 0.4 : max(0, 0.4 - Float(n - end) / 480) })
        let begun = render(.moving { _, n in n < end ? 0 : min(0.4, Float(n - end) / 480) })
        // 0.5 seconds of 5 Hz are −136 dB.
        let settled = end + Int(0.6 * rate)
        #expect(moved[settled...] == plain[settled...])
        #expect(begun[..<end] == plain[..<end])
        // A sine wave of 131 Hz moves by at most 0.018 in a frame; with this feedback, by 2.7 times as much.
        for signal in [moved, begun] {
            let steps = (end - 5..<end + 600).map { abs(signal[$0 + 1] - signal[$0]) }
            #expect((steps.max() ?? 1) < 0.06, "\(steps.max() ?? 1)")
        }
    }
}
