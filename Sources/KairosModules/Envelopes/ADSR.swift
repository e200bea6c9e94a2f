public import KairosDSP

/// Envelope generator: delay, attack, hold, decay, sustain, release.
///
/// Each stage follows a curve (see ``EnvelopeSegments``). An attack goes on from the present level along the rest
/// of its curve, so that a retriggered one is shorter. With a curve of 100 % decay and release are exponential and
/// go on after their times; at the end of a block a remaining distance below 2⁻¹⁷ (−102 dB) is set to 0. In a loop
/// each pass takes exactly attack, hold and decay.
public struct ADSR: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "adsr", "Envelope generator with attack, decay, sustain and release (ADSR).", isControl: true,
        isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case gate
        /// Declaration of the inlet.
        public var info: InletInfo {
            .gate("Gate, low or high: the rising edge starts the attack, the falling edge the release.")
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Envelope level, 0 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case delay, attack, hold, decay, sustain, release, attackCurve, decayCurve, releaseCurve, loop
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .delay: .time("Delay time, from the gate to the attack.", default: 0)
            case .attack: .time("Attack time, from 0 to the peak.", default: 0.005)
            case .hold: .time("Hold time, at the peak.", default: 0)
            case .decay:
                .time(
                    "Decay time, until the distance to the sustain level has fallen by 60 dB, or to 0 with a curve below 100 %.",
                    default: 0.3)
            case .sustain: .sustain("Sustain level, held while the gate is high.")
            case .release:
                .time(
                    "Release time after the gate goes low, for a fall by 60 dB, or to 0 with a curve below 100 %.",
                    default: 0.3)
            case .attackCurve:
                .stageCurve("Curve of the attack: positive values rise fast first.", default: 0.26)
            case .decayCurve: .stageCurve("Curve of the decay: positive values fall fast first.", default: 1)
            case .releaseCurve:
                .stageCurve("Curve of the release: positive values fall fast first.", default: 1)
            case .loop:
                .toggle("Loop: attack, hold and decay repeat while the gate is high.").readAtNoteOn()
            }
        }
    }

    private var segments: EnvelopeSegments
    /// Output of the last frame.
    private var level = Lanes.zero
    /// Lanes in each stage; a lane in none of them is in the release or at rest.
    private var delaying = LaneMask.none
    private var attacking = LaneMask.none
    private var holding = LaneMask.none
    private var decaying = LaneMask.none
    private var sustaining = LaneMask.none
    /// Time in seconds with which the stage of each lane runs.
    private var seconds = Lanes.zero

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        segments = EnvelopeSegments(sampleRate: format.sampleRate)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        level.set(lanes, to: 0)
        leave(lanes)
        var rest = lanes
        while let lane = rest.popFirst() { segments.hold(lane, at: 0) }
        segments.dropCarry(lanes)
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let gate = io.gate(.gate), sustain = io[.sustain]
        let held = held
        followTimes(io)
        release(held & ~gate.high, io)
        strike(gate.high & (gate.triggered | ~held), io)

        if sustain.isSteady && segments.rest(for: io.frames) {
            level = segments.pass(io.frames, target: sustain[0])
            return io.hold(.output, at: level)
        }
        // The flags are constants after inlining: each case compiles to its own loop.
        switch (sustain.isSteady, io.isReadAtControlTicks(.output)) {
        case (true, false): render(io, isSteady: true, isSparse: false)
        case (true, true): render(io, isSteady: true, isSparse: true)
        case (false, _): render(io, isSteady: false, isSparse: false)
        }
        if io.endsBlock { segments.settle() }
    }

    private var held: LaneMask {
        @inline(__always) get { delaying | attacking | holding | decaying | sustaining }
    }

    /// Renders from one end of a stage to the next. With `isSparse` only the first frame of each control segment
    /// and the ends of stages are written.
    @_transparent private mutating func render(_ io: ModuleIO<Self>, isSteady: Bool, isSparse: Bool) {
        let sustain = io[.sustain], output = io[.output], phase = io.phase
        var n = 0
        while true {
            let plain = min(io.frames - n, segments.framesToEnd - 1)
            segments.render(
                output, n..<n + plain, phase: phase, target: sustain, isSteady: isSteady, isSparse: isSparse)
            n += plain
            if n == io.frames { break }
            endStages(io, n)
            n += 1
        }
        let last = io.frames - 1
        level = segments.level((phase &+ last) & 3, target: sustain[last])
    }

    /// Renders frame `n`, in which stages end, and begins the next ones.
    @inline(never) private mutating func endStages(_ io: ModuleIO<Self>, _ n: Int) {
        let frame = segments.advance((io.phase &+ n) & 3, target: io[.sustain][n])
        io[.output][n] = frame.level
        level = frame.level
        var rest = frame.ended
        while let lane = rest.popFirst() {
            if delaying.contains(lane) {
                attack(lane, io)
            } else if attacking.contains(lane), segments.takesTime(io.atNoteOn(.hold)[lane]) {
                hold(lane, io)
            } else if attacking.contains(lane) || holding.contains(lane) {
                decay(lane, io, n)
            } else if decaying.contains(lane), io.atNoteOn(.loop)[lane] != 0 {
                attack(lane, io, isLooped: true)
            } else if decaying.contains(lane) {
                leave(LaneMask(lane: lane))
                sustaining.insert(lane)
                segments.hold(lane, at: 0, weight: 1)
            } else {
                segments.hold(lane, at: 0)
            }
        }
    }

    /// Stretches the stages whose times have changed.
    @inline(__always) private mutating func followTimes(_ io: ModuleIO<Self>) {
        var now = io.atNoteOn(.release)
        now.replace(with: io.atNoteOn(.delay), where: delaying.vector)
        now.replace(with: io.atNoteOn(.attack), where: attacking.vector)
        now.replace(with: io.atNoteOn(.hold), where: holding.vector)
        now.replace(with: io.atNoteOn(.decay), where: (decaying | sustaining).vector)
        let changed = (now .!= seconds).lanes
        if changed.isEmpty { return }
        segments.stretch(changed, from: seconds, to: now)
        seconds = now
    }

    // MARK: stages

    private mutating func leave(_ lanes: LaneMask) {
        delaying = delaying & ~lanes
        attacking = attacking & ~lanes
        holding = holding & ~lanes
        decaying = decaying & ~lanes
        sustaining = sustaining & ~lanes
    }

    /// Begins the notes of `lanes`.
    @inline(__always) private mutating func strike(_ lanes: LaneMask, _ io: ModuleIO<Self>) {
        if lanes.isEmpty { return }
        segments.dropCarry(lanes)
        var rest = lanes
        while let lane = rest.popFirst() {
            leave(LaneMask(lane: lane))
            let delay = io.atNoteOn(.delay)[lane]
            guard segments.takesTime(delay) else {
                attack(lane, io)
                continue
            }
            delaying.insert(lane)
            seconds[lane] = delay
            segments.wait(lane, at: level[lane], delay)
        }
    }

    @inline(never) private mutating func attack(_ lane: Int, _ io: ModuleIO<Self>, isLooped: Bool = false) {
        leave(LaneMask(lane: lane))
        attacking.insert(lane)
        seconds[lane] = io.atNoteOn(.attack)[lane]
        let curve = io.atNoteOn(.attackCurve)[lane]
        if isLooped {
            segments.move(lane, distance: level[lane] - 1, to: 1, seconds[lane], curve: curve)
        } else {
            segments.rise(lane, from: level[lane], seconds[lane], curve: curve)
        }
    }

    private mutating func hold(_ lane: Int, _ io: ModuleIO<Self>) {
        leave(LaneMask(lane: lane))
        holding.insert(lane)
        seconds[lane] = io.atNoteOn(.hold)[lane]
        segments.wait(lane, at: 1, seconds[lane])
    }

    private mutating func decay(_ lane: Int, _ io: ModuleIO<Self>, _ n: Int) {
        leave(LaneMask(lane: lane))
        decaying.insert(lane)
        seconds[lane] = io.atNoteOn(.decay)[lane]
        let distance = level[lane] - io[.sustain][n][lane], curve = io.atNoteOn(.decayCurve)[lane]
        if curve == 1, io.atNoteOn(.loop)[lane] == 0 {
            segments.approach(lane, distance: distance, to: 0, weight: 1, seconds[lane])
        } else {
            segments.move(lane, distance: distance, to: 0, weight: 1, seconds[lane], curve: curve)
        }
    }

    /// Begins the release of `lanes`.
    @inline(__always) private mutating func release(_ lanes: LaneMask, _ io: ModuleIO<Self>) {
        if lanes.isEmpty { return }
        leave(lanes)
        segments.dropCarry(lanes)
        var rest = lanes
        while let lane = rest.popFirst() {
            seconds[lane] = io.atNoteOn(.release)[lane]
            let curve = io.atNoteOn(.releaseCurve)[lane]
            if curve == 1 {
                segments.approach(lane, distance: level[lane], to: 0, seconds[lane])
            } else {
                segments.move(lane, distance: level[lane], to: 0, seconds[lane], curve: curve)
            }
        }
    }
}
