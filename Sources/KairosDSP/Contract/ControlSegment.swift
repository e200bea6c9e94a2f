/// Part of a sub-block between two control ticks.
@frozen public struct ControlSegment: Sendable {
    /// First frame, counted from the start of the sub-block.
    public let first: Int
    /// One past the last frame.
    public let end: Int
    /// Frames from the last control tick to `first`, 0…15; 0 if `first` is a control tick.
    public let phase: Int

    @inlinable init(first: Int, end: Int, phase: Int) {
        self.first = first
        self.end = end
        self.phase = phase
    }
}
