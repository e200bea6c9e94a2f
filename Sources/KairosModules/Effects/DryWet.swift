import KairosDSP

/// Gains of a dry/wet mix that keeps the dry signal at its level up to 50 %. [audio]
///
/// The dry gain is 1 up to 50 %, and falls linearly to 0. The wet gain grows as the square of the mix, which makes
/// even steps for the ear: −28, −16, −9, −4 and 0 dB at 10, 20, 30, 40 and 50 %.
struct DryWet: BitwiseCopyable {
    /// Gain of the input, 0 … 1.
    let dry: Float
    /// Gain of the effect, 0 … 1.
    let wet: Float

    /// The gains for a `mix` of 0 … 1.
    @inline(__always) init(_ mix: Float) {
        let half = min(1, 2 * mix)
        dry = min(1, 2 - 2 * mix)
        wet = half * half
    }

    /// The gains of each lane.
    struct Gains {
        /// Gain of the input, 0 … 1.
        let dry: Lanes
        /// Gain of the effect, 0 … 1.
        let wet: Lanes

        /// The gains for a `mix` of 0 … 1.
        @inline(__always) init(_ mix: Lanes) {
            let twice = mix + mix, half = twice.smaller(.one)
            dry = (Lanes(repeating: 2) - twice).smaller(.one)
            wet = half * half
        }
    }
}
