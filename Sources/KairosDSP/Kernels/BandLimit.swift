// What a naive waveform lacks to be band-limited, near its jumps and corners.
//
// The step response of a low-pass kernel of eight frames, an even polynomial fitted by least squares: flat within
// 0.6 dB to 10 kHz of 48 kHz, and as little as eight frames allow above 28 kHz, which folds below 20 kHz. The
// method of T. Stilson and J. Smith, "Alias-free digital synthesis of classic analog waveforms", 1996, with a
// polynomial for a table.

/// How many frames before and after a jump a waveform differs from its naive form.
@inline(__always) @inlinable public var bandLimitReach: Float { 4 }

/// What is missing to a step of height 2 at `s` × ``bandLimitReach`` frames after it, 0 ≤ s ≤ 1: 1 … 0.
/// Before the step the same is too much.
///
/// > Audio thread.
@inline(__always) @inlinable public func stepResidual(_ s: Lanes) -> Lanes {
    // In powers of 1 − s², so that it ends on exactly 0.
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

/// What is missing at a corner, `s` × ``bandLimitReach`` frames before or after it, 0 ≤ s ≤ 1, for a slope that
/// grows there by 1 each ``bandLimitReach`` frames: the integral of half the ``stepResidual(_:)`` from s to 1.
///
/// > Audio thread.
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

/// A band-limited sawtooth that rises through 0 at phase 0 and falls by 2 at half a turn.
///
/// `reachesPerStep` is a step of the 32-bit phase in ``bandLimitReach`` frames: 2⁻³² / (4 × cycles a frame).
/// `crowded` when in some lane a jump's reach meets the next jump's.
///
/// > Audio thread.
@inline(__always) @inlinable public func sawtooth(
    phase: SIMD16<UInt32>, reachesPerStep: Lanes, crowded: Bool
) -> Lanes {
    let place = signedSteps(phase), size = place.magnitude
    let halfTurn = reachesPerStep * Lanes(repeating: 0x1p31)
    var missing = stepResidual(halfTurn.subtractingProduct(size, reachesPerStep).smaller(.one))
    if crowded {
        // What is 0 in the other lanes changes no bit of theirs.
        let further = reachesPerStep * Lanes(repeating: 0x3p31)
        missing -= stepResidual(halfTurn.addingProduct(size, reachesPerStep).smaller(.one))
        missing += stepResidual(further.subtractingProduct(size, reachesPerStep).smaller(.one))
        missing -= stepResidual(further.addingProduct(size, reachesPerStep).smaller(.one))
    }
    // Taken off where it is after the jump, added where before: twice the turns, from −1 to 1.
    return missing.withSign(of: place).negated.addingProduct(place, Lanes(repeating: 0x1p-31))
}

/// A band-limited triangle that rises through 0 at phase 0, with its corners at a quarter turn before and after.
///
/// `turns` is the phase as −½ … ½, `turnsPerReach` and `reachesPerTurn` what ``bandLimitReach`` frames are.
/// `crowded` when in some lane a corner's reach meets the next corner's.
///
/// > Audio thread.
@inline(__always) @inlinable public func triangle(
    turns: Lanes, turnsPerReach: Lanes, reachesPerTurn: Lanes, crowded: Bool
) -> Lanes {
    let size = turns.magnitude, half = Lanes(repeating: 0.5)
    let away = (size - Lanes(repeating: 0.25)).magnitude
    var missing = cornerResidual((away * reachesPerTurn).smaller(.one))
    if crowded {
        // What is 0 in the other lanes changes no bit of theirs.
        let further = Lanes(repeating: 1.5)
        missing -= cornerResidual(((half - away) * reachesPerTurn).smaller(.one))
        missing -= cornerResidual(((half + away) * reachesPerTurn).smaller(.one))
        missing += cornerResidual(((.one - away) * reachesPerTurn).smaller(.one))
        missing += cornerResidual(((.one + away) * reachesPerTurn).smaller(.one))
        missing -= cornerResidual(((further - away) * reachesPerTurn).smaller(.one))
        missing -= cornerResidual(((further + away) * reachesPerTurn).smaller(.one))
    }
    // The slope turns from 4 a turn to −4 a turn.
    let value =
        size.smaller(half - size) * Lanes(repeating: 4) - missing * (turnsPerReach * Lanes(repeating: 8))
    return value.withSign(of: turns)
}
