import KairosDSP

/// Fractional delay: read position between frames, with the weights of the four frames around it.
///
/// Third-order Lagrange interpolation through the two frames before and the two after. It is exact at whole
/// frames and never amplifies, apart from rounding.
struct DelayTap {
    /// Age of the frame at or just after the read position, in frames.
    let age: SIMD16<Int32>
    private let newer: Lanes
    private let near: Lanes
    private let far: Lanes
    private let older: Lanes

    /// A read position `frames` frames ago, clamped to `minimum`…`maximum`.
    @inline(__always) init(_ frames: Lanes, minimum: Float, maximum: Float) {
        let delay = frames.clamped(minimum, maximum)
        // The nearest integer to half a frame less; in a tie both neighbours give the same value.
        let magic = Lanes(repeating: 12_582_912)
        let shifted = (delay - Lanes(repeating: 0.5) + magic).larger(Lanes(repeating: minimum) + magic)
        age =
            unsafeBitCast(shifted, to: SIMD16<Int32>.self)
            &- unsafeBitCast(magic, to: SIMD16<Int32>.self)
        let f = delay - (shifted - magic)
        let up = f + .one, down = f - .one, two = f - Lanes(repeating: 2)
        newer = f * down * two * Lanes(repeating: -1 / 6)
        near = up * down * two * Lanes(repeating: 0.5)
        far = up * f * two * Lanes(repeating: -0.5)
        older = up * f * down * Lanes(repeating: 1 / 6)
    }

    /// Age in frames of the oldest frame that any lane reads.
    var oldest: Int { Int(age.max()) + 2 }

    /// The next eight frames of a bus, if all lanes have the same age; nil if they cannot be read at once.
    @inline(__always) func eightFrames(_ rows: DelayLine.Rows) -> Lanes? {
        guard let (a, b, c, d) = rows.eightFrames(age: Int(age[0])) else { return nil }
        return blend(a, b, c, d)
    }

    /// The value, if all lanes have the same age and every lane has the frames.
    @inline(__always) func readUniform(_ rows: DelayLine.Rows, newerBy offset: Int) -> Lanes {
        let (a, b, c, d) = rows.fourFrames(age: Int(age[0]) &- offset)
        return blend(a, b, c, d)
    }

    /// The value, with an age for each lane.
    @_transparent func readPerLane(_ rows: DelayLine.Rows, newerBy offset: Int) -> Lanes {
        let (a, b, c, d) = rows.fourFrames(
            ages: age &- SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: offset)))
        return blend(a, b, c, d)
    }

    @inline(__always) private func blend(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> Lanes {
        (a * newer + b * near) + (c * far + d * older)
    }
}
