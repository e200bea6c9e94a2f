import KairosDSP

/// Input and output of a stereo effect that works a control tick ahead: the effect's signal of a tick is computed at
/// the beginning of the tick, from inputs that are older, and the inputs of the tick are collected until its end.
/// [audio]
///
/// In `process`, for each segment: `if ticks.begins(…) { … }`, where the module takes ``collected(_:)``, calls
/// ``next()`` and sets the effect's signal; then ``exchange(_:_:_:_:)``.
struct TickAhead: BitwiseCopyable {
    /// First frame of the tick in delay lines that are written tick by tick, a multiple of 16.
    private(set) var position = 0
    /// Frames that were written to them since the start.
    private(set) var written = 0
    /// True in the first tick after a start: values jump to their targets, and nothing was collected.
    private(set) var isFirst = true
    /// Clock of the first frame of the tick.
    private(set) var clock = 0
    /// Gain of the input at the output.
    private var dry = TickRamp()
    /// Gains of each channel of the effect at its own output, and at the other one.
    private var direct = TickRamp()
    private var cross = TickRamp()
    private var isRestarting = true
    /// Clock of the frame that follows the last one rendered.
    private var nextClock = 0
    /// The effect's signal in the tick (two vectors of eight frames), and the collected input (likewise).
    private let frames: Buffer<Lanes>

    /// Nothing collected. [loader]
    init(_ memory: inout ModuleMemory) { frames = memory.buffer(4, repeating: .zero) }

    /// Clears all state before the next frame.
    mutating func restart() { isRestarting = true }

    /// The same, if a channel of the bus is among `lanes`.
    mutating func start(_ lanes: LaneMask) {
        if !(lanes & LaneMask(bits: 3)).isEmpty { restart() }
    }

    /// True if a tick begins at `segment`: at a control tick, after a start, and after frames for which the engine did
    /// not run the module.
    @inline(__always) mutating func begins<M: Module>(_ segment: ControlSegment, _ io: ModuleIO<M>) -> Bool {
        let now = io.clock &+ segment.first
        let isDue = segment.phase == 0 || isRestarting || now != nextClock
        nextClock = io.clock &+ segment.end
        guard isDue else { return false }
        clock = now &- segment.phase
        isFirst = isRestarting
        isRestarting = false
        if isFirst {
            written = 0
            for row in 0..<4 { io[frames][row] = .zero }
        }
        return true
    }

    /// Input of the tick that is over, sixteen frames of each channel.
    @inline(__always) func collected<M: Module>(_ io: ModuleIO<M>) -> (left: Lanes, right: Lanes) {
        let first = io[frames][2], last = io[frames][3]
        return (.left(first, last), .right(first, last))
    }

    /// Moves the position to the tick that begins. Not in the first one.
    @inline(__always) mutating func next() {
        position &+= SubBlock.controlTick
        written &+= SubBlock.controlTick
    }

    /// Sets the effect's signal of the tick, with a stereo `width` of 0 … 1 and a `mix` of 0 … 1.
    @inline(__always) mutating func set<M: Module>(
        left: Lanes, right: Lanes, gain: Float, width: Float, mix: Float, _ io: ModuleIO<M>
    ) {
        let gains = DryWet(mix), half = 0.5 * gain * gains.wet
        dry.aim(at: gains.dry, snapping: isFirst)
        direct.aim(at: half + half * width, snapping: isFirst)
        cross.aim(at: half - half * width, snapping: isFirst)
        let own = direct.values(.tickPositions), other = cross.values(.tickPositions)
        let outLeft = (left * own).addingProduct(right, other)
        let outRight = (right * own).addingProduct(left, other)
        let table = io[frames]
        table[0] = .firstFrames(left: outLeft, right: outRight)
        table[1] = .lastFrames(left: outLeft, right: outRight)
        table[2] = .zero
        table[3] = .zero
    }

    /// Collects the input of a segment, and writes the output.
    @inline(__always) func exchange<M: Module>(
        _ segment: ControlSegment, _ input: Signal, _ output: Output, _ io: ModuleIO<M>
    ) {
        let table = io[frames]
        if segment.end &- segment.first == SubBlock.controlTick {
            let positions = Lanes.tickPositions, n = segment.first
            let first = input.eightFrames(from: n), last = input.eightFrames(from: n &+ 8)
            table[2] = first
            table[3] = last
            let firstGain = dry.values(.firstFrames(left: positions, right: positions))
            let lastGain = dry.values(.lastFrames(left: positions, right: positions))
            output.set(eightFramesFrom: n, to: table[0].addingProduct(first, firstGain))
            output.set(eightFramesFrom: n &+ 8, to: table[1].addingProduct(last, lastGain))
            return
        }
        let memory = UnsafeMutableRawPointer(table)
        for n in segment.first..<segment.end {
            let frame = segment.phase &+ n &- segment.first, x = input[n].stereo
            memory.storeBytes(of: x, toByteOffset: 128 &+ 8 &* frame, as: SIMD2<Float>.self)
            let wet = Lanes(stereo: memory.load(fromByteOffset: 8 &* frame, as: SIMD2<Float>.self))
            output[n] = wet.addingProduct(Lanes(stereo: x), Lanes(repeating: dry.value(frame)))
        }
    }
}
