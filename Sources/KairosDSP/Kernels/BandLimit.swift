// What a naive waveform lacks to be band-limited, near its jumps and corners.
//
// The step response of a low-pass kernel of eight frames, an even polynomial fitted by least squares: flat within
// 0.6 dB to 10 kHz of 48 kHz, and as little as eight frames allow above 28 kHz, which folds below 20 kHz. The
// method of T. Stilson and J. Smith, "Alias-free digital synthesis of classic analog waveforms", 1996, with a
// polynomial for a table.

/// How many frames before and after a jump a waveform differs from its naive form.
@inline(always) @inlinable public var bandLimitReach: Float { 4 }

/// What is missing to a step of height 1 at `s` × ``bandLimitReach`` frames after it, 0 ≤ s ≤ 1: ½ … 0.
/// Before the step the same is too much.
///
/// > Audio thread.
@inline(always) @inlinable public func stepResidual(_ s: Lanes) -> Lanes {
    // In powers of 1 − s², so that it ends on exactly 0.
    let v = Lanes.one.subtractingProduct(s, s)
    var p = Lanes(repeating: 1.38931603014499)
    p = Lanes(repeating: -0.663430189099974).addingProduct(p, v)
    p = Lanes(repeating: 0.700647568210933).addingProduct(p, v)
    p = Lanes(repeating: 0.136459728141155).addingProduct(p, v)
    p = Lanes(repeating: 0.187500000000007).addingProduct(p, v)
    p = Lanes(repeating: 0.249999999999993).addingProduct(p, v)
    p = Lanes(repeating: 0.5).addingProduct(p, v)
    return Lanes(repeating: 0.5).subtractingProduct(p, s)
}

/// What is missing at a corner, `s` × ``bandLimitReach`` frames before or after it, 0 ≤ s ≤ 1, for a slope that
/// grows there by 1 each ``bandLimitReach`` frames: the integral of ``stepResidual(_:)`` from s to 1.
///
/// > Audio thread.
@inline(always) @inlinable public func cornerResidual(_ s: Lanes) -> Lanes {
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
/// `turns` is the phase as −½ … ½, `framesPerReach` the turns' factor to ``bandLimitReach`` frames: 1 / (4 ×
/// increment). `crowded` when in some lane a jump's reach meets the next jump's.
///
/// > Audio thread.
@inline(always) @inlinable public func sawtooth(turns: Lanes, reachesPerTurn: Lanes, crowded: Bool) -> Lanes {
    let size = turns.magnitude, half = Lanes(repeating: 0.5)
    let halfTurn = half * reachesPerTurn
    var missing = stepResidual(halfTurn.subtractingProduct(size, reachesPerTurn).smaller(.one))
    if crowded {
        // What is 0 in the other lanes changes no bit of theirs.
        let further = Lanes(repeating: 1.5)
        missing -= stepResidual(((half + size) * reachesPerTurn).smaller(.one))
        missing += stepResidual(((further - size) * reachesPerTurn).smaller(.one))
        missing -= stepResidual(((further + size) * reachesPerTurn).smaller(.one))
    }
    let value = turns - missing.withSign(of: turns)
    return value + value
}

/// A band-limited triangle that rises through 0 at phase 0, with its corners at a quarter turn before and after.
///
/// `turns` is the phase as −½ … ½, `turnsPerReach` and `reachesPerTurn` what ``bandLimitReach`` frames are.
/// `crowded` when in some lane a corner's reach meets the next corner's.
///
/// > Audio thread.
@inline(always) @inlinable public func triangle(
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
