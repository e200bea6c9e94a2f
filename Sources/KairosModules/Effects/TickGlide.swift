import KairosDSP

/// Setting of a delay that glides to its target, once a control tick: a one-pole movement of 100 ms, with a limited
/// speed. [audio]
///
/// The pitch of the delayed signal therefore moves by at most 43 cents, and smoothly.
struct TickGlide: BitwiseCopyable {
    /// Value in frames at the end of the tick.
    private(set) var value: Float = 0
    /// Part of the distance that is covered in a tick.
    private let part: Float

    init(_ format: Format) {
        part = decayPerFrame(
            ratio: 0.367_879_4, frames: 0.1 * format.sampleRate / Float(SubBlock.controlTick))
    }

    /// The value at the end of the next tick; `target` at once if `snapping`.
    @inline(__always) mutating func advance(to target: Float, snapping: Bool) -> Float {
        value = snapping ? target : value + min(0.4, max(-0.4, (target - value) * part))
        return value
    }
}
