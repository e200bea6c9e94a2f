import KairosControl
import KairosDSP
import Synchronization

// Program changes, slots and the way there and back. Everything here runs in the audio thread.
extension EngineCore {
    mutating func program(_ event: Event, _ report: inout Report) {
        let entry = entry(number: event.number)
        guard entry >= 0 else {
            report.outcome = .unknownProgram
            return
        }
        report.entry = entry
        if !change(part(of: event.channel), to: entry) { report.outcome = .sameEntry }
    }

    mutating func step(_ part: Int, by offset: Int32, _ report: inout Report) {
        let active = parts[part].active
        let from = parts[part].pending >= 0 ? parts[part].pending : active < 0 ? -1 : slots[Int(active)].entry
        let entry = from + offset
        guard entry >= 0, entry < entryCount else {
            report.outcome = .unknownProgram
            return
        }
        report.entry = entry
        if !change(part, to: entry) { report.outcome = .sameEntry }
    }

    /// Gives a part another entry. False when it has it already.
    @discardableResult
    mutating func change(_ part: Int, to entry: Int32) -> Bool {
        let active = parts[part].active
        if active >= 0, slots[Int(active)].entry == entry {
            parts[part].pending = -1
            return false
        }
        for index in 0..<Self.slotCount
        where slots[index].phase == .ringing && slots[index].entry == entry && Int(slots[index].part) == part
        {
            leave(part)
            slots[index].phase = .active
            slots[index].core?.pointee.voices.rewind()
            parts[part].active = Int16(index)
            changed(part, entry, since: clock)
            return true
        }
        if !install(entry, part, since: clock) {
            if parts[part].pending != entry {
                parts[part].pendingSince = clock
                self.report(Report(kind: .wanted, part: UInt8(part), entry: entry))
            }
            parts[part].pending = entry
        }
        return true
    }

    /// Takes a ready program from the shelf and makes it the part's. False when there is none.
    private mutating func install(_ entry: Int32, _ part: Int, since: Int) -> Bool {
        guard shelved[Int(entry)] > 0, let index = freeSlot() else { return false }
        shelved[Int(entry)] -= 1
        let delivery = shelf[Int(entry) * Self.shelfDepth + Int(shelved[Int(entry)])]
        leave(part)
        generation &+= 1
        slots[index] = Slot(
            phase: .active, part: UInt8(part), entry: entry, program: delivery.program, core: delivery.core,
            generation: generation)
        let core = delivery.core
        let epoch = epochs + Int(entry) * Self.partCount + part
        if epoch.pointee < 0 { epoch.pointee = clock }
        core.pointee.epoch = epoch.pointee
        core.pointee.isIdle = false
        parts[part].active = Int16(index)
        parts[part].pending = -1
        inherit(core, part)
        taken[Int(entry)].add(1, ordering: .releasing)
        changed(part, entry, since: since)
        return true
    }

    /// The new program begins with the present modulation, breath and foot (CC 1, 2, 4).
    private func inherit(_ core: UnsafeMutablePointer<ProgramCore>, _ part: Int) {
        let table = core.pointee.controls
        for index in 0..<table.count {
            let row = table[index]
            guard row.input == .control, row.number == 1 || row.number == 2 || row.number == 4,
                case .param(let param) = row.effect
            else { continue }
            for channel in 0..<16 where self.part(of: UInt8(channel)) == part {
                guard row.channel == 255 || Int(row.channel) == channel,
                    channels[channel].known[Int(row.number)]
                else { continue }
                let position = Position.fraction(channels[channel].positions[Int(row.number)])
                core.pointee.params.snap(Int(param), to: row.value(at: position))
            }
        }
    }

    private func changed(_ part: Int, _ entry: Int32, since: Int) {
        meters.pointee.changes.add(1, ordering: .relaxed)
        report(
            Report(
                kind: .changed, part: UInt8(part), slot: parts[part].active, entry: entry,
                value: Float(clock - since)))
    }

    /// The part's active slot rings on by itself.
    private func leave(_ part: Int) {
        let active = Int(parts[part].active)
        guard active >= 0 else { return }
        slots[active].phase = .ringing
        slots[active].leftAt = clock
        slots[active].ringing = 0
    }

    /// A free slot. When few are left, the one that has rung longest fades to make room.
    private func freeSlot() -> Int? {
        var free = -1, count = 0
        for index in 0..<Self.slotCount where slots[index].phase == .free {
            count += 1
            if free < 0 { free = index }
        }
        if count <= 4 { fadeOldest() }
        return free >= 0 ? free : nil
    }

    private func fadeOldest() {
        var oldest = -1
        for index in 0..<Self.slotCount where slots[index].phase == .ringing {
            if oldest < 0 || slots[index].leftAt < slots[oldest].leftAt { oldest = index }
        }
        guard oldest >= 0 else { return }
        fade(oldest, milliseconds: 10)
        report(Report(kind: .evicted, slot: Int16(oldest), entry: slots[oldest].entry))
    }

    private func fade(_ index: Int, milliseconds: Float) {
        slots[index].phase = .fading
        slots[index].gain = 1
        slots[index].fade = 1000 / (milliseconds * sampleRate)
    }

    /// Looks, where 64 frames of the clock end, whether a slot is done.
    mutating func review(_ index: Int) {
        guard let core = slots[index].core else { return }
        switch slots[index].phase {
        case .free, .active: break
        case .fading: if slots[index].gain == 0 { retire(index) }
        case .ringing:
            if core.pointee.voices.anyHigh {
                slots[index].ringing = 0
            } else {
                slots[index].ringing += Piece.longest
            }
            if core.pointee.isFinished, !notes.holds(slot: Int16(index), channel: nil, keysOnly: false) {
                retire(index)
            } else if core.pointee.drones, slots[index].ringing > 0 {
                // What sounds without a note has no end of its own.
                fade(index, milliseconds: 500)
            } else if Float(slots[index].ringing) > 60 * sampleRate {
                fade(index, milliseconds: 50)
                report(Report(kind: .evicted, slot: Int16(index), entry: slots[index].entry))
            }
        }
    }

    /// Sends a program back. Its place there was reserved when it was accepted.
    private mutating func retire(_ index: Int) {
        guard let program = slots[index].program, let core = slots[index].core else { return }
        notes.forget(slot: Int16(index))
        let delivery = Delivery(program: program, core: core, entry: slots[index].entry)
        retired._withUnsafeGuaranteedRef { _ = $0.push(delivery) }
        slots[index] = Slot()
    }

    /// Puts what the loader has built on the shelf, and carries out what waited for it.
    mutating func receive() {
        while let delivery = deliveries._withUnsafeGuaranteedRef({ $0.pop() }) {
            let entry = Int(delivery.entry)
            if Int(shelved[entry]) < Self.shelfDepth {
                shelf[entry * Self.shelfDepth + Int(shelved[entry])] = delivery
                shelved[entry] += 1
            } else {
                retired._withUnsafeGuaranteedRef { _ = $0.push(delivery) }
            }
        }
        for part in 0..<(multi ? Self.partCount : 1) where parts[part].pending >= 0 {
            _ = install(parts[part].pending, part, since: parts[part].pendingSince)
        }
    }

    /// Every sound ends within 10 ms, tails included; each part goes on with a fresh program.
    mutating func panic() {
        notes.clear()
        for part in 0..<(multi ? Self.partCount : 1) where parts[part].active >= 0 {
            let entry = slots[Int(parts[part].active)].entry
            leave(part)
            parts[part].active = -1
            if !install(entry, part, since: clock) {
                parts[part].pending = entry
                parts[part].pendingSince = clock
                report(Report(kind: .wanted, part: UInt8(part), entry: entry))
            }
        }
        for index in 0..<Self.slotCount where slots[index].phase == .ringing { fade(index, milliseconds: 10) }
    }
}
