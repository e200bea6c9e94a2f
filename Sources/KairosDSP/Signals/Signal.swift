/// Input of a module during one sub-block: an inlet or a parameter, sixteen lanes per frame. [audio]
@frozen public struct Signal {
    @usableFromInline let base: UnsafePointer<Lanes>
    /// Vectors per frame: 0 if the signal is constant during the sub-block, otherwise 1.
    public let stride: Int

    @inlinable init(_ cell: SignalCell) {
        base = UnsafePointer(cell.base)
        stride = cell.stride
    }

    /// True if the signal is constant during the sub-block.
    @inlinable public var isSteady: Bool { stride == 0 }

    /// Value at a frame of the sub-block.
    @inline(__always) @inlinable public subscript(frame: Int) -> Lanes { base[frame &* stride] }
}
