import KairosDSP

/// Waveform of an LFO, in the order of the words in a patch. A cycle begins at phase 0.
enum LFOShape: Int, CaseIterable {
    /// Sine, and triangle, which begin at 0 and rise.
    case sine, triangle
    /// Ramp from −1 to 1, which begins in its middle.
    case saw
    /// 1, then −1.
    case square
    /// A new value at the beginning of each cycle.
    case random
    /// Ramp from 1 to −1.
    case sawDown
    /// A new value each cycle, and a movement to the next one.
    case smooth
    /// From −1 to 1, and from 1 to −1, by equal ratios: 40 dB of the distance to −1.
    case expUp, expDown

    /// Value, −1…1, at `shifted`, which is `phase` with the phase offset. `source` is the number of the cycle that
    /// `phase` is in, plus a seed. `width` is the part of the cycle in which the square is 1.
    @inline(__always) func value(
        _ phase: SIMD16<UInt32>, _ shifted: SIMD16<UInt32>, _ source: SIMD16<UInt32>, width: Lanes
    ) -> Lanes {
        // With the phase offset, the next cycle may have begun already.
        @inline(__always) func number() -> SIMD16<UInt32> {
            source.replacing(with: source &+ SIMD16(repeating: 1), where: shifted .< phase)
        }
        let turns = signedTurns(shifted)
        switch self {
        case .sine: return KairosDSP.sine(turns: turns)
        case .triangle:
            let size = turns.magnitude
            return (size.smaller(Lanes(repeating: 0.5) - size) * Lanes(repeating: 4)).withSign(of: turns)
        case .saw: return turns + turns
        case .square:
            return Lanes(repeating: -1).replacing(with: 1, where: unitTurns(shifted) .< width)
        case .random: return bipolar(scrambled(number()))
        case .sawDown: return Lanes.one.subtractingProduct(unitTurns(shifted), Lanes(repeating: 2))
        case .smooth:
            let first = number(), part = unitTurns(shifted)
            let from = bipolar(scrambled(first)), to = bipolar(scrambled(first &+ SIMD16(repeating: 1)))
            // Flat at both ends.
            return from.addingProduct(to - from, part * part * (Lanes(repeating: 3) - (part + part)))
        case .expUp: return Self.decay(Lanes.one - unitTurns(shifted))
        case .expDown: return Self.decay(unitTurns(shifted))
        }
    }

    /// From 1 at 0 to −1 at 1: 2 · (100^(−x) − 0.01) / 0.99 − 1.
    @inline(__always) private static func decay(_ x: Lanes) -> Lanes {
        Lanes(repeating: -1 - 0.02 / 0.99)
            .addingProduct(exp2(x * Lanes(repeating: -6.643_856)), Lanes(repeating: 2 / 0.99))
    }
}
