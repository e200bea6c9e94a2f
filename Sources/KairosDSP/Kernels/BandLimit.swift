// Residuals that turn naive waveforms into band-limited ones (BLEP and BLAMP) around their discontinuities (steps
// and corners).
//
// The step response is that of a low-pass kernel of fourteen frames. It is flat within 0.6 dB up to 16 kHz at 44.1 kHz,
// and attenuates what aliases below 20 kHz: a sawtooth of up to 4.2 kHz has aliases below −89 dB, a pulse below −86 dB.
// Method: T. Stilson and J. Smith, "Alias-free digital synthesis of classic analog waveforms", 1996; E. Brandt, "Hard
// sync without aliasing", 2001. The kernel is designed by linear programming (`scripts/oscillator-kernel`), and its
// residuals are tables: see ``ResidualTable``.
//
// The waveforms here know when the next discontinuity comes, because the pitch is constant or a line between two control
// ticks. Hard sync, or a pitch that moves at every frame, would need a list of the last discontinuities in each lane, and
// an output that is 7 frames late.

/// Kernel half-width in frames: a waveform differs from its naive form this long before and after a
/// discontinuity.
@inline(__always) @inlinable public var kernelHalfWidth: Float { 7 }

/// Position in a ``ResidualTable`` with the frequency on the move, of a discontinuity that is at `position` with the
/// frequency of this frame.
///
/// `side` is negative if the discontinuity is past, positive if it is to come. `bend` is half of the relative change of
/// the frequency per frame. If the phase grows by i in this frame and by Δ more in each that follows, a discontinuity
/// that lies d · i behind the phase was d + Δ/2i · d · (d + 1) frames ago; one to come has d < 0.
@inline(__always) @inlinable func bentPosition(_ position: Lanes, side: Lanes, bend: Lanes) -> Lanes {
    let perHalfWidth = ResidualTable.perHalfWidth
    let distance = Lanes(repeating: ResidualTable.atDiscontinuity) - position
    let near = distance.smaller(Lanes(repeating: perHalfWidth))
    let perFrame = bend * Lanes(repeating: kernelHalfWidth / perHalfWidth)
    return position.subtractingProduct(near, bend.subtractingProduct(near.withSign(of: side), perFrame))
}

/// Band-limited sawtooth, −1…1: rises through 0 at phase 0 and falls by 2 at half a turn. [audio]
///
/// `positionsPerStep` is one step of the 32-bit phase in positions of a ``ResidualTable``: 7.75 · 2⁻³² / (7 × cycles per
/// frame). `overlap` is the number of periods, in the lane with the shortest one, that cover a kernel half-width; 0 if in
/// all lanes a period is longer than the kernel of fourteen frames, so that no kernels overlap. `bend` is half of the
/// relative change of the frequency per frame; nil if the frequency is constant.
@inline(__always) @inlinable public func sawtooth(
    phase: SIMD16<UInt32>, positionsPerStep: Lanes, overlap: Int, bend: Lanes? = nil
) -> Lanes {
    let steps = signedSteps(phase), size = steps.magnitude
    /// Residual of the discontinuity whose distance is `middle` at phase 0 and falls by `slope` for each step away
    /// from there. The sign of `side` says whether it is past or to come.
    @inline(__always) func residual(_ middle: Lanes, _ slope: Lanes, _ side: Lanes) -> Lanes {
        let atZero = Lanes(repeating: ResidualTable.atDiscontinuity) - middle
        let position = atZero.addingProduct(size, slope)
        guard let bend else { return ResidualTable.step(position) }
        return ResidualTable.step(bentPosition(position, side: side, bend: bend))
    }
    var middle = positionsPerStep * Lanes(repeating: 0x1p31)
    var sum = residual(middle, positionsPerStep, steps)
    if overlap > 0 {
        // Adds exactly 0 in lanes without overlap, so that their bits do not change.
        let back = positionsPerStep.negated, period = positionsPerStep * Lanes(repeating: 0x1p32)
        sum -= residual(middle, back, back.withSign(of: steps))
        for _ in 1..<overlap {
            middle += period
            sum += residual(middle, positionsPerStep, steps)
            sum -= residual(middle, back, back.withSign(of: steps))
        }
    }
    // The residual is subtracted after the step and added before it. The naive sawtooth is twice the phase in
    // turns.
    return sum.withSign(of: steps).negated.addingProduct(steps, Lanes(repeating: 0x1p-31))
}

/// Band-limited triangle, −1…1: rises through 0 at phase 0, with corners a quarter turn before and after.
/// [audio]
///
/// `turns` is the phase, −½…½. `turnsPerHalfWidth` is ``kernelHalfWidth`` in turns, `positionsPerTurn` one turn in
/// positions of a ``ResidualTable``. `overlap` is the number of half periods, in the lane with the shortest ones, whose
/// corners reach a frame besides the nearest; 0 if in all lanes half a period is longer than the kernel of fourteen
/// frames. `bend` is half of the relative change of the frequency per frame; nil if the frequency is constant.
@inline(__always) @inlinable public func triangle(
    turns: Lanes, turnsPerHalfWidth: Lanes, positionsPerTurn: Lanes, overlap: Int, bend: Lanes? = nil
) -> Lanes {
    let size = turns.magnitude, half = Lanes(repeating: 0.5)
    // Positive before a corner; with the sign of the phase, as the corner before phase 0 is approached from below.
    let ahead = Lanes(repeating: 0.25) - size, distance = ahead.magnitude, side = ahead.withSign(of: turns)
    /// Residual of a corner `distance` turns from here, on the side of the sign of `side`.
    @inline(__always) func residual(_ distance: Lanes, _ side: Lanes) -> Lanes {
        let atCorner = Lanes(repeating: ResidualTable.atDiscontinuity)
        let position = atCorner.subtractingProduct(distance, positionsPerTurn)
        guard let bend else { return ResidualTable.corner(position) }
        return ResidualTable.corner(bentPosition(position, side: side, bend: bend))
    }
    var sum = residual(distance, side)
    // Adds exactly 0 in lanes without overlap, so that their bits do not change.
    var further = Lanes.zero
    for count in 0..<overlap {
        further += half
        let pair = residual(further - distance, side.negated) + residual(further + distance, side)
        sum = count & 1 == 0 ? sum - pair : sum + pair
    }
    // At a corner the slope changes by 8 per turn, from 4 to −4.
    let value =
        size.smaller(half - size) * Lanes(repeating: 4) - sum * (turnsPerHalfWidth * Lanes(repeating: 8))
    return value.withSign(of: turns)
}
