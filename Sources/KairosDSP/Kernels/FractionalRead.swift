/// Read position between the frames of a delay line, with the weights of the six frames around it. [audio]
///
/// Fifth-order Lagrange interpolation (T. Laakso, V. Välimäki, M. Karjalainen, U. Laine, "Splitting the unit delay",
/// 1996), for delays that move: the level is flat within 0.26 dB to 10 kHz at 44.1 kHz, and a vibrato of ±0.3 ms adds
/// errors of −151 dB at 1 kHz and −68 dB at 5 kHz. It is exact at whole frames.
///
/// A lane is whatever has a delay: a voice, a side of one of eight frames of a bus, or one of sixteen consecutive
/// frames of a channel.
@frozen public struct FractionalRead {
    /// Age in frames of the frame at the read position or just after it. The six frames are `age` − 2 … `age` + 3
    /// frames old.
    public let age: SIMD16<Int32>
    /// Weights of the six frames, the newest first.
    public let weights: (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

    /// A read position `delay` frames ago, 3 … 2²².
    ///
    /// A delay of more than 2¹² frames has steps of more than 2⁻¹¹ frame, which a movement makes audible: then give
    /// whole part and fraction.
    @inline(__always) @inlinable public init(_ delay: Lanes) {
        // The nearest integer to half a frame less; in a tie both neighbours give the same value.
        let magic = Lanes(repeating: 12_582_912)
        let shifted = delay - Lanes(repeating: 0.5) + magic
        let whole = unsafeBitCast(shifted, to: SIMD16<Int32>.self)
        self.init(
            age: whole &- unsafeBitCast(magic, to: SIMD16<Int32>.self), fraction: delay - (shifted - magic))
    }

    /// A read position `age` + `fraction` frames ago, with an age of at least 3 and a fraction of 0 … 1.
    @inline(__always) @inlinable public init(age: SIMD16<Int32>, fraction f: Lanes) {
        self.age = age
        // Products of the distances to the other five frames.
        let two = Lanes(repeating: 2)
        let a = f + two, b = f + .one, d = f - .one, e = f - two, g = f - Lanes(repeating: 3)
        let ab = a * b, fd = f * d, eg = e * g
        let newer = fd * eg, outer = ab * eg, older = ab * fd
        weights = (
            newer * b * Lanes(repeating: -1 / 120), newer * a * Lanes(repeating: 1 / 24),
            outer * d * Lanes(repeating: -1 / 12), outer * f * Lanes(repeating: 1 / 12),
            older * g * Lanes(repeating: -1 / 24), older * e * Lanes(repeating: 1 / 120)
        )
    }

    /// The value at the read position, from the six frames around it, the newest first.
    @inline(__always) @inlinable public func value(
        _ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes, _ e: Lanes, _ f: Lanes
    ) -> Lanes {
        (a * weights.0).addingProduct(b, weights.1).addingProduct(c, weights.2).addingProduct(d, weights.3)
            .addingProduct(e, weights.4).addingProduct(f, weights.5)
    }

    /// The value at the read position, where `frames` gives the lanes of one age, and every age is `youngest` or
    /// `youngest` + 1: a delay of consecutive frames that moves by less than one frame over all of them. Bits as
    /// those of ``value(_:_:_:_:_:_:)``.
    @inline(__always) @inlinable public func value(
        youngest: Int, _ frames: (_ age: Int) -> Lanes
    ) -> Lanes {
        let base = SIMD16(repeating: Int32(truncatingIfNeeded: youngest))
        let isOlder = age .!= base
        let a = frames(youngest &- 2), b = frames(youngest &- 1), c = frames(youngest)
        let d = frames(youngest &+ 1), e = frames(youngest &+ 2), f = frames(youngest &+ 3)
        guard isOlder.any else { return value(a, b, c, d, e, f) }
        let g = frames(youngest &+ 4)
        let w = weights, zero = Lanes.zero
        return (a * w.0.replacing(with: zero, where: isOlder))
            .addingProduct(b, w.1.replacing(with: w.0, where: isOlder))
            .addingProduct(c, w.2.replacing(with: w.1, where: isOlder))
            .addingProduct(d, w.3.replacing(with: w.2, where: isOlder))
            .addingProduct(e, w.4.replacing(with: w.3, where: isOlder))
            .addingProduct(f, w.5.replacing(with: w.4, where: isOlder))
            .addingProduct(g, zero.replacing(with: w.5, where: isOlder))
    }
}
