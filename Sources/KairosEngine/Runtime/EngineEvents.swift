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
        report.part = UInt8(stage(of: event.channel))
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
        case .nextEntry, .previousEntry, .selectEntry:
            act(event.kind, event.number, stage(of: event.channel), &report)
        case .clock, .start, .resume, .stop, .songPosition: return move(event)
        }
        if stages[Int(report.part)].waitsForMoment { settleMoments() }
        self.report(report)
    }

    private mutating func move(_ event: Event) {
        switch event.kind {
        case .clock: transport.advance(at: clock)
        case .start: transport.start()
        case .resume: transport.resume()
        case .stop: transport.stop()
        default: transport.locate(sixteenths: Int(event.number))
        }
        settleMoments()
    }

    // MARK: notes

    private mutating func noteOn(_ event: Event, _ frame: Int, _ report: inout Report) {
        if map(event, .note, UInt8(event.number & 127), frame, &report, quietly: false, missing: false) {
            return
        }
        let s = stage(of: event.channel)
        guard stages[s].entry >= 0 else {
            report.outcome = .noEntry
            return
        }
        serial &+= 1
        report.entry = stages[s].entry
        report.outcome = .outside
        let key = UInt8(event.number & 127), channel = event.channel & 15
        let velocity = max(1, Position.sevenBits(event.position))
        for k in 0..<stages[s].slotCount {
            let index = stages[s].slots[k], slot = slots + Int(index)
            guard slot.pointee.rule.answers(key: key, velocity: velocity, channel: channel),
                let core = slot.pointee.core
            else { continue }
            let note = NoteTable.Note(
                serial: serial, source: event.source, channel: channel, key: key, slot: index,
                pitch: Float(key) + tune + transpose + slot.pointee.rule.transpose,
                velocity: Position.fraction(event.position),
                gain: slot.pointee.rule.gain(velocity: velocity))
            if let evicted = notes.add(note) { end(evicted) }
            core.pointee.voices.start(start(note))
            wake(Int(index))
            slot.pointee.hasPlayed = true
            report.outcome = .performed
            report.slot = index
            report.value = note.velocity
        }
    }

    /// Something happens to a slot's program: it is rendered again.
    func wake(_ index: Int) {
        slots[index].core?.pointee.isIdle = false
        slots[index].isPristine = false
    }

    private func start(_ note: NoteTable.Note) -> NoteStart {
        let channel = channels[Int(note.channel)]
        return NoteStart(
            serial: note.serial, pitch: note.pitch, key: note.key, channel: note.channel,
            velocity: note.velocity, bend: channel.bend, pressure: channel.pressure, gain: note.gain)
    }

    private mutating func noteOff(_ event: Event, _ frame: Int, _ report: inout Report) {
        let key = UInt8(event.number & 127)
        let slot = notes.keyUp(
            source: event.source, channel: event.channel & 15, key: key,
            velocity: Position.fraction(event.position))
        if let slot {
            endReleased()
            report.slot = slot
        } else {
            report.outcome = .noSuchNote
        }
        var release = event
        release.position = 0
        map(release, .note, key, frame, &report, quietly: true, missing: false)
    }

    /// Nothing holds `note` any more: its gate falls, or a mono voice goes back to the key before.
    private mutating func end(_ note: NoteTable.Note) {
        guard note.slot >= 0, let core = slots[Int(note.slot)].core else { return }
        wake(Int(note.slot))
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
            later(Deferred(kind: kind, due: Self.onGrid(frame), index: UInt32(channel), value: value))
            // In one stage for all channels, what hears any channel hears this one.
            if !multi {
                later(
                    Deferred(
                        kind: kind, due: Self.onGrid(frame), index: UInt32(Self.stripCount - 1), value: value)
                )
            }
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
        for index in 0..<Self.slotCount where Int(slots[index].stage) == stage(of: channel) {
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

    /// Lets the controls of the stage's parts, of the rack and of the instrument itself have the event. Returns
    /// whether one listened.
    @discardableResult
    private mutating func map(
        _ event: Event, _ input: ControlTable.Input, _ number: UInt8, _ frame: Int, _ report: inout Report,
        quietly: Bool, missing: Bool = true
    ) -> Bool {
        let s = stage(of: event.channel)
        var listened = false
        for index in 0..<actions.count {
            let row = actions[index]
            guard row.listens(to: input, number, event.channel & 15), serves(row.mapping, event.source),
                case .action(let kind, let place) = row.effect
            else { continue }
            listened = true
            if event.kind != .noteOff, Position.fraction(event.position) >= 0.5 {
                act(kind, place, s, &report)
            }
        }
        for k in 0..<stages[s].slotCount {
            let index = stages[s].slots[k]
            guard slots[Int(index)].rule.hears(event.channel & 15), let core = slots[Int(index)].core else {
                continue
            }
            if turn(
                core.pointee.controls, index, slots[Int(index)].generation, event, input, number, frame,
                &report)
            {
                listened = true
                report.slot = index
                report.entry = slots[Int(index)].entry
                report.sound = slots[Int(index)].sound
            }
        }
        if let core = rack.core,
            turn(core.pointee.controls, Rack.slot, rack.generation, event, input, number, frame, &report)
        {
            listened = true
            report.slot = Rack.slot
            report.sound = rackSound
        }
        if !listened, !quietly, missing { report.outcome = stages[s].entry < 0 ? .noEntry : .unmapped }
        return listened
    }

    /// Turns what one program's controls turn. Returns whether one listened.
    private mutating func turn(
        _ table: ControlTable, _ slot: Int16, _ generation: UInt32, _ event: Event,
        _ input: ControlTable.Input, _ number: UInt8, _ frame: Int, _ report: inout Report
    ) -> Bool {
        var listened = false
        for index in 0..<table.count {
            let row = table[index]
            guard row.listens(to: input, number, event.channel & 15), serves(row.mapping, event.source) else {
                continue
            }
            let value = row.value(
                at: row.partner == 255 ? Position.fraction(event.position) : paired(row, event))
            let (kind, target): (Deferred.Kind, Int32)
            switch row.effect {
            case .param(let param): (kind, target, report.outcome) = (.param, param, .mapped)
            case .gate(let gate): (kind, target, report.outcome) = (.gate, gate, .gated)
            case .action: continue
            }
            later(
                Deferred(
                    kind: kind, due: Self.onGrid(frame), slot: slot, generation: generation,
                    index: UInt32(target), value: value))
            listened = true
            report.index = target
            report.value = value
        }
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

    private mutating func act(_ kind: Event.Kind, _ number: UInt32, _ s: Int, _ report: inout Report) {
        switch kind {
        case .nextEntry: step(s, by: 1, &report)
        case .previousEntry: step(s, by: -1, &report)
        case .selectEntry: select(s, number, &report)
        default: panic()
        }
    }
}
