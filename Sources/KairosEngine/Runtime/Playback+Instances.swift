import KairosControl
import KairosDSP

// Instances from the loader: ready ones, those of edited sounds, and their tables for another rig. [audio]
extension Playback {
    /// 10 ms: connections that an edit adds or removes fade in or out.
    private var editFade: Int { clock.frames(0.01) }

    /// Adds a new instance to the standby pool.
    mutating func receive(_ instance: InstanceHandoff) { pool.receive(instance, link) }

    /// Replaces an instance that plays by its successor.
    mutating func succeed(
        _ instance: InstanceHandoff, _ succession: InstanceSuccession, _ channels: inout MIDIChannels
    ) {
        switch succession.place {
        case .masterEffects: succeedMaster(instance, succession, &channels)
        case .slot(let slot): succeed(Int(slot), instance, succession, &channels)
        }
    }

    /// Returns a ready instance of a sound to the loader.
    mutating func withdraw(_ sound: SoundID) {
        if let instance = pool.pop(sound) { link.sendBack(instance) }
    }

    /// Returns ready instances of edited sounds to the loader.
    mutating func sendBackOutdated() { pool.sendBackOutdated(link) }

    /// Puts ready instances where layers or the master effects wait for one.
    @inline(__always) mutating func placeReady() {
        fillAwaiting()
        mixer.effects.install(&pool, meters, clock)
    }

    // MARK: live edits

    /// Replaces the instance that plays in a slot by an edited one. Where their voices differ, the instance before
    /// rings on as after a program change. An instance that comes too late for its slot goes back.
    private mutating func succeed(
        _ index: Int, _ new: InstanceHandoff, _ succession: InstanceSuccession,
        _ channels: inout MIDIChannels
    ) {
        guard slots[index].phase == .active, let old = slots[index].handoff,
            old.core.pointee.id == succession.id
        else { return link.sendBack(new) }
        guard let transfer = succession.transfer else { return replace(index, with: new, succession) }
        // Silenced layers have no fade: they are not rendered, so it would not end, and it would delay the next edit.
        let fades = !succession.settles && !slots[index].isSilenced
        transfer.move(
            from: &old.core.pointee, to: &new.core.pointee, fadeFrames: fades ? editFade : 0)
        let address = slots.address(of: index)
        retarget(transfer, address)
        slots[index].handoff = new
        slots[index].isUntouched = false
        applyEditedValues(new.core, transfer, address, &channels)
        link.sendBack(old)
        reportEdit(new, succession)
    }

    private mutating func succeedMaster(
        _ new: InstanceHandoff, _ succession: InstanceSuccession, _ channels: inout MIDIChannels
    ) {
        guard let transfer = succession.transfer,
            let old = mixer.effects.succeed(with: new, succession, fadeFrames: editFade)
        else { return link.sendBack(new) }
        retarget(transfer, mixer.effects.address)
        applyEditedValues(new.core, transfer, mixer.effects.address, &channels)
        link.sendBack(old)
        reportEdit(new, succession)
    }

    /// Moves parameters to which the edit gave another value.
    private mutating func applyEditedValues(
        _ core: Reference<InstanceCore>, _ transfer: StateTransfer, _ instance: InstanceAddress,
        _ channels: inout MIDIChannels
    ) {
        for index in 0..<core.pointee.params.count where transfer.isSet[index] {
            let value = core.pointee.params.intend(index, core.pointee.params.states[index].preset)
            schedule(.parameter(instance, Int32(index)), to: value, at: clock.frame, &channels)
        }
    }

    /// Replaces an instance by one with other voices: the one before rings on.
    private mutating func replace(
        _ index: Int, with new: InstanceHandoff, _ succession: InstanceSuccession
    ) {
        guard let free = slots.firstFree, let old = slots[index].core else { return link.sendBack(new) }
        var slot = slots[index]
        slot.handoff = new
        slot.isUntouched = false
        slot.hasPlayed = false
        slots.moveLayer(from: index, slot.layer, of: slot.part, to: free)
        slots.occupy(free, with: slot)
        new.core.pointee.state.epoch = old.pointee.state.epoch
        new.core.pointee.state.isIdle = !new.core.pointee.schedule.neverIdle
        slots.ring(index, from: clock.frame)
        notes.unlatch(slot: index)
        if !slots[index].hasPlayed, !old.pointee.schedule.soundsWithoutNotes {
            slots.retire(index, &notes, link, clock)
        }
        reportEdit(new, succession)
    }

    private func reportEdit(_ new: InstanceHandoff, _ succession: InstanceSuccession) {
        meters.pointee.countTouch()
        if !succession.settles { link.report(.edited(new.sound, version: new.version)) }
    }

    // MARK: another rig

    /// Gives every instance the controls and macros that were prepared for the coming rig. A gate that no control
    /// moves any more closes.
    mutating func adoptComingTables(_ channels: inout MIDIChannels) {
        for index in 0..<slots.end {
            if let core = slots[index].core {
                adoptComingTables(core, slots.address(of: index), &channels)
            }
        }
        if let core = mixer.effects.core { adoptComingTables(core, mixer.effects.address, &channels) }
        pool.adoptComingTables()
    }

    private mutating func adoptComingTables(
        _ core: Reference<InstanceCore>, _ instance: InstanceAddress,
        _ channels: inout MIDIChannels
    ) {
        let old = core.pointee.tables, new = core.pointee.coming
        for index in 0..<old.pointee.controls.count
        where old.pointee.controls.last(index) > 0 && !new.pointee.controls.continues(index) {
            guard case .gate(let gate) = old.pointee.controls[index].effect else { continue }
            schedule(.gate(instance, gate), 0, at: clock.frame, &channels)
        }
        core.pointee.adoptComingTables()
    }

    /// Gives the slots the new indices of their entries.
    mutating func renumber(_ maps: borrowing RigIndexMaps) {
        for index in 0..<slots.end {
            if let entry = slots[index].entry { slots[index].entry = maps.entry(entry) }
        }
    }

    /// The sound of the master effects in the new rig.
    mutating func setMasterSound(_ sound: SoundID?) { mixer.effects.change(to: sound, clock) }

    // MARK: publishing

    /// Publishes the slots, the master effects and the clock.
    @inline(__always) mutating func publish() {
        slots.publish(meters)
        meters.pointee.setInstance(mixer.effects.core, at: .masterEffects)
        meters.pointee.setClock(clock.frame)
    }
}
