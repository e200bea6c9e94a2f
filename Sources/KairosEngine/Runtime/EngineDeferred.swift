import KairosControl
import KairosDSP
import Synchronization

// What waits for the next point of the grid. The audio thread's.
extension EngineCore {
    mutating func nextDeferred() -> Int {
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
