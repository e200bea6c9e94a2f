public import KairosDSP

/// Envelope generator of up to sixteen stages, each with a time, a level and a curve, and with a loop.
///
/// A stage takes its time exactly, from the present level to its own (see ``EnvelopeSegments``); a loop adds up
/// no error, however long it runs. When the gate goes low, the stages after the sustain stage and the loop follow,
/// then the release to 0. Without a sustain stage and a loop all stages are passed, whatever the gate does.
public struct Envelope: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "envelope", "Envelope generator of up to 16 stages, with a loop.", isControl: true, isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case gate
        /// Declaration of the inlet.
        public var info: InletInfo {
            .gate(
                "Gate, low or high: the rising edge starts the first stage, the falling edge ends sustain and loop."
            )
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Envelope level, −1 … 1.") }
    }

    /// Parameters.
    public typealias Param = EnvelopeParam

    private var segments: EnvelopeSegments
    /// Output of the last frame.
    private var level = Lanes.zero
    /// Index of the stage of each lane in `running`.
    private var stage = SIMD16<Int32>(repeating: 0)
    /// Lanes in a stage.
    private var running = LaneMask.none
    /// Lanes whose gate was high in the last sub-block.
    private var open = LaneMask.none
    /// Time in seconds with which the stage of each lane runs.
    private var seconds = Lanes.zero

    private let sampleRate: Float
    /// Frames of the stages that are left when the gate goes low: the output may be silent and then sound again.
    private var left = Lanes.zero

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        sampleRate = format.sampleRate
        segments = EnvelopeSegments(sampleRate: format.sampleRate)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        level.set(lanes, to: 0)
        running = running & ~lanes
        open = open & ~lanes
        segments.dropCarry(lanes)
        var rest = lanes
        while let lane = rest.popFirst() { segments.hold(lane, at: 0) }
    }

    /// Frames of the stages that are left in lanes whose gate is low.
    public var silenceGap: Int {
        Int(Lanes.zero.replacing(with: left, where: (running & ~open).vector).laneMax)
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        followTimes(io)
        let gate = io.gate(.gate)
        var released = open & ~gate.high, struck = gate.high & (gate.triggered | ~open)
        open = gate.high
        while let lane = released.popFirst() { release(lane, io) }
        while let lane = struck.popFirst() {
            segments.dropCarry(LaneMask(lane: lane))
            begin(0, lane, io)
        }
        if segments.rest(for: io.frames) {
            level = segments.pass(io.frames, target: .zero)
            return io.hold(.output, at: level)
        }
        // The flag is a constant after inlining: each case compiles to its own loop.
        if io.isReadAtControlTicks(.output) {
            render(io, isSparse: true)
        } else {
            render(io, isSparse: false)
        }
        if io.endsBlock { segments.settle() }
    }

    /// Renders from one end of a stage to the next. With `isSparse` only the first frame of each control segment
    /// and the ends of stages are written.
    @_transparent private mutating func render(_ io: ModuleIO<Self>, isSparse: Bool) {
        let output = io[.output], phase = io.phase
        var n = 0
        while true {
            let plain = min(io.frames - n, segments.framesToEnd - 1)
            segments.render(output, n..<n + plain, phase: phase, target: nil, isSparse: isSparse)
            n += plain
            if n == io.frames { break }
            endStages(io, n)
            n += 1
        }
        level = segments.level((phase &+ io.frames &- 1) & 3, target: .zero)
    }

    /// Renders frame `n`, in which stages end, and begins the next ones.
    @inline(never) private mutating func endStages(_ io: ModuleIO<Self>, _ n: Int) {
        let frame = segments.advance((io.phase &+ n) & 3, target: .zero)
        io[.output][n] = frame.level
        level = frame.level
        var rest = frame.ended
        while let lane = rest.popFirst() {
            guard running.contains(lane) else {
                segments.hold(lane, at: 0)
                continue
            }
            // Number of the stage that has ended, from 1.
            let ended = Int(stage[lane]) + 1, isOpen = open.contains(lane)
            let ends = marks(lane, io)
            if isOpen, ended == ends.sustain {
                hold(lane)
            } else if isOpen, ended == ends.loopEnd {
                begin(ends.loopStart - 1, lane, io)
            } else if ended < ends.stages {
                begin(ended, lane, io)
            } else if isOpen {
                hold(lane)
            } else {
                finish(lane, io)
            }
        }
    }

    /// Numbers of stages, from 1: the last one, the sustain stage, and the loop; 0 for none.
    private func marks(
        _ lane: Int, _ io: ModuleIO<Self>
    ) -> (stages: Int, sustain: Int, loopStart: Int, loopEnd: Int) {
        let stages = Int(io.atNoteOn(.stages)[lane]), sustain = Int(io.atNoteOn(.sustain)[lane])
        let start = Int(io.atNoteOn(.loopStart)[lane]), end = Int(io.atNoteOn(.loopEnd)[lane])
        let isLoop = start > 0 && start <= end && end <= stages
        return (stages, sustain <= stages ? sustain : 0, isLoop ? start : 0, isLoop ? end : 0)
    }

    private mutating func begin(_ index: Int, _ lane: Int, _ io: ModuleIO<Self>) {
        running.insert(lane)
        stage[lane] = Int32(truncatingIfNeeded: index)
        seconds[lane] = io.atNoteOn(.time(index))[lane]
        let to = io.atNoteOn(.level(index))[lane]
        segments.move(
            lane, distance: level[lane] - to, to: to, seconds[lane],
            curve: io.atNoteOn(.curve(index))[lane])
    }

    private mutating func hold(_ lane: Int) {
        running.remove(lane)
        segments.hold(lane, at: level[lane])
    }

    /// Leaves sustain and loop when the gate goes low.
    private mutating func release(_ lane: Int, _ io: ModuleIO<Self>) {
        let ends = marks(lane, io), last = max(ends.sustain, ends.loopEnd)
        // A lane behind the loop, and one whose stages are passed in any case, goes on.
        let goesOn = running.contains(lane) && Int(stage[lane]) >= last
        let next = goesOn ? Int(stage[lane]) : last
        left[lane] = 0
        for index in next..<max(next, ends.stages) {
            left[lane] += io.atNoteOn(.time(index))[lane] * sampleRate
        }
        if goesOn { return }
        segments.dropCarry(LaneMask(lane: lane))
        if last > 0, last < ends.stages {
            begin(last, lane, io)
        } else {
            finish(lane, io)
        }
    }

    /// Falls to 0: no stages are left.
    private mutating func finish(_ lane: Int, _ io: ModuleIO<Self>) {
        running.remove(lane)
        seconds[lane] = io.atNoteOn(.release)[lane]
        let curve = io.atNoteOn(.releaseCurve)[lane]
        if curve == 1 {
            segments.approach(lane, distance: level[lane], to: 0, seconds[lane])
        } else {
            segments.move(lane, distance: level[lane], to: 0, seconds[lane], curve: curve)
        }
    }

    /// Stretches the stages whose times have changed.
    @inline(__always) private mutating func followTimes(_ io: ModuleIO<Self>) {
        var now = io.atNoteOn(.release)
        var rest = running
        while !rest.isEmpty {
            let index = stage[rest.first]
            let lanes = (stage .== SIMD16(repeating: index)).lanes & rest
            now.replace(with: io.atNoteOn(.time(Int(index))), where: lanes.vector)
            rest = rest & ~lanes
        }
        let changed = (now .!= seconds).lanes
        if changed.isEmpty { return }
        segments.stretch(changed, from: seconds, to: now)
        seconds = now
    }
}
