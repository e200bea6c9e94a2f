import CRealtime
import KairosCompiler
import KairosControl
import KairosDSP
import Synchronization

// Program changes. Everything here runs in the audio thread.
extension EngineCore {
    mutating func program(_ event: Event, _ report: inout Report) {
        let entry = entry(number: event.number)
        guard entry >= 0 else {
            report.outcome = .unknownProgram
            return
        }
        ask(part(of: event.channel), for: entry, &report)
    }

    /// The next entry of the list, or the one before.
    mutating func step(_ s: Int, by offset: Int32, _ report: inout Report) {
        let from = parts[s].pending >= 0 ? parts[s].pending : parts[s].entry
        let entry =
            from < 0 ? from + offset : offset > 0 ? entries[Int(from)].next : entries[Int(from)].previous
        guard entry >= 0, entry < entryCount else {
            report.outcome = .endOfList
            return
        }
        ask(s, for: entry, &report)
    }

    mutating func select(_ s: Int, _ number: UInt32, _ report: inout Report) {
        guard number < UInt32(entryCount) else {
            report.outcome = .unknownProgram
            return
        }
        ask(s, for: Int32(number), &report)
    }

    /// Gives a part another entry, now or at its moment.
    private mutating func ask(_ s: Int, for entry: Int32, _ report: inout Report) {
        report.entry = entry
        parts[s].startsSilent = false
        if hasFailed(entry) {
            report.outcome = .failedEntry
        } else if parts[s].entry == entry {
            // What was asked for last wins, and this is it.
            parts[s].pending = -1
            unsilence(s)
            report.outcome = .sameEntry
        } else if parts[s].pending == entry {
            report.outcome = .waits
        } else {
            parts[s].pending = entry
            parts[s].pendingSince = clock
            parts[s].waitsForMoment = parts[s].entry >= 0
            settleMoment(s)
            guard parts[s].pending >= 0 else { return }
            report.outcome = .waits
            if !parts[s].waitsForMoment {
                self.report(Report(kind: .wanted, part: UInt8(s), entry: entry))
            }
        }
    }

    func hasFailed(_ entry: Int32) -> Bool {
        let flat = entries[Int(entry)]
        if flat.hasFailed { return true }
        for k in flat.first..<flat.first + flat.count
        where standby.failed[Int(layerSounds[k])].load(ordering: .acquiring) { return true }
        return false
    }

    /// Lets every change whose moment has come take place.
    mutating func settleMoments() {
        for s in 0..<liveParts where parts[s].pending >= 0 && parts[s].waitsForMoment { settleMoment(s) }
    }

    /// The frame at which a change may come that waits for a beat no event tells of.
    mutating func nextMoment() -> Int {
        var next = Int.max
        for s in 0..<liveParts where parts[s].pending >= 0 && parts[s].waitsForMoment {
            let switching = entries[Int(parts[s].pending)].switching
            if let frame = transport.nextBoundary(switching, from: clock) { next = min(next, frame) }
        }
        return next
    }

    private mutating func settleMoment(_ s: Int) {
        let entry = parts[s].pending, switching = entries[Int(entry)].switching
        if parts[s].waitsForMoment {
            switch switching {
            case .now: break
            case .afterRelease: guard !isHeld(s) else { return }
            case .beat, .bar: guard transport.allows(switching, at: clock) else { return }
            }
            // It counts from here: the wait before was the player's wish.
            if switching != .now { parts[s].pendingSince = clock }
            parts[s].waitsForMoment = false
        }
        _ = install(entry, s)
    }

    /// Whether a key or a pedal holds a note that new notes' entry of this part plays.
    private func isHeld(_ s: Int) -> Bool {
        for index in 0..<notes.count {
            let slot = Int(notes[index].slot)
            if slots[slot].phase == .active, Int(slots[slot].part) == s { return true }
        }
        return false
    }

    /// Makes an entry the part's: layers that still ring go on, the others come from the standby pool. False when
    /// something is not ready.
    mutating func install(_ entry: Int32, _ s: Int) -> Bool {
        let flat = entries[Int(entry)]
        var ringing = InlineArray<16, Int16>(repeating: -1)
        var needs = 0
        for k in 0..<flat.count {
            ringing[k] = self.ringing(entry, s, k)
            if ringing[k] < 0 { needs += 1 }
        }
        guard isPooled(flat, ringing), hasRoom(for: needs, sparing: ringing) else { return false }
        let began = isLive ? crt_now() : 0
        var kept = InlineArray<128, Float>(repeating: .nan)
        if flat.keepsValues { keepMacros(s, &kept) }
        let ringingOn = leave(s)
        admit(flat, ringing)
        for k in 0..<flat.count {
            if ringing[k] >= 0 {
                parts[s].slots[k] = ringing[k]
                let slot = slots + Int(ringing[k])
                slot.pointee.phase = .active
                slot.pointee.core?.pointee.voices.rewind()
                slot.pointee.core?.pointee.controls.rearm()
                turnMacros(Int(ringing[k]), flat, s, k, kept, snaps: false)
            } else if let index = freeSlot() {
                place(entry, s, k, in: index)
                turnMacros(index, flat, s, k, kept, snaps: true)
            }
        }
        parts[s].slotCount = flat.count
        parts[s].entry = entry
        parts[s].pending = -1
        parts[s].startsSilent = false
        meters.pointee.changes.add(1, ordering: .relaxed)
        meters.pointee.touches.add(1, ordering: .releasing)
        var report = Report(kind: .changed, part: UInt8(s), entry: entry)
        report.value = Float(clock - parts[s].pendingSince)
        report.index = ringingOn
        report.nanoseconds = isLive ? Float(crt_now() &- began) : 0
        self.report(report)
        return true
    }

    /// The slot in which a layer of an entry still rings on this part, or −1.
    private func ringing(_ entry: Int32, _ s: Int, _ k: Int) -> Int16 {
        for index in 0..<Self.slotCount
        where slots[index].phase == .ringing && slots[index].entry == entry && Int(slots[index].part) == s
            && Int(slots[index].place) == k && isCurrent(index)
        {
            return Int16(index)
        }
        return -1
    }

    private func isPooled(_ flat: EntryTables, _ ringing: InlineArray<16, Int16>) -> Bool {
        for k in 0..<flat.count where ringing[k] < 0 {
            let sound = layerSounds[flat.first + k]
            var count: Int32 = 0
            for other in 0...k where ringing[other] < 0 && layerSounds[flat.first + other] == sound {
                count += 1
            }
            if pooled[Int(sound)] < count { return false }
        }
        return true
    }

    /// Puts a program from the standby pool into a free slot.
    private mutating func place(_ entry: Int32, _ s: Int, _ k: Int, in index: Int) {
        let layer = entries[Int(entry)].first + k
        let sound = Int(layerSounds[layer])
        (pooled + sound).pointee -= 1
        let delivery = pool[sound * Self.poolDepth + Int(pooled[sound])]
        generation &+= 1
        slotEnd = max(slotEnd, index + 1)
        var slot = Slot()
        slot.phase = .active
        slot.part = UInt8(s)
        slot.place = UInt8(k)
        slot.entry = entry
        slot.sound = Int32(sound)
        slot.rule = rules[layer]
        slot.strip = UInt8(
            multi ? s : slot.rule.channel == 255 ? Self.stripCount - 1 : Int(slot.rule.channel))
        slot.version = delivery.version
        slot.program = delivery.program
        slot.core = delivery.core
        slot.generation = generation
        let core = delivery.core
        slot.isUntouched = !core.pointee.neverIdle
        slot.isSilenced = parts[s].startsSilent
        let epoch = epochs + (Int(entry) * Self.partCount + s) * Part.layerLimit + k
        if epoch.pointee < 0 { epoch.pointee = clock }
        core.pointee.epoch = epoch.pointee
        slot.epoch = epoch.pointee
        slots[index] = slot
        core.pointee.controls.rearm()
        // Fresh and without a note there is nothing to render, unless something moves by itself.
        core.pointee.isIdle = !core.pointee.neverIdle
        parts[s].slots[k] = Int16(index)
        inherit(index, s)
        standby.taken[sound].add(1, ordering: .releasing)
    }

    /// The new program begins with the present modulation, breath and foot (CC 1, 2, 4).
    private mutating func inherit(_ index: Int, _ s: Int) {
        guard let core = slots[index].core else { return }
        let table = core.pointee.controls
        for row in 0..<table.count {
            let row = table[row], control = surface[Int(row.control)]
            guard control.input == .control,
                control.number == 1 || control.number == 2 || control.number == 4,
                case .param(let param) = row.effect
            else { continue }
            for channel in 0..<16 where part(of: UInt8(channel)) == s {
                guard control.accepts(UInt8(channel)), slots[index].rule.accepts(UInt8(channel)),
                    lines[channel].known[Int(control.number)]
                else { continue }
                let normalized = NormalizedValue.fraction(lines[channel].positions[Int(control.number)])
                put(param, of: index, to: row.value(at: normalized), snaps: true)
            }
        }
    }

    /// Lets a parameter begin at a value, or go there where it sounds already.
    private mutating func put(_ param: Int32, of index: Int, to value: Float, snaps: Bool) {
        guard snaps else {
            slots[index].core?.pointee.params.intend(Int(param), value)
            return later(.parameter(instance(inSlot: index), param), value, clock)
        }
        slots[index].core?.pointee.params.snap(Int(param), to: value)
        slots[index].isUntouched = false
    }

    // MARK: macros over a change

    /// Where the macros of the part's layers are now, eight for each layer.
    private func keepMacros(_ s: Int, _ kept: inout InlineArray<128, Float>) {
        for k in 0..<parts[s].slotCount {
            guard let core = slots[Int(parts[s].slots[k])].core else { continue }
            for n in 0..<core.pointee.macros.count {
                let macro = core.pointee.macros[n]
                kept[k * 8 + n] = macro.normalized(of: core.pointee.params.intent(Int(macro.param)))
            }
        }
    }

    /// Macros that the entry keeps go where they were before the change, those that stay where they were left.
    private mutating func turnMacros(
        _ index: Int, _ flat: EntryTables, _ s: Int, _ k: Int, _ kept: InlineArray<128, Float>, snaps: Bool
    ) {
        guard let core = slots[index].core else { return }
        for n in 0..<core.pointee.macros.count {
            let macro = core.pointee.macros[n]
            var normalized = kept[k * 8 + n]
            if macro.name >= 0, (flat.keptMacros & parts[s].known) >> UInt16(macro.name) & 1 == 1 {
                normalized = parts[s].keptPositions[Int(macro.name)]
            }
            guard !normalized.isNaN else { continue }
            put(macro.param, of: index, to: macro.value(at: normalized), snaps: snaps)
        }
    }

    /// Remembers where the macros that stay are left.
    private func rememberStaying(_ s: Int, _ core: UnsafeMutablePointer<InstanceCore>) {
        for n in 0..<core.pointee.macros.count {
            let macro = core.pointee.macros[n]
            guard macro.name >= 0 else { continue }
            parts[s].keptPositions[Int(macro.name)] = macro.normalized(
                of: core.pointee.params.intent(Int(macro.param)))
            (parts + s).pointee.known |= 1 << UInt16(macro.name)
        }
    }

    // MARK: leaving

    /// The part's slots go on by themselves, as their entry wishes. Returns how many do.
    @discardableResult
    mutating func leave(_ s: Int) -> Int32 {
        guard parts[s].entry >= 0 else { return 0 }
        var count: Int32 = 0
        let tail = entries[Int(parts[s].entry)].tail
        for k in 0..<parts[s].slotCount {
            let index = Int(parts[s].slots[k])
            guard let core = slots[index].core else {
                // Its fresh instance has not come, and is not wanted any more.
                if slots[index].phase == .awaiting { slots[index] = Slot() }
                continue
            }
            rememberStaying(s, core)
            slots[index].leftAt = clock
            slots[index].ringing = 0
            slots[index].phase = .ringing
            guard slots[index].hasPlayed || (core.pointee.soundsWithoutNotes && !slots[index].isSilenced)
            else {
                slots[index].isUntouched ? returnToPool(index) : retire(index)
                continue
            }
            if tail >= 0 { fade(index, frames: tail) }
            count += 1
        }
        parts[s].slotCount = 0
        parts[s].entry = -1
        return count
    }
}
