import KairosControl
import KairosDSP

// Events that are due: their standard meaning, and what mappings make of them. [audio]
extension AudioThread {
    /// True for an event that changes values only: it acts at a control tick. Events that start, end or hold notes,
    /// and those that a mapping turns into an action, act at their own frame.
    mutating func actsOnTick(_ event: Event) -> Bool {
        switch event.message {
        case .master, .setParam, .snapshot, .restore: true
        case .polyPressure, .channelPressure, .pitchBend, .registered, .nonRegistered: !map.isAction(event)
        case .control(let number, _, _): !Self.actsAtOnce(number & 127) && !map.isAction(event)
        default: false
        }
    }

    /// True for the pedals that hold notes, and for mode messages.
    private static func actsAtOnce(_ controller: UInt8) -> Bool {
        controller == 64 || controller == 66 || controller == 69 || controller >= 120
    }

    /// Performs an event.
    mutating func perform(_ event: Event, at frame: Int) {
        let address = channels.address(of: event)
        var report = EventReport(event, part: playback.slots.part(of: address.home), frame: frame)
        channels.store(event.message, address)
        performMapped(event, address, frame, &report)
        if event.message.isUnreported { return }
        playback.meters.pointee.countTouch()
        // A part may wait for the end of its notes, which a message that ends notes of all parts brings.
        if event.message.releasesEverywhere || changer.waitsForMoment(Int(report.part)) {
            changer.settleMoments(&playback, &channels, map)
        }
        playback.link.report(Report(report))
    }

    /// Performs the standard meaning of an event and what mappings make of it.
    mutating func performMapped(
        _ event: Event, _ address: ChannelAddress, _ frame: Int, _ report: inout EventReport
    ) {
        switch MappingRole(event.message, address) {
        case .none: perform(event, address, frame, &report)
        case .adds:
            perform(event, address, frame, &report)
            consultMap(event, address, frame, &report)
        case .replaces:
            var mapped = report
            if consultMap(event, address, frame, &mapped) || mapped.isEcho {
                report = mapped
            } else {
                perform(event, address, frame, &report)
            }
        }
    }

    /// Consults the controller map about an event, once. Returns true where a control has handled it.
    @discardableResult
    private mutating func consultMap(
        _ event: Event, _ address: ChannelAddress, _ frame: Int, _ report: inout EventReport
    ) -> Bool {
        var action = map.begin(
            event, address, frame: frame, report, hasEntry: changer.entry(of: Int(report.part)) != nil)
        while map.next(&action, &playback) { perform(&action) }
        action.finish(&report)
        return action.isHandled
    }

    /// Performs the action of a control that has moved.
    mutating func perform(_ action: inout ControlAction) {
        var row = 0
        while let index = map.nextRow(of: action, from: row) {
            row = index + 1
            action.beginReport(playback.link)
            switch map.effect(ofRow: index) {
            case .tempo:
                let own = Float(changer.transport.ownTempo)
                if let tempo = map.tempo(ofRow: index, action.movement, current: own) {
                    changer.transport.setTempo(Double(tempo), at: action.frame)
                }
                action.report.outcome = .tempo(Float(changer.transport.ownTempo))
            case .action(let kind):
                let part = playback.slots.part(of: action.address.home)
                if action.isPress { perform(kind, part, &action.report) }
            case .nothing: action.report.outcome = .nothing
            case .param, .gate: break
            }
        }
        map.apply(&action, &playback, &channels)
    }

    /// Performs the standard meaning of an event.
    private mutating func perform(
        _ event: Event, _ address: ChannelAddress, _ frame: Int, _ report: inout EventReport
    ) {
        switch event.message {
        case .noteOn(let key, let velocity):
            noteOn(KeyStroke(event, key: key, velocity: velocity), address, &report)
        case .noteOnPitch(let key, let velocity, let pitch):
            noteOn(KeyStroke(event, key: key, velocity: velocity, pitch: pitch), address, &report)
        case .noteOff(let key, let velocity):
            noteOff(KeyStroke(event, key: key, velocity: velocity), &report)
        case .noteOffPitch(let key, let velocity, let pitch):
            noteOff(KeyStroke(event, key: key, velocity: velocity, pitch: pitch), &report)
        case .polyPressure(let key, let value):
            playback.setKeyPressure(of: key & 127, to: value, event, at: frame, &channels)
        case .channelPressure:
            schedule(
                .channel(.pressure, state: UInt8(address.state)), channels[address.state].now.pressure, frame)
        case .pitchBend:
            schedule(.channel(.bend, state: UInt8(address.state)), channels[address.state].now.bend, frame)
        case .control(let number, let value, _):
            control(number & 127, value, event, address, frame, &report)
        case .registered(let entry): if entry.hasMeaning { set(entry, event, address, frame) }
        case .program(let number):
            changer.change(Int(report.part), toNumber: number, &playback, &channels, map, &report)
        case .sourceGone:
            playback.notes.forget(source: event.source, &playback.slots, channels, playback.clock)
            channels.forget(source: event.source)
        case .panic: panic()
        case .nextEntry: perform(.nextEntry, Int(report.part), &report)
        case .previousEntry: perform(.previousEntry, Int(report.part), &report)
        case .selectEntry(let index): perform(.selectEntry(index), Int(report.part), &report)
        case .tapTempo: perform(.tapTempo, Int(report.part), &report)
        case .startStop: perform(.startStop, Int(report.part), &report)
        case .reset: reset(frame)
        case .master(let setting, let value): set(setting, value, frame)
        case .tuneKey(let key, let program, let pitch, let isRealTime):
            channels.tune(
                key: key, program: program, to: pitch, isRealTime: isRealTime, &playback.slots,
                playback.clock)
        case .tuneOctave(let pitchClass, let offset, let mask, let isRealTime):
            channels.tune(
                pitchClass: pitchClass, to: offset, channels: mask, isRealTime: isRealTime,
                &playback.slots, playback.clock)
        case .clock:
            changer.transport.advance(at: playback.clock.frame, from: event.source)
            changer.settleMoments(&playback, &channels, map)
        case .start:
            changer.transport.start()
            changer.settleMoments(&playback, &channels, map)
        case .resume:
            changer.transport.resume()
            changer.settleMoments(&playback, &channels, map)
        case .stop:
            changer.transport.stop()
            changer.settleMoments(&playback, &channels, map)
        case .songPosition(let sixteenths):
            changer.transport.locate(sixteenths: Int(sixteenths))
            changer.settleMoments(&playback, &channels, map)
        case .setTempo(let tempo):
            changer.transport.setTempo(Double(tempo), at: playback.clock.frame)
            report.outcome = .tempo(Float(changer.transport.ownTempo))
        case .setParam(let key, let layer, let value): setParam(key, layer, value, frame, &report)
        case .snapshot: copyValues()
        case .restore: restoreSettings(frame)
        case .nonRegistered: break
        }
    }

    private mutating func noteOn(
        _ stroke: KeyStroke, _ address: ChannelAddress, _ report: inout EventReport
    ) {
        let part = Int(report.part)
        playback.notes.noteOn(
            stroke, address, part: part, changer.entry(of: part), &playback.slots, &channels,
            playback.clock, &report)
    }

    private mutating func noteOff(_ stroke: KeyStroke, _ report: inout EventReport) {
        let hasNote = playback.notes.noteOff(stroke, &playback.slots, channels, playback.clock)
        if !hasNote { report.outcome = .noSuchNote }
    }

    /// Moves a target to a value at the next control tick from `frame` on.
    mutating func schedule(_ target: ControlTarget, _ value: Float?, _ frame: Int) {
        playback.schedule(target, value, at: frame, &channels)
    }

    // MARK: actions

    /// Performs an action of a mapping or of an event.
    private mutating func perform(
        _ action: ControlTable.Action, _ part: Int, _ report: inout EventReport
    ) {
        switch action {
        case .nextEntry: changer.step(part, isForward: true, &playback, &channels, map, &report)
        case .previousEntry: changer.step(part, isForward: false, &playback, &channels, map, &report)
        case .selectEntry(let index):
            changer.select(part, index: index, &playback, &channels, map, &report)
        case .tapTempo:
            changer.transport.tap(at: playback.clock.frame)
            report.outcome = .tempo(Float(changer.transport.ownTempo))
        case .startStop:
            changer.transport.toggle(at: playback.clock.frame)
            report.outcome = .tempo(Float(changer.transport.ownTempo))
        case .panic: panic()
        }
    }

    /// Silences every part.
    private mutating func panic() {
        for part in 0..<playback.slots.partCount { changer.silenceChange(part) }
        playback.silenceAll()
    }
}
