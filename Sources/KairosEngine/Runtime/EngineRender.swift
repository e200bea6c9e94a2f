import CRealtime
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

    /// Adds the strips up, each at its volume.
    private mutating func mix(_ frames: Int) {
        left.clear(frames)
        right.clear(frames)
        var rest = sounding | moving
        while rest != 0 {
            let index = rest.trailingZeroBitCount, bit = UInt32(1) &<< UInt32(index)
            rest &= ~bit
            let strip = strips + index, sounds = sounding & bit != 0
            let sumLeft = stripSums + index * 2 * Piece.longest, sumRight = sumLeft + Piece.longest
            if moving & bit == 0 {
                left.add(sumLeft, times: strip.pointee.left.value, frames)
                right.add(sumRight, times: strip.pointee.right.value, frames)
                continue
            }
            for n in 0..<frames {
                if sounds {
                    left[n] += sumLeft[n] * strip.pointee.left.value
                    right[n] += sumRight[n] * strip.pointee.right.value
                }
                strip.pointee.left.advance()
                strip.pointee.right.advance()
            }
            if strip.pointee.isSettled { moving &= ~bit }
        }
        sounding = 0
    }

    /// Lets a strip go to where its controllers stand.
    private mutating func aim(strip index: UInt32) {
        strips[Int(index)].aim(frames: 2 * controlGlide)
        moving |= 1 &<< index
    }

    /// The instrument's own volume and balance, past the rack.
    private mutating func applyMaster(_ frames: Int) {
        if master.isSettled, master.left.value == 1, master.right.value == 1 { return }
        for n in 0..<frames {
            left[n] *= master.left.value
            right[n] *= master.right.value
            master.left.advance()
            master.right.advance()
        }
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

    /// Adds what a slot made to its strip's sum.
    private mutating func add(_ index: Int, _ core: UnsafeMutablePointer<ProgramCore>, _ frames: Int) {
        let slot = slots + index, bit = UInt32(1) &<< UInt32(slot.pointee.strip)
        let sumLeft = stripSums + Int(slot.pointee.strip) * 2 * Piece.longest
        let sumRight = sumLeft + Piece.longest
        let left = slot.pointee.rule.left, right = slot.pointee.rule.right
        let isFirst = sounding & bit == 0
        sounding |= bit
        guard slot.pointee.phase == .fading else {
            if isFirst {
                sumLeft.set(core.pointee.left, times: left, frames)
                sumRight.set(core.pointee.right, times: right, frames)
            } else {
                sumLeft.add(core.pointee.left, times: left, frames)
                sumRight.add(core.pointee.right, times: right, frames)
            }
            return
        }
        if isFirst {
            sumLeft.clear(frames)
            sumRight.clear(frames)
        }
        for n in 0..<frames {
            sumLeft[n] += core.pointee.left[n] * (left * slot.pointee.gain)
            sumRight[n] += core.pointee.right[n] * (right * slot.pointee.gain)
            slot.pointee.gain = max(0, slot.pointee.gain - slot.pointee.fade)
        }
    }

    private mutating func tellOfCulprit(_ index: Int) {
        guard let core = slots[index].core, core.pointee.culprit >= 0 else { return }
        report(
            Report(
                kind: .notFinite, slot: Int16(index), entry: slots[index].entry, sound: slots[index].sound,
                index: core.pointee.culprit))
        core.pointee.culprit = -1
    }

    // MARK: what waits for the grid

    private mutating func nextDeferred() -> Int {
        var next = Int.max
        for index in 0..<deferredCount { next = min(next, deferred[index].due) }
        return next
    }

    mutating func settleDeferred() {
        guard deferredCount > 0 else { return }
        let before = deferredCount
        settlePairs()
        var kept = 0
        for index in 0..<deferredCount {
            let item = deferred[index]
            if item.due > clock {
                deferred[kept] = item
                kept += 1
            } else {
                settle(item)
            }
        }
        deferredCount = kept
        if kept < before { meters.pointee.touches.add(1, ordering: .releasing) }
    }

    /// Controls whose coarse half stood alone: what they move comes to the same point of the grid.
    private mutating func settlePairs() {
        var index = 0
        while index < deferredCount {
            let item = deferred[index]
            guard item.kind == .pair, item.due <= clock else {
                index += 1
                continue
            }
            deferredCount -= 1
            for later in index..<deferredCount { deferred[later] = deferred[later + 1] }
            settlePair(item)
        }
    }

    private mutating func settle(_ item: Deferred) {
        switch item.kind {
        case .param:
            guard let core = target(item) else { return }
            core.pointee.params.set(Int(item.index), to: item.value)
            wake(item.slot)
        case .gate:
            guard let core = target(item) else { return }
            let gate = core.pointee.gates + Int(item.index)
            let rises = item.value >= 0.5 && gate.pointee.high.isEmpty
            gate.pointee = Gate(high: item.value >= 0.5 ? .all : .none, struck: rises ? .all : .none)
            wake(item.slot)
            if item.slot >= 0 { slots[Int(item.slot)].hasPlayed = true }
        case .pair: break
        case .masterVolume:
            master.volume = item.value
            master.aim(frames: 2 * controlGlide)
        case .masterBalance:
            master.pan = item.value
            master.aim(frames: 2 * controlGlide)
        case .masterTuning:
            masterTuning = item.value
            for line in 0..<Self.lineCount { touchLine(line) }
        case .volume:
            strips[Int(item.index)].volume = item.value
            aim(strip: item.index)
        case .pan:
            strips[Int(item.index)].pan = item.value
            aim(strip: item.index)
        case .expression:
            strips[Int(item.index)].expression = item.value
            aim(strip: item.index)
        case .bend:
            lines[Int(item.index)].heard.bend = item.value
            touchLines(item)
        case .pressure:
            lines[Int(item.index)].heard.pressure = item.value
            touchLines(item)
        case .timbre:
            lines[Int(item.index)].heard.timbre = item.value
            touchLines(item)
        case .range:
            lines[Int(item.index)].heard.range = item.value
            touchLines(item)
        case .tuning:
            lines[Int(item.index)].heard.tuning = item.value
            touchLines(item)
        case .polyPressure:
            for index in 0..<Self.slotCount {
                slots[index].core?.pointee.voices.setPressure(
                    item.index, to: item.value, frames: controlGlide)
            }
        }
    }

    /// The program something was put off for, while it is still in its place.
    private func target(_ item: Deferred) -> UnsafeMutablePointer<ProgramCore>? {
        if item.slot == Rack.slot { return rack.generation == item.generation ? rack.core : nil }
        let slot = slots[Int(item.slot)]
        return slot.generation == item.generation ? slot.core : nil
    }

    private func wake(_ slot: Int16) {
        if slot == Rack.slot { rack.core?.pointee.isIdle = false } else { wake(Int(slot)) }
    }

    /// What a line's hands say reaches its notes, and those of the fingers whose first channel it is.
    private func touchLines(_ item: Deferred) {
        let line = Int(item.index)
        touchLine(line, item.kind)
        guard line >= 16 else { return }
        for finger in (line & ~15)..<(line & ~15) + 16 where master(of: finger) == line {
            touchLine(finger, item.kind)
        }
    }

    private func touchLine(_ line: Int, _ kind: Deferred.Kind = .tuning) {
        let master = master(of: line)
        for index in 0..<slotEnd {
            guard let core = slots[index].core else { continue }
            // A slot that rings hears its hands while one of its keys is still down; tunings are everybody's.
            guard
                slots[index].phase == .active || kind == .tuning
                    || notes.holds(slot: Int16(index), line: UInt8(line), keysOnly: true)
            else { continue }
            let touch = touch(
                lines[line].heard, master >= 0 ? lines[master].heard : nil,
                range: core.pointee.voices.voicing.bendRange)
            let isPitch = kind == .bend || kind == .range || kind == .tuning
            core.pointee.voices.touch(
                line: UInt8(line), offset: isPitch ? touch.offset : nil,
                bend: kind == .bend ? touch.bend : nil,
                pressure: kind == .pressure ? touch.pressure : nil,
                timbre: kind == .timbre ? touch.timbre : nil, frames: controlGlide)
        }
    }

    /// Puts something off to the next point of the grid. The last word on one thing wins.
    mutating func later(_ item: Deferred) {
        for index in 0..<deferredCount {
            let old = deferred[index]
            if old.kind == item.kind, old.due == item.due, old.slot == item.slot, old.index == item.index,
                old.generation == item.generation
            {
                deferred[index].value = item.value
                return
            }
        }
        if deferredCount == Self.deferredCapacity {
            settle(deferred[0])
            for index in 1..<deferredCount { deferred[index - 1] = deferred[index] }
            deferredCount -= 1
        }
        deferred[deferredCount] = item
        deferredCount += 1
    }
}
