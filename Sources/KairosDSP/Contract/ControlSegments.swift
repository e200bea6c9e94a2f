/// The control segments of a sub-block, in order.
@frozen public struct ControlSegments: Sequence, IteratorProtocol, Sendable {
    @usableFromInline var cursor = 0
    @usableFromInline var phase: Int
    @usableFromInline let frames: Int

    /// The segments of `subBlock`.
    @inlinable public init(of subBlock: SubBlock) {
        phase = subBlock.phase
        frames = subBlock.frames
    }

    /// The next segment; nil after the last one.
    @inlinable public mutating func next() -> ControlSegment? {
        guard cursor < frames else { return nil }
        let end = Swift.min(frames, cursor &+ (SubBlock.controlTick &- phase))
        let segment = ControlSegment(first: cursor, end: end, phase: phase)
        cursor = end
        phase = 0
        return segment
    }
}
