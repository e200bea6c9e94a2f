import CRealtime
import KairosCompiler
import KairosDSP

// Rendering one piece of a program. Everything here runs in the audio thread.
extension InstanceCore {
    /// Renders a piece into `left` and `right`.
    mutating func render(_ piece: SubBlock) {
        self.piece.pointee = piece
        params.fill(piece, scratch.moving)
        fade.advance(piece.frames, fadeGains)
        if unstarted { startOnce(.all) }
        run(before, -1, piece)
        soundingGroups = 0
        holdNewest()
        var anyHigh = false, anyStruck = false
        for g in 0..<voices.groupCount where !voices.groups[g].used.isEmpty {
            anyHigh = anyHigh || !voices.groups[g].high.isEmpty
            anyStruck = anyStruck || !voices.groups[g].struck.isEmpty
            renderGroup(g, piece)
            soundingGroups += 1
        }
        self.piece.pointee.activeLanes = .all
        gates[1] = Gate(high: anyHigh ? .all : .none, triggered: anyStruck ? .all : .none)
        if anyStruck, !onceMuted.isEmpty { startOnce(onceMuted) }
        run(after, -1, piece)
        for index in 2..<max(2, gateCount) { gates[index].triggered = .none }
        if piece.endsBlock { isIdle = isFinished && !neverIdle && !params.isMoving && fade.isSettled }
    }

    /// Nothing sounds and nothing will: silent for longer than its gap.
    var isFinished: Bool { voices.isSilent && quiet * SubBlock.controlTick > gap + quietFrames }

    private mutating func startOnce(_ lanes: LaneMask) {
        unstarted = false
        onceMuted = .none
        for index in 0..<onceCount {
            let seeds = SIMD16<UInt32>(repeating: onceSeeds[index])
            onceBoxes[index]._withUnsafeGuaranteedRef { $0.start(lanes, seeds: seeds) }
        }
    }

    private mutating func renderGroup(_ g: Int, _ piece: SubBlock) {
        let group = voices.groups + g
        if !group.pointee.fresh.isEmpty {
            let fresh = group.pointee.fresh
            for index in 0..<voiceCount {
                let seeds = scrambled(group.pointee.seeds ^ SIMD16(repeating: voiceSeeds[index]))
                voiceBoxes[g * voiceCount + index]._withUnsafeGuaranteedRef { $0.start(fresh, seeds: seeds) }
            }
            group.pointee.fresh = .none
        }
        self.piece.pointee.activeLanes = group.pointee.used
        gates[0] = Gate(high: group.pointee.high, triggered: group.pointee.struck)
        group.pointee.struck = .none
        fillGains(group, piece)
        if !group.pointee.watched.isEmpty {
            for run in 0..<Self.runsPerPiece { peaks[run] = .zero }
        }
        run(voiced, g, piece)
        retire(group, g, piece)
    }

    /// The gains of the group's lanes: a block while one moves, else the first frame holds.
    private mutating func fillGains(_ group: UnsafeMutablePointer<Group>, _ piece: SubBlock) {
        gainsMove = !group.pointee.gain.isSettled
        for n in 0..<(gainsMove ? piece.frames : 1) {
            scratch.gains[n] = group.pointee.gain.value
            if gainsMove { group.pointee.gain.advance() }
        }
    }

    /// Counts silence on the grid, and takes back lanes where a stretch of 64 frames ends: there, no piece
    /// has been rendered beyond.
    private mutating func retire(_ group: UnsafeMutablePointer<Group>, _ g: Int, _ piece: SubBlock) {
        guard !group.pointee.watched.isEmpty else { return }
        var index = 0
        for run in ControlSegments(of: piece) {
            let loudest = group.pointee.peak.larger(peaks[index])
            index += 1
            guard run.phase + run.end - run.first == SubBlock.controlTick else {
                group.pointee.peak = loudest
                continue
            }
            group.pointee.peak = .zero
            let isQuiet = loudest .< Lanes(repeating: Self.laneSilence)
            let counted = group.pointee.quiet &+ SIMD16<Int32>(repeating: 1)
            group.pointee.quiet = SIMD16<Int32>(repeating: 0).replacing(with: counted, where: isQuiet)
        }
        guard piece.endsBlock else { return }
        var gap = 0
        for index in 0..<voiceCount {
            gap += voiceBoxes[g * voiceCount + index]._withUnsafeGuaranteedRef { $0.silenceGap }
        }
        let limit = Int32(truncatingIfNeeded: (gap + quietFrames) / SubBlock.controlTick)
        let finished = (group.pointee.quiet .> SIMD16<Int32>(repeating: limit)).lanes & group.pointee.watched
        let faded = (group.pointee.gain.value .== Lanes.zero).lanes & group.pointee.ending
        group.pointee.free(finished | faded)
    }

    /// The steps of a phase, for group `g`, or −1 for what runs once.
    private mutating func run(_ steps: UnsafeBufferPointer<Step>, _ g: Int, _ piece: SubBlock) {
        guard var step = steps.baseAddress else { return }
        let end = step + steps.count
        let boxes = UnsafePointer(g < 0 ? onceBoxes : voiceBoxes + g &* voiceCount)
        while step < end {
            let began = isTimed ? crt_now() : 0
            run(step, boxes, g, piece)
            if isTimed {
                nodeCosts[Int(step.pointee.node)] &+= UInt32(truncatingIfNeeded: crt_now() &- began)
            }
            step += 1
        }
    }

    @inline(__always) private mutating func run(
        _ step: UnsafePointer<Step>, _ boxes: UnsafePointer<Unmanaged<ModuleBox>>, _ g: Int, _ piece: SubBlock
    ) {
        switch step.pointee.op {
        case .input: takeInput(step.pointee, piece)
        case .process:
            let context = contexts + Int(step.pointee.context)
            boxes[Int(step.pointee.box)]._withUnsafeGuaranteedRef { $0.process(context) }
            review(step, g, piece)
        case .read:
            let context = contexts + Int(step.pointee.context)
            boxes[Int(step.pointee.box)]._withUnsafeGuaranteedRef { $0.read(context) }
            review(step, g, piece)
        case .write:
            let context = contexts + Int(step.pointee.context)
            boxes[Int(step.pointee.box)]._withUnsafeGuaranteedRef { $0.write(context) }
        case .keys: runKeys(g, piece)
        case .sum: sum(step.pointee, piece)
        case .modulate: modulate(step.pointee, piece)
        case .spread: spread(step.pointee, piece)
        case .gather: gather(step.pointee, g, piece)
        case .collapse: collapse(step.pointee, piece)
        case .newest: newest(step.pointee, g, piece)
        case .output: output(step.pointee, piece)
        case .deliver: deliver(step.pointee, piece)
        case .fade: fade(step.pointee, piece)
        }
    }

    /// Not finite anywhere is not finite at the end, for whatever keeps state.
    @inline(__always) private mutating func review(_ step: UnsafePointer<Step>, _ g: Int, _ piece: SubBlock) {
        let read = ports + Int(step.pointee.read)
        for index in 0..<Int(step.pointee.count) {
            let place = read[index], isDense = place >= 0
            let cell = cells[Int(isDense ? place : ~place)]
            let frame = isDense ? piece.frames &- 1 : piece.lastSegmentStart
            let last = cell.base[frame &* cell.stride]
            if (last - last .!= Lanes.zero).any { stop(step.pointee, cell, frame, g, piece) }
        }
    }

    /// A lane that is no number at `frame` is silenced until its next note, and the step that made it is named.
    @inline(never) private mutating func stop(
        _ step: Step, _ cell: SignalCell, _ frame: Int, _ g: Int, _ piece: SubBlock
    ) {
        let lanes = (.!cell.base[frame &* cell.stride].isFinite).lanes
        for n in 0..<(cell.stride == 0 ? 1 : piece.frames) { cell.base[n].set(lanes, to: 0) }
        if g >= 0 {
            let sounding = lanes & voices.groups[g].used
            // Named once: a muted lane is known, until its next note.
            if faultyModule < 0, !(sounding & ~voices.groups[g].muted).isEmpty { faultyModule = step.node }
            voices.groups[g].muted = voices.groups[g].muted | sounding
        } else {
            if faultyModule < 0, !(lanes & ~onceMuted).isEmpty { faultyModule = step.node }
            onceMuted = onceMuted | lanes
        }
    }

    private mutating func runKeys(_ g: Int, _ piece: SubBlock) {
        let group = voices.groups + g
        let still = group.pointee.pitch.isSettled && group.pointee.offset.isSettled
        if still {
            hold(KeysOutlet.pitch.index, group.pointee.pitch.value + group.pointee.offset.value)
        } else {
            for n in 0..<piece.frames {
                put(KeysOutlet.pitch.index, n, group.pointee.pitch.value + group.pointee.offset.value)
                group.pointee.pitch.advance()
                group.pointee.offset.advance()
            }
        }
        ramp(KeysOutlet.bend.index, &group.pointee.bend, piece)
        ramp(KeysOutlet.timbre.index, &group.pointee.timbre, piece)
        ramp(KeysOutlet.velocity.index, &group.pointee.velocity, piece)
        hold(KeysOutlet.release.index, group.pointee.release)
        ramp(KeysOutlet.pressure.index, &group.pointee.pressure, piece)
        hold(KeysOutlet.note.index, group.pointee.note)
        hold(KeysOutlet.spread.index, group.pointee.spread)
    }

    private mutating func ramp(_ outlet: Int, _ ramp: inout LaneRamp, _ piece: SubBlock) {
        if ramp.isSettled { return hold(outlet, ramp.value) }
        for n in 0..<piece.frames {
            put(outlet, n, ramp.value)
            ramp.advance()
        }
    }

    private mutating func hold(_ outlet: Int, _ value: Lanes) {
        let cell = Int(keyCells[outlet])
        guard cell >= 0 else { return }
        cells[cell].stride = 0
        cells[cell].base[0] = value
    }

    private mutating func put(_ outlet: Int, _ frame: Int, _ value: Lanes) {
        let cell = Int(keyCells[outlet])
        guard cell >= 0 else { return }
        cells[cell].stride = 1
        cells[cell].base[frame] = value
    }
}

extension KeysOutlet {
    /// The raw value, as a constant: the getter of another module is a call.
    fileprivate var index: Int {
        @inline(__always) get {
            switch self {
            case .pitch: 0
            case .gate: 1
            case .velocity: 2
            case .release: 3
            case .pressure: 4
            case .bend: 5
            case .note: 6
            case .spread: 7
            case .timbre: 8
            }
        }
    }
}
