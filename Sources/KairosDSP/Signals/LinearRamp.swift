/// Linear ramp between two control ticks: the part of a ``ControlRamp`` that a loop over frames needs.
/// [audio]
@frozen public struct LinearRamp: BitwiseCopyable, Sendable {
    @usableFromInline var current: Lanes
    @usableFromInline let slope: Lanes

    @inline(__always) @inlinable init(origin: Lanes, slope: Lanes) {
        current = origin
        self.slope = slope
    }

    /// Value at the current frame.
    @inline(__always) @inlinable public var value: Lanes { current }

    /// Advances by one frame.
    @inline(__always) @inlinable public mutating func advance() { current += slope }
}
