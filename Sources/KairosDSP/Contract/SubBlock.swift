/// Sub-block of 1…64 frames that is rendered in one go. Splitting a block at any frame must not change the
/// output.
@frozen public struct SubBlock: Sendable {
    /// Longest sub-block, in frames.
    @inlinable public static var longest: Int { 64 }
    /// Frames from one control tick to the next.
    @inlinable public static var controlTick: Int { 16 }

    /// Length in frames, 1…64.
    public var frames: Int
    /// Frames from the activation of the slot to the first frame of this sub-block.
    public var clock: Int
    /// Frames from the last control tick to the first frame, 0…15; 0 if the first frame is a control tick.
    public var phase: Int
    /// True if the sub-block ends at a multiple of 64 frames of the engine's clock. No sub-block extends over
    /// such a frame; voices and slots that have become silent are released there.
    public var endsBlock: Bool
    /// Lanes with an active voice. The output of other lanes is discarded.
    public var activeLanes = LaneMask.all
    /// Tempo and position of the transport.
    public var transport: TransportPosition

    /// First frame of the last control segment.
    @inlinable public var lastSegmentStart: Int {
        Swift.max(0, frames &- 1 &- ((phase &+ frames &- 1) & (SubBlock.controlTick &- 1)))
    }

    /// A sub-block of `frames` frames at `clock`, `phase` frames after a control tick.
    @inlinable public init(
        frames: Int, clock: Int, phase: Int, endsBlock: Bool = false,
        transport: TransportPosition = TransportPosition()
    ) {
        self.transport = transport
        self.frames = frames
        self.clock = clock
        self.phase = phase
        self.endsBlock = endsBlock
    }
}
