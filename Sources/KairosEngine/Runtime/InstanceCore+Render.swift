import CRealtime
import KairosCompiler
import KairosDSP

// Rendering of one sub-block. [audio]
//
// Functions that are not inlined are mutating: a call of another one copies the whole core.
extension InstanceCore {
    /// Group index of the steps that run once. Not an optional: every step would pass one more value.
    private static let noGroup = -1
    /// Amplitude below which a lane is silent: −100 dBFS.
    private static let laneSilence: Float = 1e-5

    /// Renders a sub-block into the output of its buffers.
    mutating func render(_ subBlock: SubBlock) {
        self.subBlock = subBlock
        params.follow(subBlock.transport, snaps: state.unstarted)
        params.fill(subBlock, buffers.scratch.moving)
        state.fade.advance(subBlock.frames, buffers.fadeGains)
        if state.unstarted { startOnce(.all) }
        if schedule.before.count > 0 { run(schedule.before, Self.noGroup) }
        soundingGroups = 0
        if schedule.newestSteps.count > 0 { holdNewest() }
        var anyHigh = false, anyTriggered = false
        for group in voices.groups.indices where !voices.groups[group].used.isEmpty {
            anyHigh = anyHigh || !voices.groups[group].high.isEmpty
            anyTriggered = anyTriggered || !voices.groups[group].triggered.isEmpty
            renderGroup(group)
            soundingGroups += 1
        }
        self.subBlock.activeLanes = .all
        gates[Self.patchGate] = Gate(
            high: anyHigh ? .all : .none, triggered: anyTriggered ? .all : .none)
        if anyTriggered, !state.onceMuted.isEmpty { startOnce(state.onceMuted) }
        if schedule.after.count > 0 { run(schedule.after, Self.noGroup) }
        for index in Self.keysGates..<gates.count { gates[index].triggered = .none }
        if subBlock.endsBlock {
            state.isIdle = isFinished && !schedule.neverIdle && !params.isMoving && state.fade.isSettled
        }
    }

    /// True if no voice sounds, no note stage will act by itself, and since then the output has been silent for longer
    /// than the modules' silence gaps.
    var isFinished: Bool {
        @inline(__always) mutating get {
            guard voices.isSilent, !stages.isActive else {
                // A sound that is on its way through a delay line is not heard yet.
                state.quiet = 0
                return false
            }
            return state.quiet * SubBlock.controlTick > silenceGap() + schedule.quietFrames
        }
    }

    /// Longest silence in frames after which the patch may sound again: the sum of its modules' silence gaps.
    private mutating func silenceGap() -> Int {
        var frames = 0
        for index in modules.once.indices {
            frames += modules.once[index]._withUnsafeGuaranteedRef { $0.silenceGap }
        }
        return frames + voiceSilenceGap(of: 0)
    }

    /// The sum of the silence gaps of a voice group's modules in frames.
    private mutating func voiceSilenceGap(of group: Int) -> Int {
        var frames = 0
        for index in group * schedule.voiceCount..<(group + 1) * schedule.voiceCount {
            frames += modules.voice[index]._withUnsafeGuaranteedRef { $0.silenceGap }
        }
        return frames
    }

    private mutating func startOnce(_ lanes: LaneMask) {
        state.unstarted = false
        state.onceMuted = .none
        for index in modules.once.indices {
            let seeds = SIMD16<UInt32>(repeating: schedule.onceSeeds[index])
            modules.once[index]._withUnsafeGuaranteedRef { $0.start(lanes, seeds: seeds) }
        }
    }

    private mutating func renderGroup(_ group: Int) {
        if !voices.groups[group].fresh.isEmpty { startVoices(group) }
        subBlock.activeLanes = voices.groups[group].used
        gates[Self.voiceGate] = Gate(
            high: voices.groups[group].high, triggered: voices.groups[group].triggered)
        voices.groups[group].triggered = .none
        fillGains(group)
        let isWatched = !voices.groups[group].watched.isEmpty
        if isWatched { buffers.peaks.fill(.zero) }
        run(schedule.voiced, group)
        if isWatched { retire(group) }
    }

    /// Starts the modules of a group in the lanes that begin a note.
    private mutating func startVoices(_ group: Int) {
        let fresh = voices.groups[group].fresh
        for index in 0..<schedule.voiceCount {
            let seeds = scrambled(voices.groups[group].seeds ^ SIMD16(repeating: schedule.voiceSeeds[index]))
            modules.voice[group * schedule.voiceCount + index]._withUnsafeGuaranteedRef {
                $0.start(fresh, seeds: seeds)
            }
        }
        voices.groups[group].fresh = .none
    }

    /// Writes the gains of the group's lanes: for each frame while one changes, else for the first frame alone.
    private mutating func fillGains(_ group: Int) {
        gainsMove = !voices.groups[group].gain.isSettled
        for n in 0..<(gainsMove ? subBlock.frames : 1) {
            buffers.scratch.gains[n] = voices.groups[group].gain.value
            if gainsMove { voices.groups[group].gain.advance() }
        }
    }

    /// Counts the silence of released lanes in control ticks. At the end of a block of 64 frames, frees those that have
    /// ended: no later frame has been rendered there.
    private mutating func retire(_ group: Int) {
        var index = 0
        for segment in ControlSegments(of: subBlock) {
            let loudest = voices.groups[group].peak.larger(buffers.peaks[index])
            index += 1
            guard segment.phase + segment.end - segment.first == SubBlock.controlTick else {
                voices.groups[group].peak = loudest
                continue
            }
            voices.groups[group].peak = .zero
            let isQuiet = loudest .< Lanes(repeating: Self.laneSilence)
            let counted = voices.groups[group].quiet &+ SIMD16<Int32>(repeating: 1)
            voices.groups[group].quiet = SIMD16<Int32>(repeating: 0).replacing(with: counted, where: isQuiet)
        }
        guard subBlock.endsBlock else { return }
        let limit = Int32(
            truncatingIfNeeded: (voiceSilenceGap(of: group) + schedule.quietFrames) / SubBlock.controlTick)
        let quiet = (voices.groups[group].quiet .> SIMD16<Int32>(repeating: limit)).lanes
        let faded = (voices.groups[group].gain.value .== Lanes.zero).lanes
        voices.groups[group].free(
            quiet & voices.groups[group].watched | faded & voices.groups[group].ending)
    }

    /// Runs the steps of a phase, for a voice group or once.
    private mutating func run(_ steps: RegionTable<Step>, _ group: Int) {
        let boxes =
            group < 0 ? modules.once : modules.voice.suffix(from: group &* schedule.voiceCount)
        for index in steps.indices {
            let began = timing.isTimed ? crt_now() : 0
            run(&steps[index], boxes, group)
            if timing.isTimed {
                timing.nodeCosts[Int(steps[index].node)] &+= UInt32(truncatingIfNeeded: crt_now() &- began)
            }
        }
    }

    @inline(__always) private mutating func run(
        _ step: inout Step, _ boxes: RegionTable<Unmanaged<ModuleBox>>, _ group: Int
    ) {
        let context = schedule.contexts.baseAddress + Int(step.context)
        switch step.op {
        case .process: boxes[Int(step.box)]._withUnsafeGuaranteedRef { $0.process(context) }
        case .read: boxes[Int(step.box)]._withUnsafeGuaranteedRef { $0.read(context) }
        case .write: return boxes[Int(step.box)]._withUnsafeGuaranteedRef { $0.write(context) }
        case .input: return readInput(&step)
        case .keys: return schedule.keyOutlets.write(voices.groups, group, subBlock.frames)
        case .sum: return sum(&step)
        case .modulate: return modulate(&step)
        case .latch: return latch(&step, group)
        case .spread: return spread(&step)
        case .gather: return gather(&step, group)
        case .collapse: return collapse(&step)
        case .newest: return newest(&step, group)
        case .output: return output(&step)
        case .deliver: return deliver(&step)
        case .fade: return fade(&step)
        }
        checkOutput(&step, group)
    }

    /// Finds a module whose output is not finite by its last value: it is not finite from then on, because every module
    /// with state keeps it.
    @inline(__always) private mutating func checkOutput(_ step: inout Step, _ group: Int) {
        for index in Int(step.read)..<Int(step.read) &+ Int(step.count) {
            // The complement of a cell's index: it is read at control ticks only.
            let isDense = schedule.ports[index] >= 0
            let cell = schedule.cells[Int(isDense ? schedule.ports[index] : ~schedule.ports[index])]
            let frame = isDense ? subBlock.frames &- 1 : subBlock.lastSegmentStart
            let last = cell.base[frame &* cell.stride]
            if (last - last .!= Lanes.zero).any { mute(&step, cell, frame, group) }
        }
    }

    /// Mutes the lanes that are not finite at `frame` until their next note, and stores the index of the step's node.
    @inline(never) private mutating func mute(
        _ step: inout Step, _ cell: SignalCell, _ frame: Int, _ group: Int
    ) {
        let lanes = (.!cell.base[frame &* cell.stride].isFinite).lanes
        for n in 0..<(cell.stride == 0 ? 1 : subBlock.frames) { cell.base[n].set(lanes, to: 0) }
        let new: LaneMask
        if group >= 0 {
            let sounding = lanes & voices.groups[group].used
            // A lane that is muted already has been reported.
            new = sounding & ~voices.groups[group].muted
            voices.groups[group].muted = voices.groups[group].muted | sounding
        } else {
            new = lanes & ~state.onceMuted
            state.onceMuted = state.onceMuted | lanes
        }
        if state.faultyModule == nil, !new.isEmpty { state.faultyModule = step.node }
    }
}
