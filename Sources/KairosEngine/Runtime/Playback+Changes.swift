import KairosCompiler
import KairosControl
import KairosDSP

// Changes of slots: to another entry, and silence. [audio]
extension Playback {
    /// Makes room for the load of an entry: tails fade, the oldest first, then sounds that are held from before a
    /// change; never the new sound. Live only.
    mutating func makeRoomForLoad(
        _ entry: EntryID, _ list: borrowing EntryList, sparing ringing: SlotTable.RingingLayers
    ) {
        guard clock.isLive else { return }
        var cost: Float = 0
        for index in 0..<slots.end where slots[index].phase == .active || slots[index].phase == .ringing {
            cost += slots[index].cost
        }
        for layer in 0..<list[entry].count where ringing[layer] == nil {
            cost += pool.cost(of: list.layer(layer, of: entry).sound)
        }
        while cost > load.budget, let victim = slots.mostDispensable(sparing: ringing, notes) {
            cost -= slots[victim].cost
            slots.fade(victim, frames: clock.frames(0.03))
            link.report(.shortened(slots[victim].entry))
        }
    }

    /// Detaches a slot from its part, which leaves the entry. Its notes continue; with `tail`, it fades within so many
    /// frames. Returns true if it still sounds.
    mutating func leave(_ index: Int, tail: Int?) -> Bool {
        guard slots[index].core != nil else {
            if slots[index].phase == .awaiting { slots.cancel(index) }
            return false
        }
        slots.ring(index, from: clock.frame)
        notes.unlatch(slot: index)
        guard slots[index].canBeHeard else {
            if slots[index].isUntouched {
                slots.putBack(index, &pool, &notes, link, clock)
            } else {
                slots.retire(index, &notes, link, clock)
            }
            return false
        }
        if let tail { slots.fade(index, frames: tail) }
        return true
    }

    /// Makes a ringing slot active again, as a layer of its part.
    mutating func reactivate(_ index: Int, _ part: Int, _ layer: Int) {
        slots.setSlot(index, part: part, layer: layer)
        slots[index].phase = .active
        slots[index].core?.pointee.rewind()
        slots[index].core?.pointee.tables.pointee.controls.rearm()
    }

    /// Puts a ready instance into a free slot, as a layer of a part. Its free phases count from `epoch`.
    mutating func place(
        _ layer: EntryList.Layer, _ entry: EntryID, _ part: Int, _ number: Int, in index: Int, epoch: Int,
        isSilenced: Bool
    ) {
        guard let instance = pool.pop(layer.sound) else { return }
        let core = instance.core
        var slot = Slot()
        slot.phase = .active
        slot.part = UInt8(part)
        slot.layer = UInt8(number)
        slot.entry = entry
        slot.sound = layer.sound
        slot.rule = layer.rule
        slot.strip = UInt8(
            slots.isMulti ? part : layer.rule.channel.map(Int.init) ?? Mixer.anyChannel)
        slot.handoff = instance
        slot.isUntouched = !core.pointee.schedule.neverIdle
        slot.isSilenced = isSilenced
        slot.epoch = epoch
        core.pointee.state.epoch = epoch
        core.pointee.tables.pointee.controls.rearm()
        // New and without a note there is nothing to render, unless a module moves by itself.
        core.pointee.state.isIdle = !core.pointee.schedule.neverIdle
        slots.occupy(index, with: slot)
        slots.setSlot(index, part: part, layer: number)
    }

    /// Gives a new instance the present modulation, breath and foot controller (CC 1, 2, 4).
    mutating func inheritControllers(
        _ index: Int, _ part: Int, _ channels: borrowing MIDIChannels, _ map: borrowing ControllerMap
    ) {
        guard let core = slots[index].core else { return }
        let tables = core.pointee.tables
        for row in 0..<tables.pointee.controls.count {
            guard
                let (param, value) = map.inherited(
                    tables.pointee.controls[row], slots[index].rule, part: part, slots, channels)
            else { continue }
            snap(param, of: index, to: value)
        }
    }

    /// Sets a parameter: at once where the instance has not sounded, else by its smoothing.
    mutating func set(
        _ param: Int32, of index: Int, to value: ParamValue, snaps: Bool, _ channels: inout MIDIChannels
    ) {
        if snaps { return snap(param, of: index, to: value) }
        slots[index].core?.pointee.params.intend(Int(param), value)
        schedule(.parameter(slots.address(of: index), param), to: value, at: clock.frame, &channels)
    }

    private mutating func snap(_ param: Int32, of index: Int, to value: ParamValue) {
        slots[index].core?.pointee.params.snap(Int(param), to: value)
        slots[index].isUntouched = false
    }

    // MARK: silence

    /// Silences every part within 5 ms, tails and master effects included, and forgets all notes. Each layer goes on
    /// with a new instance of its sound, with the values it had, which is not rendered before its next note, a gate
    /// that opens, or a program change.
    mutating func silenceAll() {
        notes.clear()
        silence(.max)
    }

    /// All sound off (CC 120): silences every layer of a part that a channel plays. Where notes of other channels
    /// sound in the same instance, those of this channel end, and the rest goes on.
    mutating func silence(_ states: ChannelMask, part: Int, channel: UInt8) {
        var whole: UInt64 = 0
        for index in 0..<slots.end where Int(slots[index].part) == part {
            guard let core = slots[index].core else { continue }
            if slots[index].rule.accepts(channel), !core.pointee.voices.sound(outside: states) {
                whole |= 1 << UInt64(index)
            } else {
                core.pointee.voices.fadeAll(channelStates: states)
            }
        }
        notes.silence(states, slots)
        silence(whole)
    }

    /// Silences the slots with a bit in `chosen`; the master effects too, where nothing else sounds.
    private mutating func silence(_ chosen: UInt64) {
        let fadeFrames = clock.frames(0.005)
        var ending: UInt64 = 0
        var othersSound = false
        for index in 0..<slots.end where slots.isSounding(index) {
            if chosen >> UInt64(index) & 1 == 1 {
                ending |= 1 << UInt64(index)
            } else if slots[index].core.map({ !$0.pointee.isFinished }) ?? false {
                othersSound = true
            }
        }
        let endsEffects = !othersSound && mixer.effects.isSounding
        while ending != 0 {
            let index = ending.trailingZeroBitCount
            ending &= ending - 1
            slots.stopStages(of: index)
            let slot = slots[index]
            if endsEffects { mixer.detach(&slots[index]) }
            if slot.phase == .active {
                replace(index, slot, fadeFrames)
            } else {
                slots.fade(index, frames: fadeFrames)
            }
        }
        if endsEffects { mixer.effects.end(frames: fadeFrames) }
    }

    /// Replaces an active instance, which fades, by a new one. `slot` is the slot before it was detached.
    private mutating func replace(_ index: Int, _ slot: Slot, _ fadeFrames: Int) {
        guard let sound = slot.sound else { return }
        let ready = pool.pop(sound)
        if let ready, let old = slot.core { ready.core.pointee.keep(valuesOf: old) }
        slots[index].phase = .ringing
        slots[index].leftAt = clock.frame
        slots[index].isReplaced = true
        slots.fade(index, frames: fadeFrames)
        // If every slot is occupied, it ends at once.
        if slots.firstFree == nil { slots.retire(index, &notes, link, clock) }
        guard let free = slots.firstFree else { return }
        var new = Slot()
        new.phase = .awaiting
        new.part = slot.part
        new.layer = slot.layer
        new.strip = slot.strip
        new.entry = slot.entry
        new.sound = sound
        new.rule = slot.rule
        new.epoch = slot.epoch
        new.isSilenced = true
        slots.moveLayer(from: index, slot.layer, of: slot.part, to: free)
        slots.occupy(free, with: new)
        if let ready { fill(free, ready) }
    }

    /// Gives layers that wait for a new instance those that are ready by now.
    @inline(__always) mutating func fillAwaiting() {
        for index in 0..<slots.end where slots[index].phase == .awaiting {
            if let sound = slots[index].sound, let ready = pool.pop(sound) { fill(index, ready) }
        }
    }

    private mutating func fill(_ index: Int, _ ready: InstanceHandoff) {
        slots[index].phase = .active
        slots[index].handoff = ready
        slots[index].isUntouched = false
        ready.core.pointee.state.epoch = slots[index].epoch
        ready.core.pointee.state.isIdle = !ready.core.pointee.schedule.neverIdle
        meters.pointee.countTouch()
    }

    /// Ends the silence of a part's layers: a program change to the entry that it has already.
    mutating func unsilence(_ part: Int) {
        for layer in 0..<slots.layerCount(of: part) {
            if let index = slots.slot(part: part, layer: layer) { slots[index].isSilenced = false }
        }
    }
}
