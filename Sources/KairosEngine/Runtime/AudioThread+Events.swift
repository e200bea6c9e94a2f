import KairosControl
import KairosDSP

// What events do when they are due. [audio]
extension AudioThread {
    /// True for an event that changes values only: it acts at a control tick. What starts, ends or holds notes, and
    /// what a mapping makes an action of, acts at its own frame.
    mutating func actsOnTick(_ event: Event) -> Bool {
        switch event.kind {
        case .master, .setParam, .snapshot, .restore: true
        case .polyPressure, .channelPressure, .pitchBend, .registered, .nonRegistered: !map.isAction(event)
        case .control: !Self.actsAtOnce(event.number & 127) && !map.isAction(event)
        default: false
        }
    }

    /// The pedals that hold notes, and mode messages.
    private static func actsAtOnce(_ controller: UInt32) -> Bool {
        controller == 64 || controller == 66 || controller == 69 || controller >= 120
    }

    /// How a mapping and an event's standard meaning go together.
    private enum MappingRole {
        /// Mappings do not apply to it.
        case none
        /// A mapping acts in addition to its standard meaning.
        case adds
        /// A mapping that handles it replaces its standard meaning.
        case replaces
    }

    private static func mappingRole(of event: Event, _ address: ChannelAddress) -> MappingRole {
        switch event.kind {
        case .noteOn: return .replaces
        case .noteOff, .polyPressure, .channelPressure, .pitchBend, .nonRegistered: return .adds
        case .registered: return event.hasRegisteredMeaning ? .none : .adds
        case .control:
            switch event.number & 127 {
            case 7, 10, 11: return .replaces
            case 74: return address.isMember ? .none : .adds
            case 5, 64...69, 84: return address.isMember ? .none : .adds
            case 120...127: return .none
            default: return .adds
            }
        default: return .none
        }
    }

    /// Performs an event.
    mutating func perform(_ event: Event, at frame: Int) {
        let address = channels.address(of: event)
        var report = Report(kind: .event, event: event)
        report.frame = frame
        report.part = UInt8(playback.slots.part(of: address.home))
        channels.store(event, address)
        performMapped(event, address, frame, &report)
        if event.kind == .snapshot || event.isTransport { return }
        playback.meters.pointee.countTouch()
        // What ends notes of all parts may be what any of them waits for.
        if event.releasesEverywhere || changer.waitsForMoment(Int(report.part)) {
            changer.settleMoments(&playback, &channels, map)
        }
        playback.link.report(report)
    }

    /// Performs the standard meaning of an event and what mappings make of it.
    private mutating func performMapped(
        _ event: Event, _ address: ChannelAddress, _ frame: Int, _ report: inout Report
    ) {
        switch Self.mappingRole(of: event, address) {
        case .none: perform(event, address, frame, &report)
        case .adds:
            perform(event, address, frame, &report)
            var mapped = event
            if event.kind == .noteOff { mapped.normalized = 0 }
            consultMap(mapped, address, frame, &report)
        case .replaces:
            let isNote = event.kind == .noteOn
            var mapped = report
            if consultMap(event, address, frame, &mapped) || (!isNote && mapped.outcome == .echo) {
                report = mapped
            } else {
                perform(event, address, frame, &report)
            }
        }
    }

    /// Consults the controller map about an event, once. Returns true where a control has handled it.
    @discardableResult
    private mutating func consultMap(
        _ event: Event, _ address: ChannelAddress, _ frame: Int, _ report: inout Report
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
                    action.report.value = tempo
                }
                action.report.outcome = .tempo
            case .action(let kind, let number):
                let part = playback.slots.part(of: action.address.home)
                if action.isPress { perform(kind, number, part, &action.report) }
            case .nothing: action.report.outcome = .nothing
            case .param, .gate: break
            }
        }
        map.apply(&action, &playback, &channels)
    }

    /// Performs the standard meaning of an event.
    private mutating func perform(
        _ event: Event, _ address: ChannelAddress, _ frame: Int, _ report: inout Report
    ) {
        let part = Int(report.part)
        switch event.kind {
        case .noteOn, .noteOnPitch:
            playback.notes.noteOn(
                event, address, part: part, changer.entry(of: part), &playback.slots, &channels,
                playback.clock, &report)
        case .noteOff, .noteOffPitch:
            let hasNote = playback.notes.noteOff(event, &playback.slots, channels, playback.clock)
            if !hasNote { report.outcome = .noSuchNote }
        case .polyPressure: playback.setKeyPressure(event, at: frame, &channels)
        case .channelPressure:
            schedule(.channel(.pressure, state: address.state), channels[address.state].now.pressure, frame)
        case .pitchBend:
            schedule(.channel(.bend, state: address.state), channels[address.state].now.bend, frame)
        case .control: control(event, address, frame, &report)
        case .registered: registered(event, address, frame)
        case .program:
            changer.change(part, toNumber: event.number, &playback, &channels, map, &report)
        case .sourceGone:
            playback.notes.forget(source: event.source, &playback.slots, channels, playback.clock)
            channels.forget(source: event.source)
            report.kind = .sourceGone
        case .panic, .nextEntry, .previousEntry, .selectEntry, .tapTempo, .startStop:
            perform(event.kind, event.number, part, &report)
        case .reset: reset(frame)
        case .master: master(event, frame)
        case .tuneKey, .tuneOctave: channels.tune(event, &playback.slots, playback.clock)
        case .clock, .start, .resume, .stop, .songPosition: move(event)
        case .setTempo:
            changer.transport.setTempo(Double(Float(bitPattern: event.normalized)), at: playback.clock.frame)
            report.set(tempo: changer.transport.ownTempo)
        case .setParam: setParam(event, frame, &report)
        case .snapshot: copyValues()
        case .restore: restoreSettings(frame)
        case .nonRegistered: break
        }
    }

    mutating func schedule(_ target: ControlTarget, _ value: Float, _ frame: Int) {
        playback.schedule(target, value, at: frame, &channels)
    }

    // MARK: actions

    /// Performs an action of a mapping or of an event.
    private mutating func perform(_ kind: Event.Kind, _ number: UInt32, _ part: Int, _ report: inout Report) {
        switch kind {
        case .nextEntry: changer.step(part, isForward: true, &playback, &channels, map, &report)
        case .previousEntry: changer.step(part, isForward: false, &playback, &channels, map, &report)
        case .selectEntry: changer.select(part, index: number, &playback, &channels, map, &report)
        case .tapTempo:
            changer.transport.tap(at: playback.clock.frame)
            report.set(tempo: changer.transport.ownTempo)
        case .startStop:
            changer.transport.toggle(at: playback.clock.frame)
            report.set(tempo: changer.transport.ownTempo)
        default: panic()
        }
    }

    private mutating func move(_ event: Event) {
        let frame = playback.clock.frame
        switch event.kind {
        case .clock: changer.transport.advance(at: frame, from: event.source)
        case .start: changer.transport.start()
        case .resume: changer.transport.resume()
        case .stop: changer.transport.stop()
        default: changer.transport.locate(sixteenths: Int(event.number))
        }
        changer.settleMoments(&playback, &channels, map)
    }

    /// Silences every part.
    private mutating func panic() {
        for part in 0..<playback.slots.partCount { changer.silenceChange(part) }
        playback.silenceAll()
    }

    // MARK: controllers

    private mutating func control(
        _ event: Event, _ address: ChannelAddress, _ frame: Int, _ report: inout Report
    ) {
        let value = NormalizedValue.fraction(event.normalized)
        switch event.number & 127 {
        case 7: setStrip(.volume, address, value, frame)
        case 10: setStrip(.pan, address, value, frame)
        case 11: setStrip(.expression, address, value, frame)
        case 74: schedule(.channel(.timbre, state: address.state), value, frame)
        // Pedals and modes belong to the whole zone and come on its master channel (MPE 1.1, 2.3).
        case 5, 64...69, 84, 120...127:
            guard !address.isMember else {
                report.outcome = .unmapped
                return
            }
            if event.number & 127 >= 120 { mode(event, address, frame) } else { pedal(event, address) }
        default: break
        }
    }

    private mutating func setStrip(
        _ kind: ControlTarget.Strip, _ address: ChannelAddress, _ value: Float, _ frame: Int
    ) {
        schedule(.strip(kind, Int(address.home)), value, frame)
        // With one part for all channels, layers that hear any channel hear this one.
        if !playback.slots.isMulti { schedule(.strip(kind, Mixer.anyChannel), value, frame) }
    }

    private mutating func pedal(_ event: Event, _ address: ChannelAddress) {
        let isDown = event.normalized >= NormalizedValue.centre
        switch event.number & 127 {
        case 64:
            let rule = channels.keyboard(event.source)
            let holds = channels.setSustain(event, address.state, rule, playback.clock)
            playback.notes.setSustain(
                holds, isHalf: rule.hasHalfPedal, source: event.source, channel: address.home,
                &playback.slots, channels, playback.clock)
        case 66:
            playback.notes.setSostenuto(
                isDown, source: event.source, channel: address.home, &playback.slots, channels,
                playback.clock)
        case 69:
            playback.notes.setHold(
                isDown, source: event.source, channel: address.home, &playback.slots, channels,
                playback.clock)
        case 67: channels[address.state].footSources[0] = event.source
        case 68: channels[address.state].footSources[1] = event.source
        case 84: channels[address.state].portamentoKey = NormalizedValue.sevenBits(event.normalized)
        default: break
        }
    }

    /// Channel mode messages (CC 120…127).
    private mutating func mode(_ event: Event, _ address: ChannelAddress, _ frame: Int) {
        let states = channels.states(of: event, address), part = playback.slots.part(of: address.home)
        switch event.number & 127 {
        case 120:
            changer.silenceChange(part)
            playback.silence(states, part: part, channel: address.home)
        case 121: resetControllers(event, address, frame)
        case 122: break
        default:
            if event.number & 127 == 126 { channels[address.state].isMono = true }
            if event.number & 127 == 127 { channels[address.state].isMono = false }
            playback.notes.allKeysUp(states, &playback.slots, channels, playback.clock)
        }
    }

    /// Reset all controllers (CC 121): wheels, pressure, modulation, expression and pedals return to rest; volume,
    /// pan, program, sound controllers and tunings stay (MMA RP-015). Legato and hold 2, which RP-015 does not name,
    /// are pedals too.
    private mutating func resetControllers(_ event: Event, _ address: ChannelAddress, _ frame: Int) {
        let state = address.state
        channels[state].portamentoKey = nil
        channels[state].now.bend = 0
        channels[state].now.pressure = 0
        schedule(.channel(.bend, state: state), 0, frame)
        schedule(.channel(.pressure, state: state), 0, frame)
        playback.resetKeyPressure(of: state, at: frame, &channels)
        reset(1, to: 0, event, frame)
        reset(11, to: .max, event, frame)
        for pedal: UInt32 in 64...69 where channels[state].isKnown[Int(pedal)] {
            if pedal == 64 {
                channels[state].controllers[64] = 0
                channels[state].damping = nil
                playback.notes.setSustain(
                    false, isHalf: false, source: event.source, channel: address.home, &playback.slots,
                    channels, playback.clock)
            } else {
                reset(pedal, to: 0, event, frame)
            }
        }
    }

    /// Performs a control change of one controller, without a report.
    private mutating func reset(_ number: UInt32, to position: UInt32, _ event: Event, _ frame: Int) {
        var event = event
        event.number = number
        event.normalized = position
        let address = channels.address(of: event)
        channels.store(event, address)
        var report = Report(kind: .event, event: event)
        report.frame = frame
        report.part = UInt8(playback.slots.part(of: address.home))
        performMapped(event, address, frame, &report)
    }

    /// The registered parameters (RPN) that have a meaning of their own.
    private mutating func registered(_ event: Event, _ address: ChannelAddress, _ frame: Int) {
        guard event.hasRegisteredMeaning else { return }
        switch event.parameter {
        case 0:
            let (range, states) = channels.setBendRange(event, address)
            for state in 0..<MIDIChannels.count where states.contains(UInt8(state)) {
                schedule(.channel(.bendRange, state: state), range, frame)
            }
        case 1, 2:
            let tuning = channels.setTuning(event, address)
            schedule(.channel(.tuning, state: address.state), tuning, frame)
        case 3: channels.setTuningProgram(event, address)
        case 6:
            guard event.channel & 15 == 0 || event.channel & 15 == 15 else { return }
            // What it holds, pedals too, belongs to channels that mean something else from now on.
            playback.notes.forget(source: event.source, &playback.slots, channels, playback.clock)
            channels.configureZone(event)
        default: break
        }
    }

    // MARK: the instrument as a whole

    /// Master volume, balance and tuning (MMA CA-025).
    private mutating func master(_ event: Event, _ frame: Int) {
        let value = NormalizedValue.fraction(event.normalized)
        switch event.number {
        case 0: schedule(.master(.volume), value, frame)
        case 1: schedule(.master(.balance), value, frame)
        case 2: schedule(.master(.tuning), channels.tuning.setFine(value), frame)
        // The upper 7 bits of coarse tuning count: semitones from 64.
        case 3:
            let semitones = Float(NormalizedValue.sevenBits(event.normalized)) - 64
            schedule(.master(.tuning), channels.tuning.setCoarse(semitones), frame)
        default: break
        }
    }

    /// The initial state: notes ended, pedals up; controllers, zones and tunings at their defaults.
    private mutating func reset(_ frame: Int) {
        playback.notes.clear()
        playback.slots.fadeAllNotes()
        channels.reset()
        map.forgetHalves()
        schedule(.master(.tuning), 0, frame)
        schedule(.master(.volume), 1, frame)
        schedule(.master(.balance), 0.5, frame)
        for strip in 0..<Mixer.stripCount {
            schedule(.strip(.volume, strip), 1, frame)
            schedule(.strip(.pan, strip), 0.5, frame)
            schedule(.strip(.expression, strip), 1, frame)
        }
    }
}

extension Event {
    /// True for a registered parameter that has a meaning of its own: bend range, tuning, MPE configuration.
    fileprivate var hasRegisteredMeaning: Bool {
        parameter <= 3 || (parameter == 6 && (part == .coarse || part == .whole))
    }

    /// True for messages that end notes of all parts.
    fileprivate var releasesEverywhere: Bool {
        switch kind {
        case .panic, .reset, .sourceGone: true
        default: false
        }
    }

    /// True for messages that move the transport.
    fileprivate var isTransport: Bool {
        switch kind {
        case .clock, .start, .resume, .stop, .songPosition: true
        default: false
        }
    }
}
