import KairosControl
import KairosDSP

// Notes on their way through the note stages of a slot. [audio]
extension NoteRouter {
    // MARK: notes that are held

    /// Passes the start of a note to the stages of a slot. `key` is the key after transposition.
    mutating func startInStages(
        _ note: NoteTable.Note, key: Int, _ address: ChannelAddress, _ index: Int,
        _ core: Reference<InstanceCore>, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels,
        _ clock: EngineClock
    ) {
        var detune: Float = 0
        if note.namedPitch != nil {
            let own = channels.pitch(key, address, scale: core.pointee.schedule.scale)
            detune = note.pitch - (own ?? Float(key))
        }
        let event = NoteEvent(
            .on, id: note.serial, key: Int16(clamping: key), velocity: note.velocity, gain: note.gain,
            detune: detune, channelState: note.channelState)
        send(event, index, core, &slots, channels, clock)
    }

    /// Passes the end of a note, which nothing holds any more, to the stages of its slot.
    mutating func endInStages(
        _ note: NoteTable.Note, _ core: Reference<InstanceCore>, _ slots: inout SlotTable,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        let event = NoteEvent(
            .off, id: note.serial, key: Int16(note.key), velocity: note.releaseVelocity,
            channelState: note.channelState)
        send(event, Int(note.slot), core, &slots, channels, clock)
    }

    private mutating func send(
        _ event: NoteEvent, _ index: Int, _ core: Reference<InstanceCore>, _ slots: inout SlotTable,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        core.pointee.stages.begin(time, lastID: serial)
        pass(event, to: 0, index, core, &slots, channels, clock)
        serial = core.pointee.stages.lastID
        core.pointee.stages.isActive = true
    }

    // MARK: latch

    /// Holds the notes of a key that came up, in the slots whose stages latch.
    mutating func latch(_ serial: UInt32, _ slots: borrowing SlotTable) {
        for index in 0..<notes.count where notes[index].serial == serial {
            let slot = Int(notes[index].slot)
            guard slots[slot].phase == .active, let core = slots[slot].core, core.pointee.stages.count > 0,
                core.pointee.stages.latches(core.pointee.modules)
            else { continue }
            notes.latch(index)
            mayLatch = true
        }
    }

    /// Ends the latched notes of a slot in which a key starts a note while no other is played.
    mutating func unlatchBeforeNote(
        _ slot: Int, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        guard mayLatch else { return }
        for index in 0..<notes.count where notes[index].slot == Int16(slot) && notes[index].isPlayed {
            return
        }
        if notes.unlatch(slot: Int16(slot)) { endReleased(&slots, channels, clock) }
    }

    /// Ends the latched notes of a slot that its part leaves, at this frame.
    mutating func unlatch(slot: Int) {
        if mayLatch, notes.unlatch(slot: Int16(slot)) { hasUnheld = true }
    }

    /// Ends the notes of channel states that were silenced, at this frame.
    mutating func silence(_ states: ChannelMask, _ slots: borrowing SlotTable) {
        for index in 0..<slots.end {
            guard let core = slots[index].core, core.pointee.stages.count > 0 else { continue }
            notes.release(states)
            return hasUnheld = true
        }
        notes.forget(states)
    }

    // MARK: stages that act by themselves

    /// Lets the stages of all slots act that are due at this frame. Returns the next frame at which one is due.
    mutating func runStages(
        _ slots: inout SlotTable, _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) -> Int {
        if hasUnheld {
            hasUnheld = false
            endReleased(&slots, channels, clock)
        }
        var next = Int.max
        for index in 0..<slots.end {
            guard let core = slots[index].core, core.pointee.stages.count > 0 else { continue }
            if mayLatch, !core.pointee.stages.latches(core.pointee.modules),
                notes.unlatch(slot: Int16(index))
            {
                endReleased(&slots, channels, clock)
            }
            next = min(next, run(index, core, &slots, channels, clock))
        }
        return next
    }

    /// The greatest number of times that a stage acts at one frame.
    private static let turns = 16

    private mutating func run(
        _ index: Int, _ core: Reference<InstanceCore>, _ slots: inout SlotTable,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) -> Int {
        guard core.pointee.stages.isActive || core.pointee.stages.outputs.count > 0 else { return .max }
        core.pointee.stages.begin(time, lastID: serial)
        var due = Int.max
        for stage in 0..<core.pointee.stages.count {
            var turn = 0
            while let frame = core.pointee.stages.nextFrame(stage, core.pointee.modules) {
                guard frame <= clock.frame, turn < Self.turns else {
                    due = min(due, max(frame, clock.frame + 1))
                    break
                }
                turn += 1
                let sent = core.pointee.stages.advance(stage, core.pointee.modules)
                handle(sent, after: stage, index, core, &slots, channels, clock)
            }
        }
        serial = core.pointee.stages.lastID
        core.pointee.stages.isActive = due < .max
        if due == .max, core.pointee.stages.outputs.count > 0, !holdsNote(slot: index) { endOutputs(core) }
        return due
    }

    /// Ends notes that no stage and no key holds: a stage has lost their note-offs.
    private func endOutputs(_ core: Reference<InstanceCore>) {
        for output in 0..<core.pointee.stages.outputs.count {
            core.pointee.voices.release(core.pointee.stages.outputs[output].serial, velocity: 0.5)
        }
        core.pointee.stages.outputs.removeAll()
    }

    // MARK: from stage to stage

    private mutating func handle(
        _ sent: InstanceStages.Sent, after stage: Int, _ index: Int, _ core: Reference<InstanceCore>,
        _ slots: inout SlotTable, _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        for place in sent.first..<sent.end {
            let event = core.pointee.stages.event(place)
            pass(event, to: stage + 1, index, core, &slots, channels, clock)
        }
        core.pointee.stages.end(sent)
    }

    /// Passes an event to a stage; behind the last one, to the voices.
    private mutating func pass(
        _ event: NoteEvent, to stage: Int, _ index: Int, _ core: Reference<InstanceCore>,
        _ slots: inout SlotTable, _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        if stage < core.pointee.stages.count {
            let sent = core.pointee.stages.receive(event, stage, core.pointee.modules)
            handle(sent, after: stage, index, core, &slots, channels, clock)
        } else {
            switch event.kind {
            case .on: startVoice(event, index, core, &slots, channels, clock)
            case .off: endVoice(event, core, channels, clock)
            }
        }
    }

    private mutating func startVoice(
        _ event: NoteEvent, _ index: Int, _ core: Reference<InstanceCore>, _ slots: inout SlotTable,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        guard let key = UInt8(exactly: event.key), key < 128 else { return }
        let state = Int(event.channelState)
        let address = ChannelAddress(home: 0, state: state, master: channels.master(of: state))
        var pitch = channels.pitch(Int(key), address, scale: core.pointee.schedule.scale)
        if event.detune != 0 { pitch = (pitch ?? Float(key)) + event.detune }
        guard let pitch, !pitch.isNaN else { return }
        let note = NoteTable.Note(
            serial: event.id, key: key, channelState: event.channelState, slot: Int16(index), pitch: pitch,
            velocity: min(1, max(0, event.velocity)), gain: event.gain)
        if let evicted = core.pointee.stages.outputs.add(note) {
            core.pointee.voices.release(evicted.serial, velocity: 0.5)
        }
        let start = start(note, key, core, channels, clock)
        if let former = core.pointee.voices.start(start) {
            core.pointee.stages.outputs.give(voiceOf: former, to: event.id)
        }
        slots.wake(index)
    }

    private func endVoice(
        _ event: NoteEvent, _ core: Reference<InstanceCore>, _ channels: borrowing MIDIChannels,
        _ clock: EngineClock
    ) {
        guard let note = core.pointee.stages.outputs.remove(event.id) else { return }
        if core.pointee.voices.plays(note.serial),
            let before = core.pointee.stages.outputs.newest(voice: note.voice)
        {
            core.pointee.voices.goBack(
                from: note.serial, to: start(before, before.key, core, channels, clock))
        } else {
            core.pointee.voices.release(note.serial, velocity: event.velocity)
        }
    }
}
