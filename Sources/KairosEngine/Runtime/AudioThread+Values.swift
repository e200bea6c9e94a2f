import KairosControl
import KairosDSP

// Values that events set: controllers, registered parameters, the instrument as a whole, parameters. [audio]
extension AudioThread {
    // MARK: controllers

    /// Performs the standard meaning of a controller, 0…127, with a normalized value.
    mutating func control(
        _ number: UInt8, _ normalized: UInt32, _ event: Event, _ address: ChannelAddress, _ frame: Int,
        _ report: inout EventReport
    ) {
        let value = NormalizedValue.fraction(normalized)
        switch number {
        case 7: setStrip(.volume, address, value, frame)
        case 10: setStrip(.pan, address, value, frame)
        case 11: setStrip(.expression, address, value, frame)
        case 74: schedule(.channel(.timbre, state: UInt8(address.state)), value, frame)
        // Pedals and modes belong to the whole zone and come on its master channel (MPE 1.1, 2.3).
        case 5, 64...69, 84, 120...127:
            guard !address.isMember else {
                report.outcome = .unmapped
                return
            }
            if number >= 120 {
                setMode(number, event, address, frame)
            } else {
                setPedal(number, normalized, event.source, address)
            }
        default: break
        }
    }

    /// Sets a value of the channel strip of a channel.
    private mutating func setStrip(
        _ kind: ControlTarget.Strip, _ address: ChannelAddress, _ value: Float, _ frame: Int
    ) {
        schedule(.strip(kind, address.home), value, frame)
        // With one part for all channels, layers that accept any channel follow this one.
        if !playback.slots.isMulti { schedule(.strip(kind, UInt8(Mixer.anyChannel)), value, frame) }
    }

    /// Sets a pedal or a switch of a channel to a normalized value.
    private mutating func setPedal(
        _ number: UInt8, _ value: UInt32, _ source: UInt16, _ address: ChannelAddress
    ) {
        let isDown = value >= NormalizedValue.centre
        switch number {
        case 64:
            let rule = channels.keyboard(source)
            let holds = channels.setSustain(value, source: source, address.state, rule, playback.clock)
            playback.notes.setSustain(
                holds, isHalf: rule.hasHalfPedal, source: source, channel: address.home,
                &playback.slots, channels, playback.clock)
        case 66:
            playback.notes.setSostenuto(
                isDown, source: source, channel: address.home, &playback.slots, channels,
                playback.clock)
        case 69:
            playback.notes.setHold(
                isDown, source: source, channel: address.home, &playback.slots, channels,
                playback.clock)
        case 67: channels[address.state].footSources[0] = source
        case 68: channels[address.state].footSources[1] = source
        case 84: channels[address.state].portamentoKey = NormalizedValue.sevenBits(value)
        default: break
        }
    }

    /// Channel mode messages (CC 120…127).
    private mutating func setMode(
        _ number: UInt8, _ event: Event, _ address: ChannelAddress, _ frame: Int
    ) {
        let states = channels.states(of: event, address), part = playback.slots.part(of: address.home)
        switch number {
        case 120:
            changer.silenceChange(part)
            playback.silence(states, part: part, channel: address.home)
        case 121: resetControllers(event, address, frame)
        case 122: break
        default:
            if number == 126 { channels[address.state].isMono = true }
            if number == 127 { channels[address.state].isMono = false }
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
        schedule(.channel(.bend, state: UInt8(state)), 0, frame)
        schedule(.channel(.pressure, state: UInt8(state)), 0, frame)
        playback.resetKeyPressure(of: state, at: frame, &channels)
        reset(1, to: 0, event, frame)
        reset(11, to: .max, event, frame)
        for pedal: UInt8 in 64...69 where channels[state].isKnown[Int(pedal)] {
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
    private mutating func reset(_ number: UInt8, to value: UInt32, _ event: Event, _ frame: Int) {
        var event = event
        event.message = .control(number, value: value)
        let address = channels.address(of: event)
        channels.store(event.message, address)
        var report = EventReport(event, part: playback.slots.part(of: address.home), frame: frame)
        performMapped(event, address, frame, &report)
    }

    /// Sets a registered parameter (RPN) that has a meaning of its own.
    mutating func set(_ entry: Event.DataEntry, _ event: Event, _ address: ChannelAddress, _ frame: Int) {
        switch entry.parameter {
        case 0:
            let (range, states) = channels.setBendRange(entry, address)
            for state in 0..<UInt8(MIDIChannels.count) where states.contains(state) {
                schedule(.channel(.bendRange, state: state), range, frame)
            }
        case 1, 2:
            let tuning = channels.setTuning(entry, address)
            schedule(.channel(.tuning, state: UInt8(address.state)), tuning, frame)
        case 3: channels.setTuningProgram(entry, address)
        case 6:
            guard event.channel & 15 == 0 || event.channel & 15 == 15 else { return }
            // Its held notes and pedals belong to channels that mean something else from now on.
            playback.notes.forget(source: event.source, &playback.slots, channels, playback.clock)
            channels.configureZone(event, members: NormalizedValue.sevenBits(entry.value))
        default: break
        }
    }

    // MARK: the instrument as a whole

    /// Master volume, balance and tuning (MMA CA-025); `normalized` is the value.
    mutating func set(_ setting: Event.Master, _ normalized: UInt32, _ frame: Int) {
        let value = NormalizedValue.fraction(normalized)
        switch setting {
        case .volume: schedule(.master(.volume), value, frame)
        case .balance: schedule(.master(.balance), value, frame)
        case .fineTuning: schedule(.master(.tuning), channels.tuning.setFine(value), frame)
        // The upper 7 bits of coarse tuning count: semitones from 64.
        case .coarseTuning:
            let semitones = Float(NormalizedValue.sevenBits(normalized)) - 64
            schedule(.master(.tuning), channels.tuning.setCoarse(semitones), frame)
        }
    }

    /// The initial state: notes ended, pedals up; controllers, zones and tunings at their defaults.
    mutating func reset(_ frame: Int) {
        playback.notes.clear()
        playback.slots.fadeAllNotes()
        channels.reset()
        map.forgetHalves()
        schedule(.master(.tuning), 0, frame)
        schedule(.master(.volume), 1, frame)
        schedule(.master(.balance), 0.5, frame)
        for strip in 0..<UInt8(Mixer.stripCount) {
            schedule(.strip(.volume, strip), 1, frame)
            schedule(.strip(.pan, strip), 0.5, frame)
            schedule(.strip(.expression, strip), 1, frame)
        }
    }

    // MARK: values from outside

    /// Sets a parameter of a layer of the first part, or of the master effects, by its key.
    mutating func setParam(
        _ key: UInt64, _ layer: Event.Layer, _ value: ParamValue, _ frame: Int, _ report: inout EventReport
    ) {
        guard let (core, instance) = playback.instance(ofLayer: layer.index),
            let index = core.pointee.param(of: key)
        else {
            report.outcome = .noSuchParam
            return
        }
        let value = core.pointee.params.intend(index, value)
        playback.schedule(.parameter(instance, Int32(index)), to: value, at: frame, &channels)
        report.outcome = .mapped(
            EventReport.Parameter(index: Int32(index), sound: playback.sound(of: instance).sound),
            value: value)
    }

    /// Copies the value of every parameter of the first part and of the master effects, and all settings.
    mutating func copyValues() {
        // Read first: for ThreadSanitizer, Swift 6.3 sees an overlap with the owners otherwise.
        let board = board
        board.pointee.write { copy in
            for layer in 0..<ValueBoard.layerCount {
                copy.copy(playback.instance(ofLayer: layer)?.core, ofLayer: layer)
            }
            changer.copySettings(to: &copy.settings.settings)
            playback.mixer.copy(to: &copy.settings.settings)
            channels.copySettings(to: &copy.settings)
        }
    }

    /// Restores the settings that were handed over, as smoothly as messages would bring them. Sounding keys keep the
    /// pitch that they began with.
    mutating func restoreSettings(_ frame: Int) {
        let board = board
        board.pointee.readRequest { restore($0, frame) }
    }

    private mutating func restore(_ request: borrowing SettingsBoard, _ frame: Int) {
        let settings = request.settings
        changer.restore(settings, at: playback.clock.frame)
        let tuning = channels.tuning.restore(
            keys: request.tunings, fine: settings.fineTuning, coarse: settings.coarseTuning)
        schedule(.master(.tuning), tuning, frame)
        schedule(.master(.volume), settings.volume, frame)
        schedule(.master(.balance), settings.balance, frame)
        for index in 0..<Mixer.stripCount {
            schedule(.strip(.volume, UInt8(index)), settings.channels[index].volume, frame)
            schedule(.strip(.pan, UInt8(index)), settings.channels[index].pan, frame)
        }
        for index in 0..<16 {
            let (range, tuning) = channels.restore(settings.channels[index], of: index)
            schedule(.channel(.bendRange, state: UInt8(index)), range, frame)
            schedule(.channel(.tuning, state: UInt8(index)), tuning, frame)
        }
    }

    /// Makes the entry that was selected active, with the settings that were handed over: nothing has sounded yet, so
    /// nothing glides. [control], before the first block
    mutating func begin() {
        restoreSettings(playback.clock.frame)
        applyChanges()
        playback.mixer.snap()
        receive()
    }

    /// Sets a parameter at once, by its key. False where the layer has no such parameter. [control], before the first
    /// block
    mutating func begin(_ key: UInt64, ofLayer layer: Int, at value: ParamValue) -> Bool {
        guard let (core, instance) = playback.instance(ofLayer: layer),
            let index = core.pointee.param(of: key)
        else { return false }
        core.pointee.params.snap(index, to: value)
        if let slot = instance.place.slotIndex { playback.slots[slot].isUntouched = false }
        return true
    }
}
