import KairosDSP

/// Constant offset of a sine oscillator with feedback, and the high-pass filter at 5 Hz that removes it.
///
/// The offset is the integral of the output: the filter is the one of ``DCBlock``, with another state. While a lane has no
/// feedback its offset decays to 0, with 5 Hz as well, so that the output does not jump where feedback begins or ends; then
/// the output has the bits of the input.
struct FeedbackOffset {
    private let pole: Lanes
    private let growth: Lanes
    private var offset = Lanes.zero
    /// Output of the last frame; 0 in lanes without feedback.
    private var last = Lanes.zero

    init(sampleRate: Float) {
        let kept = expPrecise(-2 * .pi * 5 / sampleRate)
        pole = Lanes(repeating: kept)
        growth = Lanes(repeating: 1 - kept)
    }

    /// Clears `lanes`. [audio]
    mutating func clear(_ lanes: LaneMask) {
        offset.set(lanes, to: 0)
        last.set(lanes, to: 0)
    }

    /// True if no lane has an offset, or is about to get one.
    var isZero: Bool { @inline(__always) get { !((offset .!= Lanes.zero) .| (last .!= Lanes.zero)).any } }

    /// The next frame `value` without its offset, in lanes where `feedback` is not 0. [audio]
    @inline(__always) mutating func removed(from value: Lanes, feedback: Lanes) -> Lanes {
        let isUnfed = feedback .== Lanes.zero, decayed = offset * pole
        // −120 dB counts as 0.
        let left = decayed.replacing(with: 0, where: decayed.magnitude .< Lanes(repeating: 1e-6))
        offset = offset.addingProduct(last, growth).replacing(with: left, where: isUnfed)
        let output = value - offset
        last = output.replacing(with: 0, where: isUnfed)
        return output
    }
}
