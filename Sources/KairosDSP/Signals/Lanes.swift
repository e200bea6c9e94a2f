public import CLanes

/// Sixteen values side by side: sixteen voices of one patch, or the channels of a bus (0 left, 1 right).
public typealias Lanes = SIMD16<Float>

/// One bit a lane.
@frozen public struct LaneMask: Equatable, Hashable, Sendable {
    /// Bit n is lane n.
    public var bits: UInt16

    /// The lanes whose bits are set.
    @inlinable public init(bits: UInt16) { self.bits = bits }

    /// Just `lane`, 0…15.
    @inlinable public init(lane: Int) { bits = 1 &<< UInt16(truncatingIfNeeded: lane) }

    /// No lane.
    @inline(__always) @inlinable public static var none: LaneMask { LaneMask(bits: 0) }
    /// All sixteen.
    @inline(__always) @inlinable public static var all: LaneMask { LaneMask(bits: .max) }

    /// Whether no lane is in it.
    @inline(__always) @inlinable public var isEmpty: Bool { bits == 0 }
    /// Whether every lane is in it.
    @inline(__always) @inlinable public var isAll: Bool { bits == .max }
    /// How many lanes are in it.
    @inline(__always) @inlinable public var count: Int { bits.nonzeroBitCount }
    /// The lowest lane, or 16.
    @inline(__always) @inlinable public var first: Int { bits.trailingZeroBitCount }

    /// Whether `lane` is in it.
    @inline(__always) @inlinable public func contains(_ lane: Int) -> Bool {
        bits &>> UInt16(truncatingIfNeeded: lane) & 1 == 1
    }
    /// Puts `lane` in.
    @inline(__always) @inlinable public mutating func insert(_ lane: Int) {
        bits |= LaneMask(lane: lane).bits
    }
    /// Takes `lane` out.
    @inline(__always) @inlinable public mutating func remove(_ lane: Int) {
        bits &= ~LaneMask(lane: lane).bits
    }

    /// Lanes in both.
    @inline(__always) @inlinable public static func & (a: LaneMask, b: LaneMask) -> LaneMask {
        LaneMask(bits: a.bits & b.bits)
    }
    /// Lanes in either.
    @inline(__always) @inlinable public static func | (a: LaneMask, b: LaneMask) -> LaneMask {
        LaneMask(bits: a.bits | b.bits)
    }
    /// The other lanes.
    @inline(__always) @inlinable public static prefix func ~ (a: LaneMask) -> LaneMask {
        LaneMask(bits: ~a.bits)
    }

    /// The same lanes as the vector unit wants them.
    @inline(__always) @inlinable public var vector: SIMDMask<SIMD16<Int32>> {
        (SIMD16<UInt32>(repeating: UInt32(bits)) & LaneMask.bitOfLane) .!= SIMD16<UInt32>(repeating: 0)
    }

    @inline(__always) @inlinable static var bitOfLane: SIMD16<UInt32> {
        SIMD16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
    }
}

extension SIMD16 where Scalar == Float {
    /// All lanes zero.
    @inline(__always) @inlinable public static var zero: SIMD16<Float> { SIMD16(repeating: 0) }

    /// All lanes one.
    @inline(__always) @inlinable public static var one: SIMD16<Float> { SIMD16(repeating: 1) }

    /// `value` in `lanes`, the rest as it is.
    @inline(__always) @inlinable public mutating func set(_ lanes: LaneMask, to value: Float) {
        replace(with: value, where: lanes.vector)
    }

    /// `other` in `lanes`, the rest as it is.
    @inline(__always) @inlinable public mutating func replace(with other: Self, in lanes: LaneMask) {
        if lanes.isAll { self = other } else { replace(with: other, where: lanes.vector) }
    }

    /// The sum of all lanes in a fixed order, so that a lone lane comes out with its own bits.
    @inline(__always) @inlinable public var laneSum: Float {
        let four = quarter
        return (four.x + four.y) + (four.z + four.w)
    }

    /// The sums of the lanes of four values, each as ``laneSum`` adds them.
    @inline(__always) @inlinable public static func sums(
        _ a: Self, _ b: Self, _ c: Self, _ d: Self
    ) -> SIMD4<Float> {
        clanes_pairs(clanes_pairs(a.quarter, b.quarter), clanes_pairs(c.quarter, d.quarter))
    }

    /// Every fourth lane together.
    @inline(__always) @inlinable var quarter: SIMD4<Float> {
        let eight = lowHalf + highHalf
        return eight.lowHalf + eight.highHalf
    }

    /// The largest of all lanes.
    @inline(__always) @inlinable public var laneMax: Float {
        let eight = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
        let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
        return Swift.max(Swift.max(four.x, four.y), Swift.max(four.z, four.w))
    }

    /// The values with their signs turned. (`-` is a subtraction from 0, which no product takes in.)
    @inline(__always) @inlinable public var negated: Self { clanes_negate(self) }

    /// The values less `a` · `b`, rounded once.
    @inline(__always) @inlinable public func subtractingProduct(_ a: Self, _ b: Self) -> Self {
        addingProduct(a.negated, b)
    }

    /// The larger of each pair of lanes.
    @inline(__always) @inlinable public func larger(_ other: Self) -> Self { clanes_larger(self, other) }

    /// The smaller of each pair of lanes.
    @inline(__always) @inlinable public func smaller(_ other: Self) -> Self { clanes_smaller(self, other) }

    /// The nearest value within `low`…`high`; NaN becomes `low`.
    @inline(__always) @inlinable public func clamped(_ low: Float, _ high: Float) -> Self {
        Self(repeating: low).larger(self).smaller(Self(repeating: high))
    }

    /// The values without their signs.
    @inline(__always) @inlinable public var magnitude: Self { clanes_magnitude(self) }

    /// The values, turned over where `other` is negative.
    @inline(__always) @inlinable public func withSign(of other: Self) -> Self { clanes_turn(self, other) }

    /// The square roots. (`squareRoot()` takes them one after the other.)
    @inline(__always) @inlinable public var roots: Self { clanes_root(self) }

    /// The lanes that are neither infinite nor NaN.
    @inline(__always) @inlinable public var isFinite: SIMDMask<SIMD16<Int32>> { (self - self) .== Self.zero }
}

extension SIMDMask where Storage == SIMD16<Int32> {
    /// Whether any lane is set.
    @inline(__always) @inlinable public var any: Bool {
        let v = unsafeBitCast(self, to: SIMD16<Int32>.self)
        let a = v.lowHalf | v.highHalf
        let b = a.lowHalf | a.highHalf
        let c = b.lowHalf | b.highHalf
        return (c.x | c.y) != 0
    }

    /// The same lanes as bits.
    @inline(__always) @inlinable public var lanes: LaneMask {
        let v = unsafeBitCast(self, to: SIMD16<UInt32>.self) & LaneMask.bitOfLane
        let a = v.lowHalf | v.highHalf
        let b = a.lowHalf | a.highHalf
        let c = b.lowHalf | b.highHalf
        return LaneMask(bits: UInt16(truncatingIfNeeded: c.x | c.y))
    }
}
