public import CLanes

// Arithmetic on whole vectors. The standard library's operators are written lane by lane; the compiler must
// rediscover the vector operation, and when the code later extracts lanes of a result, it computes each lane
// separately.

extension SIMD16 where Scalar == Float {
    /// Lane-wise sum.
    @inline(__always) @inlinable public static func + (a: Self, b: Self) -> Self { clanes_add(a, b) }
    /// Lane-wise difference.
    @inline(__always) @inlinable public static func - (a: Self, b: Self) -> Self { clanes_subtract(a, b) }
    /// Lane-wise product.
    @inline(__always) @inlinable public static func * (a: Self, b: Self) -> Self { clanes_multiply(a, b) }
    /// Lane-wise quotient.
    @inline(__always) @inlinable public static func / (a: Self, b: Self) -> Self { clanes_divide(a, b) }
    /// Adds lane by lane.
    @inline(__always) @inlinable public static func += (a: inout Self, b: Self) { a = a + b }
    /// Subtracts lane by lane.
    @inline(__always) @inlinable public static func -= (a: inout Self, b: Self) { a = a - b }
    /// Multiplies lane by lane.
    @inline(__always) @inlinable public static func *= (a: inout Self, b: Self) { a = a * b }

    /// `self` + `a` · `b`, rounded once (fused multiply-add).
    @inline(__always) @inlinable public func addingProduct(_ a: Self, _ b: Self) -> Self {
        clanes_add_product(self, a, b)
    }
}

extension SIMD16 where Scalar == UInt32 {
    /// Lane-wise sum modulo 2³².
    @inline(__always) @inlinable public static func &+ (a: Self, b: Self) -> Self {
        clanes_add_counts(a, b)
    }
    /// Lane-wise difference modulo 2³².
    @inline(__always) @inlinable public static func &- (a: Self, b: Self) -> Self {
        clanes_subtract_counts(a, b)
    }
}
