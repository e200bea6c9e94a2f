import KairosDSP

/// Distribution of random values in −1 … 1, in the order of the words in a patch.
enum RandomDistribution: Int, CaseIterable {
    /// All values alike.
    case uniform
    /// Normal distribution with a standard deviation of ⅓, cut off at three of them.
    case normal
    /// −1 or 1.
    case coin

    /// The value for 32 random bits.
    @inline(__always) func value(_ bits: SIMD16<UInt32>) -> Lanes {
        switch self {
        case .uniform: return bipolar(bits)
        case .normal:
            // G. Box, M. Muller, "A note on the generation of random normal deviates", 1958. The first number is
            // above 0, so that its logarithm is finite: −2 · ln(x) is −1.386 · log2(x).
            let first = unitTurns(bits) + Lanes(repeating: 0x1p-24)
            let radius = (log2(first) * Lanes(repeating: -1.386_294_4)).larger(.zero).roots
            let angle = scrambled(bits ^ SIMD16(repeating: 0x9e37_79b9))
            return (radius * sine(phase: angle) * Lanes(repeating: 1 / 3)).clamped(-1, 1)
        case .coin: return Lanes.one.withSign(of: bipolar(bits))
        }
    }
}
