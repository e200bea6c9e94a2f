import KairosDSP

/// One-pole low-pass filter of one channel, 6 dB per octave (bilinear transform), sixteen frames at once. [audio]
struct TickLowPass: BitwiseCopyable {
    /// Coefficients of one cutoff frequency.
    struct Pole: BitwiseCopyable {
        /// The pole, and its powers 2, 4 and 8.
        private(set) var powers: (Float, Float, Float, Float) = (0, 0, 0, 0)
        /// Gain of the sum of the last two inputs.
        private(set) var feed: Float = 0

        /// A filter that passes nothing.
        init() {}

        /// A cutoff frequency in cycles per frame, below ½.
        @inline(__always) init(_ cutoff: Float) {
            let turns = Lanes(repeating: min(0.49, cutoff))
            let s = sine(halfTurns: turns), c = cosine(halfTurns: turns)
            let pole = ((c - s) / (c + s))[0], second = pole * pole, fourth = second * second
            powers = (pole, second, fourth, fourth * fourth)
            feed = 0.5 - 0.5 * pole
        }
    }

    private var lastInput: Float = 0
    private var lastOutput: Float = 0

    /// Clears the state.
    mutating func reset() { self = TickLowPass() }

    /// Filters the frames of a tick.
    @inline(__always) mutating func filter(_ x: Lanes, _ pole: Pole) -> Lanes {
        let sums = x + x.later(after: lastInput), p = pole.powers
        let before = p.0 * lastOutput
        let first = Lanes(before, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let y = first.addingProduct(sums, Lanes(repeating: pole.feed)).recursion(p.0, p.1, p.2, p.3)
        lastInput = x[15]
        lastOutput = y[15]
        return y
    }
}
