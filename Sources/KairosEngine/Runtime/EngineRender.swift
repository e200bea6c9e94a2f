import KairosControl
import KairosDSP
import Synchronization

// The audio thread's way through one block.
extension EngineCore {
    mutating func render(
        left outLeft: UnsafeMutablePointer<Float>, right outRight: UnsafeMutablePointer<Float>, frames: Int,
        timebase: Timebase, finished: Bool
    ) {
        receive()
        takeEvents(timebase, frames)
        var done = 0
        var peak: Float = 0
        while done < frames {
            let end = clock + frames - done
            let next = act(before: end)
            // After the events of this frame, whichever of them a block's beginning let act before.
            applyControlChanges()
            var moment = nextMoment()
            if moment == clock {
                settleMoments()
                moment = nextMoment()
            }
            let until = min(
                min(end, moment > clock ? moment : end), min(stretchEnd, min(next, nextControlChange)))
            let count = until - clock
            renderPiece(count, effects: finished)
            let loudest = left.peak(with: right, count)
            peak = max(peak, loudest)
            finish(left, loudest, outLeft + done, count, isLimited: finished)
            finish(right, loudest, outRight + done, count, isLimited: finished)
            done += count
            clock += count
        }
        publish(peak)
    }

    /// Takes events in and lets those act that are due at this frame, and renders nothing.
    mutating func absorb(_ timebase: Timebase) {
        receive()
        takeEvents(timebase, 0)
        _ = act(before: clock + 1)
        publish(0)
    }

    /// No sub-block reaches over an end of 64 frames of the clock, and no event acts earlier than in them.
    private var stretchEnd: Int { (clock / SubBlock.longest + 1) * SubBlock.longest }

    /// Hands a channel out; through the ceiling, where that would change anything.
    @inline(__always) private mutating func finish(
        _ channel: UnsafeMutablePointer<Float>, _ loudest: Float, _ out: UnsafeMutablePointer<Float>,
        _ count: Int, isLimited: Bool
    ) {
        if isLimited, !(loudest <= SoftClipper.threshold) {
            for n in 0..<count { out[n] = SoftClipper.limit(channel[n]) }
        } else {
            out.update(from: channel, count: count)
        }
    }

    private mutating func publish(_ peak: Float) {
        while slotEnd > 0, slots[slotEnd - 1].phase == .free { slotEnd -= 1 }
        var voices = 0, playing = 0, awaiting = false
        for index in 0..<slotEnd where slots[index].phase != .free {
            playing += 1
            if slots[index].phase == .awaiting { awaiting = true }
            if let core = slots[index].core { voices += core.pointee.voices.sounding }
        }
        meters.pointee.voices.store(voices, ordering: .relaxed)
        if voices > meters.pointee.mostVoices.load(ordering: .relaxed) {
            meters.pointee.mostVoices.store(voices, ordering: .relaxed)
        }
        meters.pointee.slots.store(playing, ordering: .relaxed)
        meters.pointee.clock.store(clock, ordering: .relaxed)
        for s in 0..<liveParts {
            let generation = rig.pointee.generation
            meters.pointee.partEntries[s].store(
                Meters.packed(Int(parts[s].entry), generation), ordering: .releasing)
            // The loader builds what a silenced part waits for as it builds what a change waits for.
            let awaits = awaiting && parts[s].pending < 0 && isAwaiting(s)
            let pending = awaits ? parts[s].entry : parts[s].pending
            meters.pointee.partPending[s].store(
                Meters.packed(Int(pending), generation), ordering: .releasing)
        }
        meters.pointee.tempo.store(Float(transport.tempo(at: clock)).bitPattern, ordering: .relaxed)
        publishControls()
        publishPrograms()
        returnFormer()
        if peak > Float(bitPattern: meters.pointee.peak.load(ordering: .relaxed)) {
            meters.pointee.peak.store(peak.bitPattern, ordering: .relaxed)
        }
    }

    /// Takes in what the event inputs brought. Offline nothing is limited: there a block may take its time.
    private mutating func takeEvents(_ timebase: Timebase, _ frames: Int) {
        let limit = isLive ? max(SubBlock.longest, frames) * EventQueue.eventsPerFrame : .max
        eventsLeft = limit
        let taken = eventQueue.takeIn(timebase, clock: clock, limit: limit)
        if taken > 0 { meters.pointee.events.add(taken, ordering: .relaxed) }
    }

    /// Lets every event act that is due by now. Returns the frame of the next one, at most `end`.
    private mutating func act(before end: Int) -> Int {
        while eventsLeft > 0 {
            if let first = eventQueue.first(before: end) { eventQueue.stage(actsOnTick: actsOnTick(first)) }
            guard let next = eventQueue.next else { return end }
            if next.actsOnTick {
                // What changes a value needs no split of its own: it counts from the control tick on. It may not be
                // ahead of a coarse half that becomes the whole value before.
                guard next.frame < min(end, min(stretchEnd, coarseHalves.nextDue)) else { return end }
            } else {
                guard next.frame <= clock else { return min(end, next.frame) }
            }
            eventQueue.finish()
            eventsLeft -= 1
            let frame = max(next.frame, clock)
            // It came too late, or the limit of a block held it up.
            if next.isLate || frame > next.frame { meters.pointee.late.add(1, ordering: .relaxed) }
            // A controller's way to the control tick is no delay: it is the same for all.
            if !next.actsOnTick { meters.pointee.count(delay: frame - next.due) }
            perform(next.event, at: frame)
        }
        return end
    }

    /// The control tick at or after `frame`.
    static func nextControlTick(_ frame: Int) -> Int {
        (frame &+ (SubBlock.controlTick - 1)) / SubBlock.controlTick * SubBlock.controlTick
    }

    private mutating func renderPiece(_ frames: Int, effects finished: Bool) {
        let piece = SubBlock(
            frames: frames, clock: clock, phase: clock % SubBlock.controlTick,
            endsBlock: (clock + frames) % SubBlock.longest == 0)
        for index in 0..<slotEnd where slots[index].phase != .free { renderSlot(index, piece) }
        let fed = sounding & ~Self.outgoingBit != 0, isOutgoing = sounding & Self.outgoingBit != 0
        mix(frames)
        if finished {
            renderMaster(piece, fed: fed, isOutgoing: isOutgoing)
            applyMaster(frames)
        } else if isOutgoing {
            addOutgoing(frames)
        }
        if piece.endsBlock { tally() }
    }

    private mutating func renderSlot(_ index: Int, _ piece: SubBlock) {
        let slot = slots + index
        guard let core = slot.pointee.core else { return }
        if !core.pointee.isIdle, !slot.pointee.isSilenced {
            renderMeasured(
                index,
                SubBlock(
                    frames: piece.frames, clock: piece.clock - core.pointee.epoch, phase: piece.phase,
                    endsBlock: piece.endsBlock))
            add(index, core, piece.frames)
            reportFaultyModule(index)
        } else if slot.pointee.phase == .fading {
            slot.pointee.gain = 0
        }
        if piece.endsBlock { review(index) }
    }

    private mutating func reportFaultyModule(_ index: Int) {
        guard let core = slots[index].core, core.pointee.faultyModule >= 0 else { return }
        report(
            Report(
                kind: .notFinite, slot: Int16(index), entry: slots[index].entry, sound: slots[index].sound,
                index: core.pointee.faultyModule))
        core.pointee.faultyModule = -1
    }
}
