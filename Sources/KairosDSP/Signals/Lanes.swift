public import CLanes

/// Vector of sixteen samples, one per lane: sixteen voices of one patch, or the channels of a bus (lane 0
/// left, lane 1 right).
public typealias Lanes = SIMD16<Float>

extension SIMD16 where Scalar == Float {
    /// Zero in all lanes.
    @inline(__always) @inlinable public static var zero: SIMD16<Float> { SIMD16(repeating: 0) }

    /// One in all lanes.
    @inline(__always) @inlinable public static var one: SIMD16<Float> { SIMD16(repeating: 1) }

    /// Sets `lanes` to `value`; the other lanes keep their values.
    @inline(__always) @inlinable public mutating func set(_ lanes: LaneMask, to value: Float) {
        replace(with: value, where: lanes.vector)
    }

    /// Copies `lanes` from `other`; the other lanes keep their values.
    @inline(__always) @inlinable public mutating func replace(with other: Self, in lanes: LaneMask) {
        if lanes.isAll { self = other } else { replace(with: other, where: lanes.vector) }
    }

    /// Sum of all lanes. The order of additions is fixed: if only one lane is not 0, the sum has exactly its
    /// bits.
    @inline(__always) @inlinable public var laneSum: Float {
        let four = quarter
        return (four.x + four.y) + (four.z + four.w)
    }

    /// The ``laneSum`` of four vectors, bit-identical to four separate calls.
    @inline(__always) @inlinable public static func sums(
        _ a: Self, _ b: Self, _ c: Self, _ d: Self
    ) -> SIMD4<Float> {
        clanes_pairs(clanes_pairs(a.quarter, b.quarter), clanes_pairs(c.quarter, d.quarter))
    }

    /// Partial sums of ``laneSum``: element n adds the lanes n, n + 4, n + 8 and n + 12.
    @inline(__always) @inlinable var quarter: SIMD4<Float> {
        let eightLanes = lowHalf + highHalf
        return eightLanes.lowHalf + eightLanes.highHalf
    }

    /// Largest lane.
    @inline(__always) @inlinable public var laneMax: Float {
        let eightLanes = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
        let four = eightLanes.lowHalf.replacing(
            with: eightLanes.highHalf, where: eightLanes.highHalf .> eightLanes.lowHalf)
        return Swift.max(Swift.max(four.x, four.y), Swift.max(four.z, four.w))
    }

    /// The values with inverted signs. (`-` subtracts from 0, and the compiler does not fuse that into a
    /// product.)
    @inline(__always) @inlinable public var negated: Self { clanes_negate(self) }

    /// `self` − `a` · `b`, rounded once (fused multiply-subtract).
    @inline(__always) @inlinable public func subtractingProduct(_ a: Self, _ b: Self) -> Self {
        addingProduct(a.negated, b)
    }

    /// Lane-wise maximum.
    @inline(__always) @inlinable public func larger(_ other: Self) -> Self { clanes_larger(self, other) }

    /// Lane-wise minimum.
    @inline(__always) @inlinable public func smaller(_ other: Self) -> Self { clanes_smaller(self, other) }

    /// Each lane clamped to `low`…`high`; NaN becomes `low`.
    @inline(__always) @inlinable public func clamped(_ low: Float, _ high: Float) -> Self {
        Self(repeating: low).larger(self).smaller(Self(repeating: high))
    }

    /// Absolute values.
    @inline(__always) @inlinable public var magnitude: Self { clanes_magnitude(self) }

    /// The values, negated in lanes where `other` is negative.
    @inline(__always) @inlinable public func withSign(of other: Self) -> Self { clanes_turn(self, other) }

    /// Square roots. (`squareRoot()` of the standard library computes lane by lane.)
    @inline(__always) @inlinable public var roots: Self { clanes_root(self) }

    /// Mask of the lanes that are neither infinite nor NaN.
    @inline(__always) @inlinable public var isFinite: SIMDMask<SIMD16<Int32>> { (self - self) .== Self.zero }
}

extension SIMDMask where Storage == SIMD16<Int32> {
    /// True if any lane is set.
    @inline(__always) @inlinable public var any: Bool {
        let v = unsafeBitCast(self, to: SIMD16<Int32>.self)
        let a = v.lowHalf | v.highHalf
        let b = a.lowHalf | a.highHalf
        let c = b.lowHalf | b.highHalf
        return (c.x | c.y) != 0
    }

    /// The mask as a set of lanes.
    @inline(__always) @inlinable public var lanes: LaneMask {
        let v = unsafeBitCast(self, to: SIMD16<UInt32>.self) & LaneMask.bitOfLane
        let a = v.lowHalf | v.highHalf
        let b = a.lowHalf | a.highHalf
        let c = b.lowHalf | b.highHalf
        return LaneMask(bits: UInt16(truncatingIfNeeded: c.x | c.y))
    }
}
