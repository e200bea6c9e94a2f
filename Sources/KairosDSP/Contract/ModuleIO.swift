/// A stretch of frames that is rendered at once. A cut begins nothing new.
@frozen public struct SubBlock: Sendable {
    /// The most frames a piece has.
    @inlinable public static var longest: Int { 64 }
    /// The frames between two points of the engine's grid.
    @inlinable public static var grid: Int { 16 }

    /// How many frames, 1…64.
    public var frames: Int
    /// Frames from when the slot first became active to this piece's first frame.
    public var clock: Int
    /// The place of the first frame between two points of the grid, 0…15.
    public var phase: Int
    /// Whether a stretch of 64 frames of the engine's clock ends with it. No piece reaches over such an end;
    /// voices and slots that have fallen silent leave there.
    public var closes: Bool
    /// Lanes in which something sounds. What the others make is not heard.
    public var heard = LaneMask.all

    /// The first frame of its last run.
    @inlinable public var lastRun: Int {
        Swift.max(0, frames &- 1 &- ((phase &+ frames &- 1) & (SubBlock.grid &- 1)))
    }

    /// A piece.
    @inlinable public init(frames: Int, clock: Int, phase: Int, closes: Bool = false) {
        self.frames = frames
        self.clock = clock
        self.phase = phase
        self.closes = closes
    }
}

/// What the engine hands to one step: where its ports are, and which piece it is. It stays where it is.
@frozen public struct StepContext {
    /// The cell of every outlet that nothing reads.
    @inlinable public static var unread: Int32 { 0 }

    @usableFromInline let inlets: UnsafePointer<Int32>
    @usableFromInline let outlets: UnsafePointer<Int32>
    @usableFromInline let params: UnsafePointer<Int32>
    @usableFromInline let cells: UnsafeMutablePointer<SignalCell>
    @usableFromInline let gates: UnsafeMutablePointer<Gate>
    @usableFromInline let now: UnsafePointer<SubBlock>
    @usableFromInline let onGrid: UInt32

    /// Ports as indices into `cells` (audio, parameters) and `gates`; `onGrid` has a bit for each outlet that is
    /// read on the grid only.
    @inlinable public init(
        inlets: UnsafePointer<Int32>, outlets: UnsafePointer<Int32>, params: UnsafePointer<Int32>,
        cells: UnsafeMutablePointer<SignalCell>, gates: UnsafeMutablePointer<Gate>,
        piece: UnsafePointer<SubBlock>, onGrid: UInt32 = 0
    ) {
        self.onGrid = onGrid
        self.inlets = inlets
        self.outlets = outlets
        self.params = params
        self.cells = cells
        self.gates = gates
        now = piece
    }
}

/// What a module sees of the world during one piece.
///
/// > Audio thread.
@frozen public struct ModuleIO<M: Module & ~Copyable> {
    // Where it is, not a copy: it is as large as a loop's registers.
    @usableFromInline let context: UnsafePointer<StepContext>

    /// Over what the engine hands to the module's step.
    @inline(__always) @inlinable public init(_ context: UnsafePointer<StepContext>) { self.context = context }

    /// How many frames this piece has, 1…64.
    @inlinable public var frames: Int { context.pointee.now.pointee.frames }
    /// Frames from when the slot first became active to this piece's first frame.
    @inlinable public var clock: Int { context.pointee.now.pointee.clock }

    /// The place of the first frame between two points of the grid, 0…15.
    @inlinable public var phase: Int { context.pointee.now.pointee.phase }
    /// Whether a stretch of 64 frames of the engine's clock ends with this piece.
    @inlinable public var closes: Bool { context.pointee.now.pointee.closes }

    /// Lanes in which something sounds. The others may be left as they are: nobody hears what they make, and they
    /// are started before they sound again.
    @inlinable public var heard: LaneMask { context.pointee.now.pointee.heard }

    /// The stretches of this piece between points of the grid.
    @inlinable public var runs: ControlSegments { ControlSegments(of: context.pointee.now.pointee) }

    /// What comes in, or the inlet's idle value.
    @inlinable public subscript(_ inlet: M.Inlet) -> Signal {
        Signal(context.pointee.cells[Int(context.pointee.inlets[inlet.rawValue])])
    }

    /// A parameter, smoothed, modulated and clamped, in the spec's unit.
    @inlinable public subscript(_ param: M.Param) -> Signal {
        Signal(context.pointee.cells[Int(context.pointee.params[param.rawValue])])
    }

    /// A latched parameter, read at the start of the piece.
    @inlinable public func latched(_ param: M.Param) -> Float {
        context.pointee.cells[Int(context.pointee.params[param.rawValue])].base[0][0]
    }

    /// The chosen case of a latched choice, whole number or switch.
    @inlinable public func choice(_ param: M.Param) -> Int { Int(latched(param)) }

    /// Where an outlet is written, a value for each frame.
    @inlinable public subscript(_ outlet: M.Outlet) -> Output {
        let cell = context.pointee.cells + Int(context.pointee.outlets[outlet.rawValue])
        cell.pointee.stride = 1
        return Output(cell.pointee.base)
    }

    /// Lets an outlet hold one value through the piece: what reads it then does less.
    @inlinable public func hold(_ outlet: M.Outlet, at value: Lanes) {
        let cell = context.pointee.cells + Int(context.pointee.outlets[outlet.rawValue])
        cell.pointee.stride = 0
        cell.pointee.base[0] = value
    }

    /// Whether anything reads an outlet. What nothing reads need not be written.
    @inlinable public func isRead(_ outlet: M.Outlet) -> Bool {
        context.pointee.outlets[outlet.rawValue] != StepContext.unread
    }

    /// Whether an outlet is read on the first frame of each run only: the others need not be written.
    @inlinable public func isReadOnGrid(_ outlet: M.Outlet) -> Bool {
        context.pointee.onGrid & (1 << UInt32(outlet.rawValue)) != 0
    }

    /// The gate at an inlet; low where nothing is connected.
    @inlinable public func gate(_ inlet: M.Inlet) -> Gate {
        context.pointee.gates[Int(context.pointee.inlets[inlet.rawValue])]
    }
}

/// A stretch of frames between two points of the grid.
@frozen public struct ControlSegment: Sendable {
    /// The first frame of the piece that is in it.
    public let first: Int
    /// One past its last frame.
    public let end: Int
    /// The place of `first` after the grid point, 0…15. 0: it is the grid point.
    public let phase: Int

    @inlinable init(first: Int, end: Int, phase: Int) {
        self.first = first
        self.end = end
        self.phase = phase
    }
}

/// The runs of a piece, in order.
@frozen public struct ControlSegments: Sequence, IteratorProtocol, Sendable {
    @usableFromInline var cursor = 0
    @usableFromInline var phase: Int
    @usableFromInline let frames: Int

    /// The runs of `piece`.
    @inlinable public init(of piece: SubBlock) {
        phase = piece.phase
        frames = piece.frames
    }

    /// The next run.
    @inlinable public mutating func next() -> ControlSegment? {
        guard cursor < frames else { return nil }
        let end = Swift.min(frames, cursor &+ (SubBlock.grid &- phase))
        let run = ControlSegment(first: cursor, end: end, phase: phase)
        cursor = end
        phase = 0
        return run
    }
}
