// Residuals that turn naive waveforms into band-limited ones (polynomial BLEP and BLAMP) around their
// discontinuities (steps and corners).
//
// The step response is that of a low-pass kernel of eight frames, an even polynomial fitted by least squares:
// flat within 0.6 dB up to 10 kHz at 48 kHz, and with as much attenuation as eight frames allow above 28 kHz,
// which aliases below 20 kHz. Method: T. Stilson and J. Smith, "Alias-free digital synthesis of classic
// analog waveforms", 1996, with a polynomial in place of a table.

/// Kernel half-width in frames: a waveform differs from its naive form this long before and after a
/// discontinuity.
@inline(__always) @inlinable public var kernelHalfWidth: Float { 4 }

/// Step residual (BLEP): the difference between a naive step of height 2 and its band-limited form, `s`
/// kernel half-widths after the step, 0 ≤ s ≤ 1; falls from 1 to 0. [audio]
///
/// It is subtracted after the step. Before the step the same amount is added, by symmetry.
@inline(__always) @inlinable public func stepResidual(_ s: Lanes) -> Lanes {
    // In powers of 1 − s², so that it ends at exactly 0.
    let v = Lanes.one.subtractingProduct(s, s)
    var p = Lanes(repeating: 2.77863206028998)
    p = Lanes(repeating: -1.326860378199948).addingProduct(p, v)
    p = Lanes(repeating: 1.401295136421866).addingProduct(p, v)
    p = Lanes(repeating: 0.27291945628231).addingProduct(p, v)
    p = Lanes(repeating: 0.375000000000014).addingProduct(p, v)
    p = Lanes(repeating: 0.499999999999986).addingProduct(p, v)
    p = Lanes(repeating: 1).addingProduct(p, v)
    return Lanes.one.subtractingProduct(p, s)
}

/// Corner residual (BLAMP): the difference between a naive corner and its band-limited form, `s` kernel
/// half-widths before or after the corner, 0 ≤ s ≤ 1, for a slope that changes there by 1 per kernel
/// half-width. [audio]
///
/// It is the integral of half of ``stepResidual(_:)`` from s to 1.
@inline(__always) @inlinable public func cornerResidual(_ s: Lanes) -> Lanes {
    let v = Lanes.one.subtractingProduct(s, s)
    var p = Lanes(repeating: -0.099236859296071)
    p = Lanes(repeating: 0.0552858490916645).addingProduct(p, v)
    p = Lanes(repeating: -0.0700647568210933).addingProduct(p, v)
    p = Lanes(repeating: -0.0170574660176439).addingProduct(p, v)
    p = Lanes(repeating: -0.0312500000000031).addingProduct(p, v)
    p = Lanes(repeating: -0.0624999999999982).addingProduct(p, v)
    p = Lanes(repeating: -0.249999999999999).addingProduct(p, v)
    return Lanes(repeating: 0.5).addingProduct(p, v).addingProduct(s, Lanes(repeating: -0.5))
}

/// Band-limited sawtooth, −1…1: rises through 0 at phase 0 and falls by 2 at half a turn. [audio]
///
/// `halfWidthsPerStep` is one step of the 32-bit phase in units of ``kernelHalfWidth``: 2⁻³² / (4 × cycles
/// per frame). `kernelsOverlap` must be true if in any lane the period is shorter than the kernel of eight
/// frames, so that the residuals of neighbouring discontinuities overlap (frequency > sample rate / 8).
@inline(__always) @inlinable public func sawtooth(
    phase: SIMD16<UInt32>, halfWidthsPerStep: Lanes, kernelsOverlap: Bool
) -> Lanes {
    let steps = signedSteps(phase), size = steps.magnitude
    let halfTurn = halfWidthsPerStep * Lanes(repeating: 0x1p31)
    var residual = stepResidual(halfTurn.subtractingProduct(size, halfWidthsPerStep).smaller(.one))
    if kernelsOverlap {
        // Adds exactly 0 in lanes without overlap, so that their bits do not change.
        let further = halfWidthsPerStep * Lanes(repeating: 0x3p31)
        residual -= stepResidual(halfTurn.addingProduct(size, halfWidthsPerStep).smaller(.one))
        residual += stepResidual(further.subtractingProduct(size, halfWidthsPerStep).smaller(.one))
        residual -= stepResidual(further.addingProduct(size, halfWidthsPerStep).smaller(.one))
    }
    // The residual is subtracted after the step and added before it. The naive sawtooth is twice the phase in
    // turns.
    return residual.withSign(of: steps).negated.addingProduct(steps, Lanes(repeating: 0x1p-31))
}

/// Band-limited triangle, −1…1: rises through 0 at phase 0, with corners a quarter turn before and after.
/// [audio]
///
/// `turns` is the phase, −½…½. `turnsPerHalfWidth` is ``kernelHalfWidth`` in turns, `halfWidthsPerTurn` its
/// reciprocal. `kernelsOverlap` must be true if in any lane half a period is shorter than the kernel of eight
/// frames, so that the residuals of neighbouring corners overlap (frequency > sample rate / 16).
@inline(__always) @inlinable public func triangle(
    turns: Lanes, turnsPerHalfWidth: Lanes, halfWidthsPerTurn: Lanes, kernelsOverlap: Bool
) -> Lanes {
    let size = turns.magnitude, half = Lanes(repeating: 0.5)
    let distance = (size - Lanes(repeating: 0.25)).magnitude
    var residual = cornerResidual((distance * halfWidthsPerTurn).smaller(.one))
    if kernelsOverlap {
        // Adds exactly 0 in lanes without overlap, so that their bits do not change.
        let further = Lanes(repeating: 1.5)
        residual -= cornerResidual(((half - distance) * halfWidthsPerTurn).smaller(.one))
        residual -= cornerResidual(((half + distance) * halfWidthsPerTurn).smaller(.one))
        residual += cornerResidual(((.one - distance) * halfWidthsPerTurn).smaller(.one))
        residual += cornerResidual(((.one + distance) * halfWidthsPerTurn).smaller(.one))
        residual -= cornerResidual(((further - distance) * halfWidthsPerTurn).smaller(.one))
        residual -= cornerResidual(((further + distance) * halfWidthsPerTurn).smaller(.one))
    }
    // At a corner the slope changes by 8 per turn, from 4 to −4.
    let value =
        size.smaller(half - size) * Lanes(repeating: 4) - residual * (turnsPerHalfWidth * Lanes(repeating: 8))
    return value.withSign(of: turns)
}
