public import KairosDSP

/// Low-frequency oscillator.
///
/// If it runs freely, its phase at the start of a note is rate × clock: the phase that a constant rate gives
/// since the activation of its slot, whatever sounded in the lane before. From there on it follows the rate.
///
/// If the rate is a note value and the transport runs, the phase is that of the beats: at the start of a note at once,
/// and after a jump of the transport or another note value by a ``BeatLock``. With `retrigger` or `oneShot` the cycle
/// begins with the note, after the delay; it has the length of a note value.
public struct LFO: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "lfo", "Low-frequency oscillator (LFO), for vibrato, tremolo and sweeps.", isControl: true,
        isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case gate
        /// Declaration of the inlet.
        public var info: InletInfo {
            .gate("Gate, low or high: a trigger restarts delay and fade, and with `retrigger` the cycle.")
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Waveform, −1 … 1; 0 … 1 if `unipolar` is on.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, shape, width, phase, delay, fade, retrigger, oneShot, unipolar
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate:
                ParamSpec(
                    "Rate: cycles per second.", range: 0.01...50, default: 2, unit: .hertz,
                    curve: .exponential,
                    smoothing: .logarithmic
                ).followsTempo()
            case .shape:
                .choice(
                    "Waveform; random is a new value each cycle (sample and hold), smooth moves between them.",
                    LFOShape.allCases.map { "\($0)" })
            case .width:
                ParamSpec("Pulse width of the square.", range: 0.01...0.99, default: 0.5, unit: .ratio)
            case .phase:
                ParamSpec("Phase offset.", range: 0...360, default: 0, unit: .degrees, latched: true)
            case .delay: .time("Delay: time of silence from the beginning of a note.", default: 0)
            case .fade: .time("Fade-in: time from silence to the full waveform, after the delay.", default: 0)
            case .retrigger: .toggle("Retrigger: each note restarts the cycle; otherwise free-running.")
            case .oneShot: .toggle("One shot: a single cycle in each note, which stays at its end.")
            case .unipolar: .toggle("Unipolar output, 0 … 1, instead of bipolar, −1 … 1.")
            }
        }
    }

    private let cyclesPerHertz: Float
    private let seed: SIMD16<UInt32>
    private var phase = SIMD16<UInt32>(repeating: 0)
    /// Number of completed cycles, and the seed of each lane's random values.
    private var cycle = SIMD16<UInt32>(repeating: 0)
    private var source: SIMD16<UInt32>
    private var seeds: SIMD16<UInt32>
    private var onset: LFOOnset
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0
    private let lock: BeatLock
    /// True while the cycle is locked to the beats.
    private var isLocked = false
    /// Advance of the phase per frame while it is locked.
    private var step = SIMD16<Int32>(repeating: 0)

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        cyclesPerHertz = 1 / format.sampleRate
        lock = BeatLock(sampleRate: format.sampleRate)
        seed = SIMD16(repeating: scrambled(format.seed))
        source = seed
        seeds = seed
        onset = LFOOnset(format)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: seed)
        clock = 0
        isLocked = false
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: scrambled(seeds ^ seed), where: lanes.vector)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        beginOnset(io)
        let shape = LFOShape(rawValue: io.choice(.shape)) ?? .sine
        let offset = phaseOffset(turns: Lanes(repeating: io.latched(.phase) * (1 / 360)))
        let isUnipolar = io.choice(.unipolar) != 0, isOneShot = io.choice(.oneShot) != 0
        let scale = Lanes(repeating: isUnipolar ? 0.5 : 1), bias = Lanes(repeating: isUnipolar ? 0.5 : 0)
        let output = io[.output], width = io[.width], isFull = onset.isFull
        @inline(__always) func value(_ n: Int) -> Lanes {
            let value = bias.addingProduct(self.value(shape, offset, width[n], isOneShot), scale)
            return isFull ? value : value * onset.amplitude(n)
        }
        if let beats = io.beatCycle(.rate) {
            let atTicks = io.isReadAtControlTicks(.output)
            for segment in io.segments {
                lead(to: beats, at: segment, io)
                var n = segment.first
                repeat {
                    output[n] = value(n)
                    let frames = atTicks ? segment.end &- n : 1
                    advance(by: step &* SIMD16(repeating: Int32(truncatingIfNeeded: frames)))
                    n &+= frames
                } while n < segment.end
            }
        } else {
            isLocked = false
            let rate = io[.rate]
            var increment = increment(rate[0])
            startLanes(io, increment)
            if rate.isSteady, io.isReadAtControlTicks(.output) {
                for segment in io.segments {
                    output[segment.first] = value(segment.first)
                    advance(by: increment &* SIMD16(repeating: UInt32(segment.end - segment.first)))
                }
            } else {
                for n in 0..<io.frames {
                    if !rate.isSteady { increment = self.increment(rate[n]) }
                    output[n] = value(n)
                    advance(by: increment)
                }
            }
        }
        onset.advance(io.frames)
        clock = io.clock &+ io.frames
    }

    /// Advances by less than one cycle: at the maximum rate the 16 frames of a control segment are far less.
    @inline(__always) private mutating func advance(by increment: SIMD16<UInt32>) {
        let next = phase &+ increment
        cycle = cycle.replacing(with: cycle &+ SIMD16(repeating: 1), where: next .< phase)
        phase = next
    }

    /// Advances by less than half a cycle, forward or backward.
    @inline(__always) private mutating func advance(by step: SIMD16<Int32>) {
        let next = phase &+ unsafeBitCast(step, to: SIMD16<UInt32>.self)
        let isForward = step .>= SIMD16(repeating: 0)
        cycle.replace(with: cycle &+ SIMD16(repeating: 1), where: isForward .& (next .< phase))
        cycle.replace(with: cycle &- SIMD16(repeating: 1), where: .!isForward .& (next .> phase))
        phase = next
    }

    /// Begins a segment of a cycle that is locked to the beats: starts lanes, and sets the advance of the phase at
    /// control ticks, in lanes that start, and where the lock begins.
    private mutating func lead(to beats: BeatCycle, at segment: ControlSegment, _ io: ModuleIO<Self>) {
        let isFirst = segment.first == 0, isRetriggered = isRetriggered(io)
        var fresh = LaneMask.none
        if isFirst {
            fresh = isRetriggered ? started | io.gate(.gate).triggered : started
            // Frames in which the module was not run count.
            if io.clock != clock, isLocked {
                if isRetriggered { skip(~fresh, io.clock &- clock, beats) } else { fresh = .all }
            }
        }
        let all = segment.phase == 0 || !isLocked
        guard all || !fresh.isEmpty else { return }
        isLocked = true
        let present = beats.at(segment.first)
        if isRetriggered {
            phase.replace(with: 0, where: fresh.vector)
            cycle.replace(with: 0, where: fresh.vector)
            source.replace(with: seeds, where: started.vector)
            // The cycle begins when the delay is over.
            rewind(fresh, io, SIMD16(repeating: beats.advance(SubBlock.controlTick) >> 4))
        } else {
            phase.replace(with: SIMD16(repeating: present.phase), where: fresh.vector)
            source.replace(with: seed, where: fresh.vector)
            count(from: present, all ? .all : fresh)
        }
        if isFirst { started = .none }
        let even = Int32(truncatingIfNeeded: beats.advance(SubBlock.controlTick)) &>> 4
        let way =
            isRetriggered
            ? SIMD16(repeating: even) : lock.increment(from: phase, to: beats, at: segment.first)
        step.replace(with: way, where: all ? LaneMask.all.vector : fresh.vector)
    }

    /// Sets the number of the cycle of `lanes` from that of the beats, for a phase that may lie in the next or last one.
    private mutating func count(from present: (number: UInt32, phase: UInt32), _ lanes: LaneMask) {
        let here = SIMD16(repeating: present.phase)
        let isAhead = unsafeBitCast(phase &- here, to: SIMD16<Int32>.self) .>= SIMD16(repeating: 0)
        var number = SIMD16(repeating: present.number)
        number.replace(with: SIMD16(repeating: present.number &+ 1), where: isAhead .& (phase .< here))
        number.replace(with: SIMD16(repeating: present.number &- 1), where: .!isAhead .& (phase .> here))
        cycle.replace(with: number, where: lanes.vector)
    }

    /// Advances phase and cycle of `lanes` by `frames` frames at the speed of the beats.
    private mutating func skip(_ lanes: LaneMask, _ frames: Int, _ beats: BeatCycle) {
        let even = beats.advance(SubBlock.controlTick) >> 4
        skip(lanes, frames, SIMD16(repeating: even))
    }

    @inline(__always) private func increment(_ rate: Lanes) -> SIMD16<UInt32> {
        phaseIncrement(rate * Lanes(repeating: cyclesPerHertz))
    }

    /// Value of the present frame, −1…1. A one-shot stays at the last phase of its first cycle.
    @inline(__always) private func value(
        _ shape: LFOShape, _ offset: SIMD16<UInt32>, _ width: Lanes, _ isOneShot: Bool
    ) -> Lanes {
        if !isOneShot { return shape.value(phase, phase &+ offset, source &+ cycle, width: width) }
        let isOver = unsafeBitCast(cycle, to: SIMD16<Int32>.self) .> SIMD16<Int32>(repeating: 0)
        let phase = phase.replacing(with: UInt32.max, where: isOver)
        return shape.value(
            phase, phase &+ offset, source &+ cycle.replacing(with: 0, where: isOver), width: width)
    }

    /// Begins delay and fade of started and triggered lanes.
    private mutating func beginOnset(_ io: ModuleIO<Self>) {
        if io.clock != clock { onset.advance(io.clock &- clock) }
        onset.begin(
            started | io.gate(.gate).triggered, delay: io.atNoteOn(.delay), fade: io.atNoteOn(.fade))
    }

    /// True if each note begins a cycle.
    private func isRetriggered(_ io: ModuleIO<Self>) -> Bool {
        io.choice(.retrigger) != 0 || io.choice(.oneShot) != 0
    }

    /// Sets the phase of started and triggered lanes at the beginning of a sub-block, and catches up on
    /// frames in which the module was not run.
    private mutating func startLanes(_ io: ModuleIO<Self>, _ increment: SIMD16<UInt32>) {
        if io.clock != clock { skip(.all, io.clock &- clock, increment) }
        let isRetriggered = isRetriggered(io)
        let lanes = isRetriggered ? started | io.gate(.gate).triggered : started
        if lanes.isEmpty { return }
        phase.replace(with: 0, where: lanes.vector)
        cycle.replace(with: 0, where: lanes.vector)
        if isRetriggered {
            source.replace(with: seeds, where: started.vector)
            // The cycle begins when the delay is over.
            rewind(lanes, io, increment)
        } else {
            source.replace(with: seed, where: lanes.vector)
            skip(lanes, io.clock, increment)
        }
        started = .none
    }

    /// Moves phase and cycle of `lanes` back by the frames of the delay.
    private mutating func rewind(_ lanes: LaneMask, _ io: ModuleIO<Self>, _ increment: SIMD16<UInt32>) {
        let frames = onset.delayFrames(io.atNoteOn(.delay))
        for lane in 0..<16 where lanes.contains(lane) && frames[lane] > 0 {
            skip(LaneMask(lane: lane), -Int(frames[lane]), increment)
        }
    }

    /// Advances phase and cycle of `lanes` by `frames` frames at a constant rate.
    private mutating func skip(_ lanes: LaneMask, _ frames: Int, _ increment: SIMD16<UInt32>) {
        for lane in 0..<16 where lanes.contains(lane) {
            let sum = UInt64(increment[lane]) &* UInt64(truncatingIfNeeded: frames) &+ UInt64(phase[lane])
            phase[lane] = UInt32(truncatingIfNeeded: sum)
            cycle[lane] = cycle[lane] &+ UInt32(truncatingIfNeeded: sum >> 32)
        }
    }
}
