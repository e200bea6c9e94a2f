public import CLanes

/// Sixteen consecutive frames of one channel in one vector, lane 0 first, so that a module that works a control
/// tick ahead processes a whole tick at once. [audio]
extension SIMD16 where Scalar == Float {
    /// Parts of a control tick, 0, 1/16 … 15/16: the position of each frame.
    @inline(__always) @inlinable public static var tickPositions: Self {
        frameNumbers * Self(repeating: 0.0625)
    }

    /// Frame numbers, 0 … 15.
    @inline(__always) @inlinable public static var frameNumbers: Self {
        Self(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    }

    /// Left channel of sixteen frames of a bus; `first` and `second` hold eight each (see ``eightFrames(_:)``).
    @inline(__always) @inlinable public static func left(_ first: Self, _ second: Self) -> Self {
        clanes_even(first, second)
    }

    /// Right channel of sixteen frames of a bus.
    @inline(__always) @inlinable public static func right(_ first: Self, _ second: Self) -> Self {
        clanes_odd(first, second)
    }

    /// The first eight frames of a bus, from sixteen of each channel.
    @inline(__always) @inlinable public static func firstFrames(left: Self, right: Self) -> Self {
        clanes_zip_low(left, right)
    }

    /// The last eight frames of a bus, from sixteen of each channel.
    @inline(__always) @inlinable public static func lastFrames(left: Self, right: Self) -> Self {
        clanes_zip_high(left, right)
    }

    /// The sixteen frames one frame later, with `first` in front.
    @inline(__always) @inlinable public func later(after first: Float) -> Self {
        clanes_later1(self) + Self(first, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }

    /// Sixteen frames of the recursion y[n] = x[n] + p · y[n − 1], with x the vector, and y[−1] = 0.
    ///
    /// Parallel prefix in four steps (P. Kogge, H. Stone, 1973); `p2`, `p4`, `p8` are powers of `p`.
    @inline(__always) @inlinable public func recursion(
        _ p: Float, _ p2: Float, _ p4: Float, _ p8: Float
    ) -> Self {
        var y = addingProduct(clanes_later1(self), Self(repeating: p))
        y = y.addingProduct(clanes_later2(y), Self(repeating: p2))
        y = y.addingProduct(clanes_later4(y), Self(repeating: p4))
        return y.addingProduct(clanes_later8(y), Self(repeating: p8))
    }
}
