/// Location of a signal during one sub-block: one vector per frame, or a single vector that is constant.
@frozen public struct SignalCell: BitwiseCopyable {
    /// Vector of the first frame.
    public var base: UnsafeMutablePointer<Lanes>
    /// Vectors per frame: 1 if the signal has a value for each frame; 0 if it is constant, with its value at
    /// `base`.
    public var stride: Int

    /// A cell that reads from `base`.
    @inlinable public init(base: UnsafeMutablePointer<Lanes>, stride: Int) {
        self.base = base
        self.stride = stride
    }
}
