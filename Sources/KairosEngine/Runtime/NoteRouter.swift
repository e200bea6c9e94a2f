import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch

/// The held notes, with the slot in which each of them sounds.
///
/// [audio], but for `init` and `deinit`.
struct NoteRouter: ~Copyable {
    var notes = NoteTable()
    /// The number of the last note.
    var serial: UInt32 = 0
    /// The transport at the present frame, for note stages.
    var time = BeatTime(frame: 0, anchorFrame: 0, anchorBeats: 0, framesPerBeat: 1, origin: nil)
    /// True where a note may be latched.
    var mayLatch = false
    /// True where notes may be held by nothing any more that were not ended.
    var hasUnheld = false
    private let fixedAddress = FixedAddress()

    init() {}

    // MARK: note-on

    /// Starts a note in every layer of the part that plays it.
    mutating func noteOn(
        _ stroke: KeyStroke, _ address: ChannelAddress, part: Int, _ entry: EntryID?,
        _ slots: inout SlotTable, _ channels: inout MIDIChannels, _ clock: EngineClock,
        _ report: inout EventReport
    ) {
        let keyboard = channels.keyboard(stroke.source)
        endSurplusStroke(stroke, &slots, channels, clock)
        guard let entry else {
            report.outcome = .noEntry
            return
        }
        serial &+= 1
        let number = serial
        report.outcome = .outside(entry)
        let played = keyboard.velocity(NormalizedValue.fraction(stroke.velocity))
        let velocity = max(1, UInt8(min(127, (played * 127).rounded())))
        let pedals = address.pedals, portamentoKey = channels[pedals].portamentoKey
        for layer in 0..<slots.layerCount(of: part) {
            guard let index = slots.slot(part: part, layer: layer), let core = slots[index].core else {
                continue
            }
            let rule = slots[index].rule
            guard rule.accepts(key: stroke.key, velocity: velocity, channel: address.home) else { continue }
            let tuned = channels.tuning.transposed(stroke.key, rule.transpose)
            guard
                let pitch = stroke.pitch.map({ $0 + channels.tuning.concertOffset })
                    ?? channels.pitch(tuned, address, scale: core.pointee.schedule.scale), !pitch.isNaN
            else {
                if case .outside = report.outcome { report.outcome = .untuned(entry) }
                continue
            }
            let note = NoteTable.Note(
                serial: number, source: stroke.source, channel: stroke.channel, key: stroke.key,
                home: address.home, channelState: UInt8(address.state), slot: Int16(index),
                namedPitch: stroke.pitch,
                pitch: pitch, velocity: played * channels.softness(pedals),
                gain: rule.gain(velocity: velocity))
            if core.pointee.stages.count > 0 {
                unlatchBeforeNote(index, &slots, channels, clock)
                if let evicted = notes.add(note) { end(evicted, &slots, channels, clock) }
                startInStages(note, key: tuned, address, index, core, &slots, channels, clock)
                finishStart(of: index, &slots)
                report.outcome = .plays(entry)
                continue
            }
            if let evicted = notes.add(note) { end(evicted, &slots, channels, clock) }
            var start = start(note, UInt8(clamping: tuned), core, channels, clock)
            if let portamentoKey {
                glide(
                    &start, from: portamentoKey, note, core, pedals,
                    channels.pitch(
                        channels.tuning.transposed(portamentoKey, rule.transpose), address,
                        scale: core.pointee.schedule.scale), channels, clock)
            }
            if let former = core.pointee.voices.start(start) {
                notes.give(voiceOf: former, to: number, slot: Int16(index), waits: start.mode != .poly)
            }
            finishStart(of: index, &slots)
            report.outcome = .plays(entry)
        }
        channels[pedals].portamentoKey = nil
    }

    private func finishStart(of index: Int, _ slots: inout SlotTable) {
        slots.wake(index)
        slots[index].hasPlayed = true
        slots[index].isSilenced = false
    }

    /// A key has two open strokes at most. A third note-on ends the oldest, whose note-off must have been lost.
    private mutating func endSurplusStroke(
        _ stroke: KeyStroke, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels,
        _ clock: EngineClock
    ) {
        guard
            notes.openStrokes(
                source: stroke.source, channel: stroke.channel, key: stroke.key, pitch: stroke.pitch)
                >= NoteTable.strokeLimit,
            let note = notes.keyUp(
                source: stroke.source, channel: stroke.channel, key: stroke.key, pitch: stroke.pitch,
                velocity: channels.keyboard(stroke.source).release(0.5))
        else { return }
        if note.isSustained { damp(note, &slots, channels) }
        endReleased(&slots, channels, clock)
    }

    /// The start of a voice. `tunedKey` is the key whose pitch it has.
    func start(
        _ note: NoteTable.Note, _ tunedKey: UInt8, _ core: Reference<InstanceCore>,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) -> NoteStart {
        let voicing = core.pointee.voices.voicing, state = Int(note.channelState)
        let master = channels.master(of: state), pedals = master ?? state
        let mode = channels.mode(voicing.mode, pedals)
        return NoteStart(
            serial: note.serial, pitch: note.pitch, key: note.key, tunedKey: tunedKey,
            channelState: note.channelState,
            velocity: note.velocity,
            touch: channels.touch(state, master, range: voicing.bendRange, isNew: true), gain: note.gain,
            mode: mode,
            glide: channels.glide(voicing.glide, pedals, clock),
            // In a polyphonic patch, a channel that is mono leaves the voices of other channels alone.
            channelStates: voicing.mode == .poly && mode != .poly ? channels.withMembers(pedals) : .all)
    }

    /// Portamento control (CC 84): the note glides from the key that it names, whatever the switch says. Where a
    /// note of that key is held in the slot, its voice goes to the new note without a new attack (MIDI 1.0);
    /// otherwise the note gets a voice as usual, which begins at `pitch`, the pitch of that key.
    private func glide(
        _ start: inout NoteStart, from key: UInt8, _ note: NoteTable.Note,
        _ core: Reference<InstanceCore>, _ pedals: Int, _ pitch: Float?,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        start.glide = channels.glideTime(core.pointee.voices.voicing.glide, pedals, clock)
        let sharing = channels.withMembers(pedals)
        for index in 0..<notes.count {
            let other = notes[index]
            guard other.key == key, other.slot == note.slot, other.source == note.source,
                sharing.contains(other.channelState), core.pointee.voices.plays(other.serial)
            else { continue }
            start.takesOver = other.serial
        }
        if start.takesOver == nil, let pitch { start.from = pitch }
    }

    // MARK: the end of a note

    /// Ends the oldest note of a key. False where the key holds no note.
    mutating func noteOff(
        _ stroke: KeyStroke, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels,
        _ clock: EngineClock
    ) -> Bool {
        let note = notes.keyUp(
            source: stroke.source, channel: stroke.channel, key: stroke.key,
            pitch: stroke.pitch,
            velocity: channels.keyboard(stroke.source).release(NormalizedValue.fraction(stroke.velocity)))
        guard let note else { return false }
        latch(note.serial, slots)
        if note.isSustained { damp(note, &slots, channels) }
        endReleased(&slots, channels, clock)
        return true
    }

    /// Ends the notes that neither a key nor a pedal holds any more.
    mutating func endReleased(
        _ slots: inout SlotTable, _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        let count = notes.popReleased()
        for index in 0..<count { end(notes.released(index), &slots, channels, clock) }
    }

    /// Ends a note that nothing holds any more: its gate falls, or its voice returns to the newest note that waits
    /// for it.
    private mutating func end(
        _ note: NoteTable.Note, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels,
        _ clock: EngineClock
    ) {
        guard note.slot >= 0, let core = slots[Int(note.slot)].core else { return }
        slots.wake(Int(note.slot))
        if core.pointee.stages.count > 0 {
            endInStages(note, core, &slots, channels, clock)
        } else if core.pointee.voices.plays(note.serial),
            let before = notes.newest(slot: note.slot, voice: note.voice)
        {
            let tuned = channels.tuning.transposed(before.key, slots[Int(note.slot)].rule.transpose)
            core.pointee.voices.goBack(
                from: note.serial, to: start(before, UInt8(clamping: tuned), core, channels, clock))
        } else {
            core.pointee.voices.release(note.serial, velocity: note.releaseVelocity)
        }
    }

    /// All notes off (CC 123): every key of these channel states is up. Pedals still hold.
    mutating func allKeysUp(
        _ states: ChannelMask, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels,
        _ clock: EngineClock
    ) {
        notes.allKeysUp(states)
        endReleased(&slots, channels, clock)
    }

    /// Ends the notes of a source that has gone, and lifts its pedals.
    mutating func forget(
        source: UInt16, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        notes.forget(source: source)
        endReleased(&slots, channels, clock)
    }

    /// Forgets the notes of a slot that ends.
    mutating func forget(slot: Int) { notes.forget(slot: Int16(slot)) }

    /// Forgets all notes, and lifts all pedals.
    mutating func clear() { notes.clear() }

    // MARK: pedals

    /// Sets the sustain pedal. With `isHalf`, notes that it alone holds get the damper's new force.
    mutating func setSustain(
        _ isDown: Bool, isHalf: Bool, source: UInt16, channel: UInt8, _ slots: inout SlotTable,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        notes.setSustain(isDown, source: source, channel: channel)
        endReleased(&slots, channels, clock)
        guard isHalf else { return }
        for index in 0..<notes.count
        where notes[index].home == channel && notes[index].isSustained && !notes[index].isDown {
            damp(notes[index], &slots, channels)
        }
    }

    /// Sets the sostenuto pedal.
    mutating func setSostenuto(
        _ isDown: Bool, source: UInt16, channel: UInt8, _ slots: inout SlotTable,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        notes.setSostenuto(isDown, source: source, channel: channel)
        endReleased(&slots, channels, clock)
    }

    /// Sets the second hold pedal.
    mutating func setHold(
        _ isDown: Bool, source: UInt16, channel: UInt8, _ slots: inout SlotTable,
        _ channels: borrowing MIDIChannels, _ clock: EngineClock
    ) {
        notes.setHold(isDown, source: source, channel: channel)
        endReleased(&slots, channels, clock)
    }

    /// Sets the half-pedalled damper of a note that only the pedal holds: damping or lifted.
    private func damp(
        _ note: NoteTable.Note, _ slots: inout SlotTable, _ channels: borrowing MIDIChannels
    ) {
        guard !note.isCaught else { return }
        let pedals = channels.master(of: Int(note.channelState)) ?? Int(note.channelState)
        slots[Int(note.slot)].core?.pointee.voices.damp(note.serial, frames: channels[pedals].damping ?? 0)
    }

    // MARK: held notes

    /// The number of held notes, and each of them; the oldest is first.
    var count: Int { notes.count }
    subscript(_ index: Int) -> NoteTable.Note { notes[index] }

    /// True where a key or a pedal holds a note of a slot.
    func holdsNote(slot: Int) -> Bool { notes.holds(slot: Int16(slot), channelState: nil, keysOnly: false) }

    /// True where a key of a channel state holds a note of a slot.
    func holdsKey(slot: Int, state: Int) -> Bool {
        notes.holds(slot: Int16(slot), channelState: UInt8(state), keysOnly: true)
    }
}
