import KairosControl
import KairosDSP
import Synchronization

// What events do when they fall due. Everything here runs in the audio thread.
extension EngineCore {
    /// Controllers that change a value act on the grid; those that end or hold notes act on their own frame.
    func isControl(_ event: Event) -> Bool {
        switch event.kind {
        case .polyPressure, .channelPressure, .pitchBend: true
        case .control: !Self.actsAtOnce(event.number)
        default: false
        }
    }

    private static func actsAtOnce(_ controller: UInt32) -> Bool {
        controller == 64 || controller == 66 || controller >= 120
    }

    mutating func perform(_ event: Event, at frame: Int) {
        var report = Report(kind: .event, event: event)
        report.frame = frame
        report.part = UInt8(part(of: event.channel))
        switch event.kind {
        case .noteOn: noteOn(event, frame, &report)
        case .noteOff: noteOff(event, frame, &report)
        case .polyPressure: polyPressure(event, frame, &report)
        case .channelPressure:
            channels[Int(event.channel & 15)].pressure = Position.fraction(event.position)
            later(
                Deferred(
                    kind: .pressure, due: Self.onGrid(frame), index: UInt32(event.channel),
                    value: Position.fraction(event.position)))
            map(event, .pressure, 0, frame, &report, quietly: true)
        case .pitchBend:
            let bend = Position.fraction(event.position) * 2 - 1
            channels[Int(event.channel & 15)].bend = bend
            later(Deferred(kind: .bend, due: Self.onGrid(frame), index: UInt32(event.channel), value: bend))
            map(event, .bend, 0, frame, &report, quietly: true)
        case .control: control(event, frame, &report)
        case .program: program(event, &report)
        case .sourceGone:
            notes.forget(source: event.source)
            endReleased()
            report.kind = .sourceGone
        case .panic: panic()
        case .nextEntry: step(part(of: event.channel), by: 1, &report)
        case .previousEntry: step(part(of: event.channel), by: -1, &report)
        }
        self.report(report)
    }

    // MARK: notes

    private mutating func noteOn(_ event: Event, _ frame: Int, _ report: inout Report) {
        if map(event, .note, UInt8(event.number & 127), frame, &report, quietly: false, missing: false) {
            return
        }
        let p = part(of: event.channel)
        let slot = parts[p].active
        guard slot >= 0, let core = slots[Int(slot)].core else {
            report.outcome = .noEntry
            return
        }
        serial &+= 1
        let key = UInt8(event.number & 127), channel = event.channel & 15
        let note = NoteTable.Note(
            serial: serial, source: event.source, channel: channel, key: key, slot: slot,
            pitch: Float(key) + tune + transpose, velocity: Position.fraction(event.position))
        if let evicted = notes.add(note) { end(evicted) }
        core.pointee.voices.start(start(note))
        core.pointee.isIdle = false
        report.slot = slot
        report.entry = slots[Int(slot)].entry
        report.value = note.velocity
    }

    private func start(_ note: NoteTable.Note) -> NoteStart {
        let channel = channels[Int(note.channel)]
        return NoteStart(
            serial: note.serial, pitch: note.pitch, key: note.key, channel: note.channel,
            velocity: note.velocity,
            bend: channel.bend, pressure: channel.pressure)
    }

    private mutating func noteOff(_ event: Event, _ frame: Int, _ report: inout Report) {
        let key = UInt8(event.number & 127)
        let ended = notes.keyUp(
            source: event.source, channel: event.channel & 15, key: key,
            velocity: Position.fraction(event.position))
        if let ended {
            end(ended)
            report.slot = ended.slot
        } else if !notes.isSustained(event.channel & 15) {
            report.outcome = .noSuchNote
        }
        var release = event
        release.position = 0
        map(release, .note, key, frame, &report, quietly: true, missing: false)
    }

    /// Nothing holds `note` any more: its gate falls, or a mono voice goes back to the key before.
    private mutating func end(_ note: NoteTable.Note) {
        guard note.slot >= 0, let core = slots[Int(note.slot)].core else { return }
        core.pointee.isIdle = false
        if core.pointee.voices.voicing.mode != .poly, core.pointee.voices.plays(note.serial),
            let before = notes.newest(slot: note.slot)
        {
            core.pointee.voices.goBack(to: start(before))
        } else {
            core.pointee.voices.release(note.serial, velocity: note.releaseVelocity)
        }
    }

    private mutating func endReleased() {
        while let note = notes.nextReleased() { end(note) }
    }

    private mutating func polyPressure(_ event: Event, _ frame: Int, _ report: inout Report) {
        let key = UInt8(event.number & 127), value = Position.fraction(event.position)
        for index in 0..<notes.count {
            let note = notes[index]
            guard note.key == key, note.channel == event.channel & 15, note.source == event.source else {
                continue
            }
            later(Deferred(kind: .polyPressure, due: Self.onGrid(frame), index: note.serial, value: value))
        }
        map(event, .pressure, 0, frame, &report, quietly: true)
    }

    // MARK: controllers

    private mutating func control(_ event: Event, _ frame: Int, _ report: inout Report) {
        let channel = event.channel & 15, number = event.number & 127
        let value = Position.fraction(event.position)
        channels[Int(channel)].positions[Int(number)] = event.position
        channels[Int(channel)].known[Int(number)] = true
        switch number {
        case 7, 10, 11:
            let kind: Deferred.Kind = number == 7 ? .volume : number == 10 ? .pan : .expression
            later(
                Deferred(kind: kind, due: Self.onGrid(frame), index: UInt32(part(of: channel)), value: value))
        case 64:
            notes.setSustain(event.position >= Position.centre, source: event.source, channel: channel)
            endReleased()
        case 66:
            notes.setSostenuto(event.position >= Position.centre, source: event.source, channel: channel)
            endReleased()
        case 120: fadeAll(channel)
        case 121: resetControllers(event, frame)
        case 123...127:
            notes.allKeysUp(channel: channel)
            endReleased()
        default: map(event, .control, UInt8(number), frame, &report, quietly: false)
        }
    }

    /// CC 120: what sounds on the channel ends at once, in every slot.
    private mutating func fadeAll(_ channel: UInt8) {
        for index in 0..<Self.slotCount where slots[index].part == UInt8(part(of: channel)) {
            slots[index].core?.pointee.voices.fadeAll(channel: channel)
        }
        notes.forget(channel: channel)
    }

    /// CC 121: bend, pressure, modulation, expression and pedals go back to rest (MMA RP-015).
    private mutating func resetControllers(_ event: Event, _ frame: Int) {
        let channel = event.channel & 15
        channels[Int(channel)].bend = 0
        channels[Int(channel)].pressure = 0
        later(Deferred(kind: .bend, due: Self.onGrid(frame), index: UInt32(channel), value: 0))
        later(Deferred(kind: .pressure, due: Self.onGrid(frame), index: UInt32(channel), value: 0))
        rest(event, 1, at: 0, frame)
        rest(event, 11, at: .max, frame)
        rest(event, 64, at: 0, frame)
        rest(event, 66, at: 0, frame)
    }

    private mutating func rest(_ event: Event, _ number: UInt32, at position: UInt32, _ frame: Int) {
        var event = event
        event.number = number
        event.position = position
        var report = Report(kind: .event, event: event)
        control(event, frame, &report)
    }

    // MARK: mapping

    /// Lets the active entry's controls have the event. Returns whether one listened.
    @discardableResult
    private mutating func map(
        _ event: Event, _ input: ControlTable.Input, _ number: UInt8, _ frame: Int, _ report: inout Report,
        quietly: Bool, missing: Bool = true
    ) -> Bool {
        let p = part(of: event.channel)
        let slot = parts[p].active
        guard slot >= 0, let core = slots[Int(slot)].core else {
            if missing, !quietly { report.outcome = .noEntry }
            return false
        }
        let table = core.pointee.controls
        var listened = false
        let position = Position.fraction(event.position)
        for index in 0..<table.count {
            let row = table[index]
            guard row.input == input || (row.input == .fineControl && input == .control),
                row.number == number,
                row.channel == 255 || row.channel == event.channel & 15, serves(row.mapping, event.source)
            else { continue }
            listened = true
            let value = row.value(at: row.partner == 255 ? position : paired(row, event))
            switch row.effect {
            case .param(let param):
                later(
                    Deferred(
                        kind: .param, due: Self.onGrid(frame), slot: slot,
                        generation: slots[Int(slot)].generation,
                        index: UInt32(param), value: value))
                report.outcome = .mapped
                report.index = param
            case .gate(let gate):
                later(
                    Deferred(
                        kind: .gate, due: Self.onGrid(frame), slot: slot,
                        generation: slots[Int(slot)].generation,
                        index: UInt32(gate), value: value))
                report.outcome = .gated
            case .action(let kind) where event.kind != .noteOff && position >= 0.5: act(kind, p, &report)
            case .action: break
            }
            report.slot = slot
            report.entry = slots[Int(slot)].entry
            report.value = value
        }
        if !listened, !quietly, missing { report.outcome = .unmapped }
        return listened
    }

    /// The position of a coarse and a fine controller together. Until a fine one is heard of, the coarse one has
    /// the whole way to itself.
    private func paired(_ row: ControlTable.Row, _ event: Event) -> Float {
        let channel = channels + Int(event.channel & 15)
        let other = UInt32(Position.sevenBits(channel.pointee.positions[Int(row.partner)]))
        let own = UInt32(Position.sevenBits(event.position))
        if row.input == .fineControl { return Position.fraction(Position.scaled(other << 7 | own, bits: 14)) }
        guard channel.pointee.known[Int(row.partner)] else { return Position.fraction(event.position) }
        return Position.fraction(Position.scaled(own << 7 | other, bits: 14))
    }

    private func serves(_ mapping: UInt8, _ source: UInt16) -> Bool {
        meters.pointee.mappingSources[Int(mapping & 15)].load(ordering: .relaxed) >> UInt64(source & 63) & 1
            == 1
    }

    private mutating func act(_ kind: Event.Kind, _ part: Int, _ report: inout Report) {
        switch kind {
        case .nextEntry: step(part, by: 1, &report)
        case .previousEntry: step(part, by: -1, &report)
        default: panic()
        }
    }
}
