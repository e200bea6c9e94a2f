import KairosDSP

/// Waveform of a modulator that is a part of an effect, in the order of the words in a patch.
enum ModulatorShape: Int, CaseIterable {
    case sine, triangle, square

    /// Value, −1…1, at `phase` for a rate in Hz. An edge of the square takes four milliseconds, or half a cycle where
    /// that is shorter.
    @inline(__always) func value(_ phase: SIMD16<UInt32>, rate: Lanes) -> Lanes {
        let turns = signedTurns(phase)
        switch self {
        case .sine: return KairosDSP.sine(turns: turns)
        case .triangle:
            let size = turns.magnitude
            return (size.smaller(Lanes(repeating: 0.5) - size) * Lanes(repeating: 4)).withSign(of: turns)
        case .square:
            // A sine of this amplitude rises from −1 to 1 in four milliseconds.
            let amplitude = Lanes(repeating: 1 / (.pi * 0.004)) / rate
            return (KairosDSP.sine(turns: turns) * amplitude.larger(.one)).clamped(-1, 1)
        }
    }
}
