/// Set of lanes, one bit per lane.
@frozen public struct LaneMask: BitwiseCopyable, Equatable, Hashable, Sendable {
    /// Bit n stands for lane n.
    public var bits: UInt16

    /// The lanes whose bits are set in `bits`.
    @inlinable public init(bits: UInt16) { self.bits = bits }

    /// The single lane `lane`, 0…15.
    @inlinable public init(lane: Int) { bits = 1 &<< UInt16(truncatingIfNeeded: lane) }

    /// The empty set.
    @inline(__always) @inlinable public static var none: LaneMask { LaneMask(bits: 0) }
    /// All sixteen lanes.
    @inline(__always) @inlinable public static var all: LaneMask { LaneMask(bits: .max) }

    /// True if the set is empty.
    @inline(__always) @inlinable public var isEmpty: Bool { bits == 0 }
    /// True if the set contains all sixteen lanes.
    @inline(__always) @inlinable public var isAll: Bool { bits == .max }
    /// Number of lanes in the set, 0…16.
    @inline(__always) @inlinable public var count: Int { bits.nonzeroBitCount }
    /// Lowest lane of the set, 0…15; 16 if the set is empty.
    @inline(__always) @inlinable public var first: Int { bits.trailingZeroBitCount }

    /// True if `lane`, 0…15, is in the set.
    @inline(__always) @inlinable public func contains(_ lane: Int) -> Bool {
        bits &>> UInt16(truncatingIfNeeded: lane) & 1 == 1
    }
    /// Adds `lane`, 0…15.
    @inline(__always) @inlinable public mutating func insert(_ lane: Int) {
        bits |= LaneMask(lane: lane).bits
    }
    /// Removes `lane`, 0…15.
    @inline(__always) @inlinable public mutating func remove(_ lane: Int) {
        bits &= ~LaneMask(lane: lane).bits
    }
    /// Removes the first lane and returns it; nil if there is none.
    @inline(__always) @inlinable public mutating func popFirst() -> Int? {
        guard bits != 0 else { return nil }
        defer { bits &= bits &- 1 }
        return bits.trailingZeroBitCount
    }

    /// Intersection.
    @inline(__always) @inlinable public static func & (a: LaneMask, b: LaneMask) -> LaneMask {
        LaneMask(bits: a.bits & b.bits)
    }
    /// Union.
    @inline(__always) @inlinable public static func | (a: LaneMask, b: LaneMask) -> LaneMask {
        LaneMask(bits: a.bits | b.bits)
    }
    /// Complement.
    @inline(__always) @inlinable public static prefix func ~ (a: LaneMask) -> LaneMask {
        LaneMask(bits: ~a.bits)
    }

    /// The set as a SIMD mask.
    @inline(__always) @inlinable public var vector: SIMDMask<SIMD16<Int32>> {
        (SIMD16<UInt32>(repeating: UInt32(bits)) & LaneMask.bitOfLane) .!= SIMD16<UInt32>(repeating: 0)
    }

    @inline(__always) @inlinable static var bitOfLane: SIMD16<UInt32> {
        SIMD16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
    }
}
