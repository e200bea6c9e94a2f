import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch

// Keys. Everything here runs in the audio thread.
extension EngineCore {
    mutating func noteOn(_ event: Event, _ address: Address, _ frame: Int, _ report: inout Report) {
        let namedPitch = event.kind == .noteOnPitch ? Float(bitPattern: event.detail) : nil
        if namedPitch == nil, map(event, address, frame, &report) { return }
        endSurplusStroke(event, namedPitch)
        let s = part(of: address.home)
        guard parts[s].entry >= 0 else {
            report.outcome = .noEntry
            return
        }
        serial &+= 1
        report.entry = parts[s].entry
        report.outcome = .outside
        let key = UInt8(event.number & 127), channel = event.channel & 15
        let played = keyboard(event.source).velocity(NormalizedValue.fraction(event.normalized))
        let loudness = max(1, UInt8(min(127, (played * 127).rounded())))
        // The pedals are those of the whole zone.
        let pedals = address.master >= 0 ? address.master : address.line
        for k in 0..<parts[s].slotCount {
            let index = parts[s].slots[k], slot = slots + Int(index)
            guard slot.pointee.rule.accepts(key: key, velocity: loudness, channel: address.home),
                let core = slot.pointee.core
            else { continue }
            let tuned = transposed(key, slot.pointee.rule.transpose)
            let pitch = namedPitch.map { $0 + tune } ?? pitch(tuned, address, core)
            guard !pitch.isNaN else {
                if report.outcome == .outside { report.outcome = .untuned }
                continue
            }
            let note = NoteTable.Note(
                serial: serial, source: event.source, channel: channel, key: key, home: address.home,
                channelState: UInt8(address.line), slot: index, namedPitch: namedPitch, pitch: pitch,
                velocity: played * softness(pedals), gain: slot.pointee.rule.gain(velocity: loudness))
            if let evicted = notes.add(note) { end(evicted) }
            var begin = start(note, UInt8(clamping: tuned), core)
            if let from = lines[pedals].portamentoKey {
                glide(
                    &begin, from: from, note, pedals,
                    self.pitch(transposed(from, slot.pointee.rule.transpose), address, core))
            }
            if let former = core.pointee.voices.start(begin) {
                notes.give(voiceOf: former, to: serial, slot: index, waits: begin.mode != .poly)
            }
            wake(Int(index))
            slot.pointee.hasPlayed = true
            slot.pointee.isSilenced = false
            report.outcome = .performed
            report.slot = index
            report.value = note.velocity
        }
        lines[pedals].portamentoKey = nil
    }

    /// A key has two open strokes at most. A third note-on ends the oldest, whose note-off must have been lost.
    private mutating func endSurplusStroke(_ event: Event, _ namedPitch: Float?) {
        let channel = event.channel & 15, key = UInt8(event.number & 127)
        guard
            notes.openStrokes(source: event.source, channel: channel, key: key, pitch: namedPitch)
                >= NoteTable.strokeLimit,
            let note = notes.keyUp(
                source: event.source, channel: channel, key: key, pitch: namedPitch,
                velocity: keyboard(event.source).release(0.5))
        else { return }
        if note.isSustained { damp(note) }
        endReleased()
    }

    /// Something happens to a slot's program: it is rendered again.
    func wake(_ index: Int) {
        slots[index].core?.pointee.isIdle = false
        slots[index].isUntouched = false
    }

    /// The soft pedal (CC 67) takes up to two fifths of the velocity.
    private func softness(_ line: Int) -> Float {
        guard lines[line].known[67] else { return 1 }
        return 1 - 0.4 * NormalizedValue.fraction(lines[line].positions[67])
    }

    private func start(
        _ note: NoteTable.Note, _ tunedKey: UInt8, _ core: UnsafeMutablePointer<InstanceCore>
    ) -> NoteStart {
        let voicing = core.pointee.voices.voicing, line = Int(note.channelState), master = master(of: line)
        let pedals = master >= 0 ? master : line, mode = mode(voicing.mode, pedals)
        return NoteStart(
            serial: note.serial, pitch: note.pitch, key: note.key, tunedKey: tunedKey,
            line: note.channelState,
            velocity: note.velocity,
            touch: touch(
                lines[line].now, master >= 0 ? lines[master].now : nil, range: voicing.bendRange),
            gain: note.gain, mode: mode, glide: glide(voicing.glide, pedals),
            // In a patch of many voices a channel that is mono leaves the others alone.
            lines: voicing.mode == .poly && mode != .poly ? linesSharingVoice(pedals) : .all)
    }

    /// Mono by mode message or legato by foot (CC 126, CC 68), else as the patch has it.
    private func mode(_ own: Voicing.Mode, _ line: Int) -> Voicing.Mode {
        if lines[line].isDown(68) { return .legato }
        return lines[line].isMono && own == .poly ? .mono : own
    }

    /// Frames of portamento: the switch (CC 65) and the time (CC 5) over the patch's own.
    private func glide(_ own: Int, _ line: Int) -> Int {
        guard lines[line].known[65] else { return own }
        return lines[line].isDown(65) ? glideTime(own, line) : 0
    }

    /// Portamento control (CC 84): whatever the switch, the note glides from the key it names. Where a note of that key
    /// is held in the slot, its voice goes to the new note without a new attack (MIDI 1.0); else the note has a voice as
    /// usual, which begins at `pitch`, the key's.
    private func glide(
        _ begin: inout NoteStart, from key: UInt8, _ note: NoteTable.Note, _ pedals: Int, _ pitch: Float
    ) {
        guard let core = slots[Int(note.slot)].core else { return }
        begin.glide = glideTime(core.pointee.voices.voicing.glide, pedals)
        let sharing = linesSharingVoice(pedals)
        for index in 0..<notes.count {
            let other = notes[index]
            guard other.key == key, other.slot == note.slot, other.source == note.source,
                sharing.contains(other.channelState), core.pointee.voices.plays(other.serial)
            else { continue }
            begin.takes = other.serial
        }
        if begin.takes == nil { begin.from = pitch }
    }

    /// Frames of a glide where there is one; 100 ms where neither CC 5 nor the patch says how long.
    private func glideTime(_ own: Int, _ line: Int) -> Int {
        let time = lines[line].known[5] ? portamento(lines[line].positions[5]) : own
        return time > 0 ? time : Int(0.1 * sampleRate)
    }

    /// 5 ms … 5 s, each step the same ratio; 0 is none.
    private func portamento(_ normalized: UInt32) -> Int {
        guard normalized > 0 else { return 0 }
        return Int(0.005 * exp2Precise(9.965_784 * NormalizedValue.fraction(normalized)) * sampleRate)
    }

    mutating func noteOff(_ event: Event, _ address: Address, _ frame: Int, _ report: inout Report) {
        let note = notes.keyUp(
            source: event.source, channel: event.channel & 15, key: UInt8(event.number & 127),
            pitch: event.kind == .noteOffPitch ? Float(bitPattern: event.detail) : nil,
            velocity: keyboard(event.source).release(NormalizedValue.fraction(event.normalized)))
        if let note {
            if note.isSustained { damp(note) }
            endReleased()
            report.slot = note.slot
        } else {
            report.outcome = .noSuchNote
        }
        // A mapped note was struck by its key, never by its pitch.
        guard event.kind == .noteOff else { return }
        var release = event
        release.normalized = 0
        map(release, address, frame, &report)
    }

    /// Nothing holds `note` any more: its gate falls, or its voice goes back to the newest note that waits for it.
    private mutating func end(_ note: NoteTable.Note) {
        guard note.slot >= 0, let core = slots[Int(note.slot)].core else { return }
        wake(Int(note.slot))
        if core.pointee.voices.plays(note.serial),
            let before = notes.newest(slot: note.slot, voice: note.voice)
        {
            let tuned = transposed(before.key, slots[Int(note.slot)].rule.transpose)
            core.pointee.voices.goBack(
                from: note.serial, to: start(before, UInt8(clamping: tuned), core))
        } else {
            core.pointee.voices.release(note.serial, velocity: note.releaseVelocity)
        }
    }

    mutating func endReleased() {
        let count = notes.popReleased()
        for index in 0..<count { end(notes.released(index)) }
    }

    mutating func polyPressure(_ event: Event, _ address: Address, _ frame: Int, _ report: inout Report) {
        let key = UInt8(event.number & 127), value = NormalizedValue.fraction(event.normalized)
        for index in 0..<notes.count {
            let note = notes[index]
            guard note.key == key, note.channel == event.channel & 15, note.source == event.source else {
                continue
            }
            later(.notePressure(note.serial), value, frame)
        }
        map(event, address, frame, &report)
    }

    // MARK: the half-pedalled damper

    /// The pedal of `home` lets the damper down, or lifts it: what it alone holds dies away faster or goes on.
    mutating func dampHeld(_ home: UInt8) {
        for index in 0..<notes.count
        where notes[index].home == home && notes[index].isSustained && !notes[index].isDown {
            damp(notes[index])
        }
    }

    private func damp(_ note: NoteTable.Note) {
        guard !note.isCaught else { return }
        let master = master(of: Int(note.channelState))
        slots[Int(note.slot)].core?.pointee.voices.damp(
            note.serial, frames: lines[master >= 0 ? master : Int(note.channelState)].damping)
    }
}
