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

    /// First frame of the last control segment.
    @inlinable public var lastSegmentStart: Int {
        Swift.max(0, frames &- 1 &- ((phase &+ frames &- 1) & (SubBlock.controlTick &- 1)))
    }

    /// A sub-block of `frames` frames at `clock`, `phase` frames after a control tick.
    @inlinable public init(frames: Int, clock: Int, phase: Int, endsBlock: Bool = false) {
        self.frames = frames
        self.clock = clock
        self.phase = phase
        self.endsBlock = endsBlock
    }
}

/// Context of one step of the schedule: the locations of its ports, and its sub-block. The address is stable
/// for the life of the instance. [audio]
@frozen public struct StepContext {
    /// Index of the cell that all unconnected outlets share.
    @inlinable public static var unread: Int32 { 0 }

    @usableFromInline let inlets: UnsafePointer<Int32>
    @usableFromInline let outlets: UnsafePointer<Int32>
    @usableFromInline let params: UnsafePointer<Int32>
    @usableFromInline let cells: UnsafeMutablePointer<SignalCell>
    @usableFromInline let gates: UnsafeMutablePointer<Gate>
    @usableFromInline let subBlock: UnsafePointer<SubBlock>
    @usableFromInline let atControlTicks: UInt32

    /// Ports are indices into `cells` (audio, parameters) and `gates`. `atControlTicks` has bit n set if
    /// outlet n is read at control ticks only.
    @inlinable public init(
        inlets: UnsafePointer<Int32>, outlets: UnsafePointer<Int32>, params: UnsafePointer<Int32>,
        cells: UnsafeMutablePointer<SignalCell>, gates: UnsafeMutablePointer<Gate>,
        subBlock: UnsafePointer<SubBlock>, atControlTicks: UInt32 = 0
    ) {
        self.atControlTicks = atControlTicks
        self.inlets = inlets
        self.outlets = outlets
        self.params = params
        self.cells = cells
        self.gates = gates
        self.subBlock = subBlock
    }
}

/// Ports and timing of a module during one sub-block. [audio]
@frozen public struct ModuleIO<M: Module & ~Copyable> {
    // A pointer, not a copy: a copy would use as many registers as a loop needs.
    @usableFromInline let context: UnsafePointer<StepContext>

    /// Access to the ports of the step that `context` describes.
    @inline(__always) @inlinable public init(_ context: UnsafePointer<StepContext>) { self.context = context }

    /// Length of the sub-block in frames, 1…64.
    @inlinable public var frames: Int { context.pointee.subBlock.pointee.frames }
    /// Frames from the activation of the slot to the first frame of this sub-block.
    @inlinable public var clock: Int { context.pointee.subBlock.pointee.clock }

    /// Frames from the last control tick to the first frame, 0…15; 0 if the first frame is a control tick.
    @inlinable public var phase: Int { context.pointee.subBlock.pointee.phase }
    /// True if the sub-block ends at a multiple of 64 frames of the engine's clock.
    @inlinable public var endsBlock: Bool { context.pointee.subBlock.pointee.endsBlock }

    /// Lanes with an active voice. The output of other lanes is discarded and need not be written; a lane is
    /// started before it becomes active again.
    @inlinable public var activeLanes: LaneMask { context.pointee.subBlock.pointee.activeLanes }

    /// The sub-block, split at control ticks.
    @inlinable public var segments: ControlSegments { ControlSegments(of: context.pointee.subBlock.pointee) }

    /// Signal at an inlet; the inlet's idle value if nothing is connected.
    @inlinable public subscript(_ inlet: M.Inlet) -> Signal {
        Signal(context.pointee.cells[Int(context.pointee.inlets[inlet.rawValue])])
    }

    /// Parameter value in the unit of its ParamSpec, after smoothing, modulation and clamping.
    @inlinable public subscript(_ param: M.Param) -> Signal {
        Signal(context.pointee.cells[Int(context.pointee.params[param.rawValue])])
    }

    /// Value of a latched parameter, read on the first frame of the sub-block.
    @inlinable public func latched(_ param: M.Param) -> Float {
        context.pointee.cells[Int(context.pointee.params[param.rawValue])].base[0][0]
    }

    /// Index of the selected choice, or the value of a latched integer or switch (0 off, 1 on).
    @inlinable public func choice(_ param: M.Param) -> Int { Int(latched(param)) }

    /// Buffer of an outlet; the module writes a value for each frame.
    @inlinable public subscript(_ outlet: M.Outlet) -> Output {
        let cell = context.pointee.cells + Int(context.pointee.outlets[outlet.rawValue])
        cell.pointee.stride = 1
        return Output(cell.pointee.base)
    }

    /// Declares an outlet constant at `value` for the sub-block, so that its readers can take a faster path.
    @inlinable public func hold(_ outlet: M.Outlet, at value: Lanes) {
        let cell = context.pointee.cells + Int(context.pointee.outlets[outlet.rawValue])
        cell.pointee.stride = 0
        cell.pointee.base[0] = value
    }

    /// True if anything reads the outlet. An outlet that nothing reads need not be written.
    @inlinable public func isRead(_ outlet: M.Outlet) -> Bool {
        context.pointee.outlets[outlet.rawValue] != StepContext.unread
    }

    /// True if the outlet is read on the first frame of each control segment only; other frames need not be
    /// written.
    @inlinable public func isReadAtControlTicks(_ outlet: M.Outlet) -> Bool {
        context.pointee.atControlTicks & (1 << UInt32(outlet.rawValue)) != 0
    }

    /// Gate at an inlet; low if nothing is connected.
    @inlinable public func gate(_ inlet: M.Inlet) -> Gate {
        context.pointee.gates[Int(context.pointee.inlets[inlet.rawValue])]
    }
}

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
