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
        drain(timebase)
        var done = 0
        var peak: Float = 0
        while done < frames {
            let end = clock + frames - done
            let next = act(before: end)
            // After the events of this frame, whichever of them a block's beginning let act before.
            settleDeferred()
            var moment = nextMoment()
            if moment == clock {
                settleMoments()
                moment = nextMoment()
            }
            // No piece reaches over an end of 64 frames of the clock.
            let stretch = (clock / Piece.longest + 1) * Piece.longest
            let until = min(min(end, moment > clock ? moment : end), min(stretch, min(next, nextDeferred())))
            let count = until - clock
            renderPiece(count, rack: finished)
            let loudest = left.peak(with: right, count)
            peak = max(peak, loudest)
            finish(left, loudest, outLeft + done, count, isLimited: finished)
            finish(right, loudest, outRight + done, count, isLimited: finished)
            done += count
            clock += count
        }
        publish(peak)
    }

    /// Hands a channel out; through the ceiling, where that would change anything.
    @inline(__always) private mutating func finish(
        _ channel: UnsafeMutablePointer<Float>, _ loudest: Float, _ out: UnsafeMutablePointer<Float>,
        _ count: Int, isLimited: Bool
    ) {
        if isLimited, !(loudest <= Ceiling.threshold) {
            for n in 0..<count { out[n] = Ceiling.limit(channel[n]) }
        } else {
            out.update(from: channel, count: count)
        }
    }

    private mutating func publish(_ peak: Float) {
        while slotEnd > 0, slots[slotEnd - 1].phase == .free { slotEnd -= 1 }
        var voices = 0, playing = 0
        for index in 0..<slotEnd where slots[index].phase != .free {
            playing += 1
            if let core = slots[index].core { voices += core.pointee.voices.sounding }
        }
        meters.pointee.voices.store(voices, ordering: .relaxed)
        if voices > meters.pointee.mostVoices.load(ordering: .relaxed) {
            meters.pointee.mostVoices.store(voices, ordering: .relaxed)
        }
        meters.pointee.slots.store(playing, ordering: .relaxed)
        meters.pointee.clock.store(clock, ordering: .relaxed)
        for s in 0..<liveStages {
            let generation = repertoire.pointee.generation
            meters.pointee.stageEntries[s].store(
                Meters.packed(Int(stages[s].entry), generation), ordering: .releasing)
            meters.pointee.stagePending[s].store(
                Meters.packed(Int(stages[s].pending), generation), ordering: .releasing)
        }
        meters.pointee.tempo.store(Float(transport.tempo(at: clock)).bitPattern, ordering: .relaxed)
        publishControls()
        publishPrograms()
        returnFormer()
        if peak > Float(bitPattern: meters.pointee.peak.load(ordering: .relaxed)) {
            meters.pointee.peak.store(peak.bitPattern, ordering: .relaxed)
        }
    }

    /// Sorts what the doors brought by stamp, then door, then arrival.
    private mutating func drain(_ timebase: Timebase) {
        if waitingFirst > 0 {
            for index in 0..<waitingCount { waiting[index] = waiting[waitingFirst + index] }
            waitingFirst = 0
        }
        for door in 0..<doorCount {
            while waitingCount < Self.pendingCapacity,
                let event = doors[door]._withUnsafeGuaranteedRef({ $0.pop() })
            {
                let due = timebase.frame(of: event.stamp)
                var frame = due
                if frame < clock {
                    frame = clock
                    meters.pointee.late.add(1, ordering: .relaxed)
                }
                meters.pointee.events.add(1, ordering: .relaxed)
                arrivals += 1
                let new = Waiting(frame: frame, due: due, order: arrivals, event: event)
                var at = waitingCount
                // What acts already may not be overtaken.
                let first = headFrame >= 0 ? 1 : 0
                while at > first, sortsBefore(new, waiting[at - 1]) {
                    waiting[at] = waiting[at - 1]
                    at -= 1
                }
                waiting[at] = new
                waitingCount += 1
            }
        }
    }

    private func sortsBefore(_ a: Waiting, _ b: Waiting) -> Bool {
        if a.event.stamp != b.event.stamp { return a.event.stamp < b.event.stamp }
        if a.event.door != b.event.door { return a.event.door < b.event.door }
        return a.order < b.order
    }

    /// Lets every event act that is due by now. Returns the frame of the next one, at most `end`.
    private mutating func act(before end: Int) -> Int {
        while waitingCount > 0 {
            let next = waiting[waitingFirst]
            guard next.frame < end || headFrame >= 0 else { return end }
            if headFrame < 0 {
                let frame = max(next.frame, lastActed)
                headFrame = isControl(next.event) ? frame : cutFrame(frame)
            }
            // A controller changes nothing before the next point of the grid: it needs no cut of its own.
            guard headFrame <= clock || (isControl(next.event) && headFrame < end) else {
                return min(end, headFrame)
            }
            lastActed = headFrame
            let at = headFrame
            headFrame = -1
            waitingFirst += 1
            waitingCount -= 1
            // A controller's way to the grid is no delay: it is the same for all.
            if !isControl(next.event) { meters.pointee.count(delay: at - next.due) }
            perform(next.event, at: at)
        }
        return end
    }

    /// More than 16 cuts within 64 frames: the rest wait for the grid, so that chords stay together.
    private mutating func cutFrame(_ frame: Int) -> Int {
        let isNew = recentCuts[(cutCursor + 15) & 15] != frame
        guard isNew, frame % Piece.grid != 0 else { return frame }
        if recentCuts[cutCursor] > frame - Piece.longest { return Self.onGrid(frame) }
        recentCuts[cutCursor] = frame
        cutCursor = (cutCursor + 1) & 15
        return frame
    }

    /// The point of the grid at or after `frame`.
    static func onGrid(_ frame: Int) -> Int { (frame + Piece.grid - 1) / Piece.grid * Piece.grid }

    private mutating func renderPiece(_ frames: Int, rack finished: Bool) {
        let piece = Piece(
            frames: frames, clock: clock, phase: clock % Piece.grid,
            closes: (clock + frames) % Piece.longest == 0)
        for index in 0..<slotEnd where slots[index].phase != .free { renderSlot(index, piece) }
        let fed = sounding != 0
        mix(frames)
        if finished {
            renderRack(piece, fed: fed)
            applyMaster(frames)
        }
        if piece.closes { tally() }
    }

    private mutating func renderSlot(_ index: Int, _ piece: Piece) {
        let slot = slots + index
        guard let core = slot.pointee.core else { return }
        if !core.pointee.isIdle {
            renderMeasured(
                index,
                Piece(
                    frames: piece.frames, clock: piece.clock - core.pointee.epoch, phase: piece.phase,
                    closes: piece.closes))
            add(index, core, piece.frames)
            tellOfCulprit(index)
        } else if slot.pointee.phase == .fading {
            slot.pointee.gain = 0
        }
        if piece.closes { review(index) }
    }

    private mutating func tellOfCulprit(_ index: Int) {
        guard let core = slots[index].core, core.pointee.culprit >= 0 else { return }
        report(
            Report(
                kind: .notFinite, slot: Int16(index), entry: slots[index].entry, sound: slots[index].sound,
                index: core.pointee.culprit))
        core.pointee.culprit = -1
    }
}
