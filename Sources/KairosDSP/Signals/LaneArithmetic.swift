public import CLanes

// Arithmetic of whole vectors. Swift's own is written out lane by lane, and the compiler has to find the vectors again:
// where it takes lanes out of a result later on, it works out each of them by itself.

extension SIMD16 where Scalar == Float {
    /// The sum of each pair of lanes.
    @inline(__always) @inlinable public static func + (a: Self, b: Self) -> Self { clanes_add(a, b) }
    /// The difference of each pair of lanes.
    @inline(__always) @inlinable public static func - (a: Self, b: Self) -> Self { clanes_subtract(a, b) }
    /// The product of each pair of lanes.
    @inline(__always) @inlinable public static func * (a: Self, b: Self) -> Self { clanes_multiply(a, b) }
    /// The quotient of each pair of lanes.
    @inline(__always) @inlinable public static func / (a: Self, b: Self) -> Self { clanes_divide(a, b) }
    /// Adds to each lane.
    @inline(__always) @inlinable public static func += (a: inout Self, b: Self) { a = a + b }
    /// Subtracts from each lane.
    @inline(__always) @inlinable public static func -= (a: inout Self, b: Self) { a = a - b }
    /// Multiplies each lane.
    @inline(__always) @inlinable public static func *= (a: inout Self, b: Self) { a = a * b }

    /// The values and `a` · `b`, rounded once.
    @inline(__always) @inlinable public func addingProduct(_ a: Self, _ b: Self) -> Self {
        clanes_add_product(self, a, b)
    }
}

extension SIMD16 where Scalar == UInt32 {
    /// The sum of each pair of lanes, modulo 2³².
    @inline(__always) @inlinable public static func &+ (a: Self, b: Self) -> Self {
        clanes_add_counts(a, b)
    }
    /// The difference of each pair of lanes, modulo 2³².
    @inline(__always) @inlinable public static func &- (a: Self, b: Self) -> Self {
        clanes_subtract_counts(a, b)
    }
}
