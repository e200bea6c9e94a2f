import KairosControl
import KairosDSP
import KairosPatch

/// The state of all MIDI channels: controllers, bend, pressure, RPNs, MPE zones, tunings.
///
/// Channel states 0…15 are the channels of all ordinary keyboards. Each keyboard that speaks MPE, and each further
/// port of a MIDI file, has a bank of sixteen more.
///
/// [audio], but for `init` and `deinit`.
struct MIDIChannels: ~Copyable {
    /// The number of banks of sixteen channel states behind the common ones.
    private static let bankCount = 4
    /// The number of channel states.
    static let count = 16 + 16 * bankCount

    private var states: FixedArray<MIDIChannelState>
    private var zones: FixedArray<MIDIZones>
    /// The rules of the rig's keyboards; exchanged with the rig.
    var keyboards: KeyboardRules
    /// The tuning of keys by tuning messages, and of the instrument as a whole.
    var tuning: InstrumentTuning
    private let fixedAddress = FixedAddress()

    init(_ setup: EngineSetup, keyboards: consuming KeyboardRules) {
        states = FixedArray(count: Self.count, repeating: MIDIChannelState())
        zones = FixedArray(count: Event.sourceLimit, repeating: MIDIZones())
        self.keyboards = keyboards
        tuning = InstrumentTuning(concertPitch: setup.tune, transpose: setup.transpose)
    }

    /// A channel state by its index, 0..<``count``.
    subscript(_ index: Int) -> MIDIChannelState {
        @inline(__always) unsafeAddress { states.reference(to: index).constantAddress }
        @inline(__always) unsafeMutableAddress { states.reference(to: index).address }
    }

    // MARK: the channel of an event

    private static func index(of source: UInt16) -> Int { Int(source) & (Event.sourceLimit - 1) }

    /// The channel that an event acts on. The first event of a source sets up the zones of its mapping.
    mutating func address(of event: Event) -> ChannelAddress {
        let channel = event.channel & 15, source = Self.index(of: event.source)
        if !zones[source].isKnown { setUpZones(source) }
        let zone = zones[source]
        guard let bank = zone.bank else { return ChannelAddress(home: channel, state: Int(channel)) }
        let first = Self.first(of: bank), state = first + Int(channel)
        guard let master = zone.master(of: channel) else {
            return ChannelAddress(home: channel, state: state)
        }
        return ChannelAddress(
            home: master, state: state, master: master == channel ? nil : first + Int(master))
    }

    private static func first(of bank: UInt8) -> Int { 16 + 16 * Int(bank) }

    private mutating func setUpZones(_ source: Int) {
        zones[source].isKnown = true
        if FixedSource.filePorts.contains(UInt16(source)) { zones[source].bank = freeBank() }
        let rule = keyboards.rule(of: UInt16(source))
        if rule.lowerMembers > 0 { setZone(source, isLower: true, members: rule.lowerMembers) }
        if rule.upperMembers > 0 { setZone(source, isLower: false, members: rule.upperMembers) }
    }

    /// RPN 6 on the first or the last channel: an MPE zone with so many member channels (MPE 1.1, 2.1).
    mutating func configureZone(_ event: Event, members: UInt8) {
        let source = Self.index(of: event.source)
        zones[source].isKnown = true
        setZone(source, isLower: event.channel & 15 == 0, members: members)
    }

    private mutating func setZone(_ source: Int, isLower: Bool, members: UInt8) {
        zones[source].set(isLower: isLower, members: members)
        guard zones[source].hasZones else {
            if !FixedSource.filePorts.contains(UInt16(source)) { zones[source].bank = nil }
            return
        }
        let bank = zones[source].bank ?? freeBank()
        zones[source].bank = bank
        for channel in 0..<UInt8(16) {
            guard let master = zones[source].master(of: channel), master == (isLower ? 0 : 15) else {
                continue
            }
            let index = Self.first(of: bank) + Int(channel)
            states[index] = MIDIChannelState()
            // MPE 1.1, 2.4: 48 semitones for a member channel, 2 for the master channel.
            let range: Float = master == channel ? 2 : 48
            states[index].rangeSemitones = range
            states[index].now.range = range
            states[index].applied.range = range
        }
    }

    /// A bank that no other source has; when all are taken, the last one is shared.
    private func freeBank() -> UInt8 {
        next: for bank in 0..<UInt8(Self.bankCount) {
            for source in 0..<Event.sourceLimit where zones[source].bank == bank { continue next }
            return bank
        }
        return UInt8(Self.bankCount - 1)
    }

    /// The channel states that a message on a channel acts on: its own, and on a master channel those of its members.
    func states(of event: Event, _ address: ChannelAddress) -> ChannelMask {
        var mask = ChannelMask()
        mask.insert(address.state)
        let zone = zones[Self.index(of: event.source)]
        guard let bank = zone.bank, !address.isMember else { return mask }
        for channel in 0..<UInt8(16) where zone.master(of: channel) == event.channel & 15 {
            mask.insert(Self.first(of: bank) + Int(channel))
        }
        return mask
    }

    /// A channel state and those of the members whose master it is. Their notes share a voice in mono and legato.
    func withMembers(_ state: Int) -> ChannelMask {
        var mask = members(of: state)
        mask.insert(state)
        return mask
    }

    /// The channel states of the members whose master channel state is `state`.
    func members(of state: Int) -> ChannelMask {
        var mask = ChannelMask()
        guard state >= 16 else { return mask }
        for member in state & ~15..<(state & ~15) + 16 where master(of: member) == state {
            mask.insert(member)
        }
        return mask
    }

    /// The channel state of the master of a member channel; nil for others.
    func master(of state: Int) -> Int? {
        guard state >= 16 else { return nil }
        let bank = UInt8((state - 16) / 16), channel = UInt8((state - 16) & 15)
        for source in 0..<Event.sourceLimit where zones[source].bank == bank {
            guard let master = zones[source].master(of: channel), master != channel else { return nil }
            return Self.first(of: bank) + Int(master)
        }
        return nil
    }

    // MARK: the values of a note

    /// The rule of a source's keyboard.
    func keyboard(_ source: UInt16) -> KeyboardRule { keyboards.rule(of: source) }

    /// The expression of a note: that of its channel and of its zone's master channel, in a patch with this bend
    /// range in semitones. Their bends add, and the greater pressure counts. `master` is the state of the master channel, or nil;
    /// `isNew` is true for a new note.
    func touch(_ state: Int, _ master: Int?, range: Float, isNew: Bool) -> Touch {
        let own = isNew ? states[state].now : states[state].applied
        var touch = Touch(
            offset: own.offset(patchRange: range) + tuning.applied, bend: own.bend, pressure: own.pressure,
            timbre: own.timbre)
        if let master {
            let all = isNew ? states[master].now : states[master].applied
            touch.offset += all.offset(patchRange: range)
            touch.pressure = max(own.pressure, all.pressure)
            touch.timbre = min(1, max(0, own.timbre + all.timbre - 0.5))
        }
        return touch
    }

    /// The pitch of a key in semitones, by tuning messages where there were any, else by the patch's scale; nil
    /// where the scale has no pitch for the key. Beyond the 128 keys, equal temperament continues.
    func pitch(_ key: Int, _ address: ChannelAddress, scale: RegionTable<Float?>) -> Float? {
        let state = address.pedals
        var pitch = Float(key)
        if (0..<128).contains(key) {
            guard let tuned = tuning.pitch(of: key, program: states[state].tuningProgram) ?? scale[key] else {
                return nil
            }
            pitch = tuned
        }
        return pitch + states[state].octave[((key % 12) + 12) % 12] + tuning.concertOffset
    }

    /// The factor of the soft pedal (CC 67) on the velocity, 0.6…1.
    func softness(_ state: Int) -> Float {
        states[state].isKnown[67] ? 1 - 0.4 * NormalizedValue.fraction(states[state].controllers[67]) : 1
    }

    /// The mode of a patch's voices on a channel: legato by pedal (CC 68), mono by mode message (CC 126), else the
    /// patch's own.
    func mode(_ own: Voicing.Mode, _ state: Int) -> Voicing.Mode {
        if states[state].isDown(68) { return .legato }
        return states[state].isMono && own == .poly ? .mono : own
    }

    /// Frames of portamento: the switch (CC 65) and the time (CC 5) override the patch's own.
    func glide(_ own: Int, _ state: Int, _ clock: EngineClock) -> Int {
        guard states[state].isKnown[65] else { return own }
        return states[state].isDown(65) ? glideTime(own, state, clock) : 0
    }

    /// Frames of a glide that takes place: by CC 5, else the patch's own, else 100 ms.
    func glideTime(_ own: Int, _ state: Int, _ clock: EngineClock) -> Int {
        let time = states[state].isKnown[5] ? Self.portamento(states[state].controllers[5], clock) : own
        return time > 0 ? time : clock.frames(0.1)
    }

    /// CC 5: 5 ms…5 s on a logarithmic scale; 0 for none.
    private static func portamento(_ value: UInt32, _ clock: EngineClock) -> Int {
        guard value > 0 else { return 0 }
        return Int(0.005 * exp2Precise(9.965_784 * NormalizedValue.fraction(value)) * clock.sampleRate)
    }

    // MARK: messages

    /// Stores the value of a message, for notes that begin from now on.
    mutating func store(_ message: Event.Message, _ address: ChannelAddress) {
        switch message {
        case .channelPressure(let value):
            states[address.state].now.pressure = NormalizedValue.fraction(value)
        case .pitchBend(let value):
            states[address.state].now.bend = NormalizedValue.fraction(value) * 2 - 1
        case .control(let controller, let value, _):
            let number = Int(controller & 127)
            states[address.state].controllers[number] = value
            states[address.state].isKnown[number] = true
            if number == 74 { states[address.state].now.timbre = NormalizedValue.fraction(value) }
        default: break
        }
    }

    /// Sets a value that sounding notes have; a bend range of nil is the patch's own.
    mutating func apply(_ kind: ControlTarget.Channel, of state: Int, to value: Float?) {
        switch (kind, value) {
        case (.bendRange, _): states[state].applied.range = value
        case (.bend, let value?): states[state].applied.bend = value
        case (.pressure, let value?): states[state].applied.pressure = value
        case (.timbre, let value?): states[state].applied.timbre = value
        case (.tuning, let value?): states[state].applied.tuning = value
        case (.bend, nil), (.pressure, nil), (.timbre, nil), (.tuning, nil): break
        }
    }

    /// The sustain pedal (CC 64) of a source. On a half-pedal the first quarter of the travel is up and the last
    /// one down; between them the damper touches the strings, and what the pedal alone holds dies away in 6…0.15 s.
    /// Returns true where the pedal holds notes. `value` is normalized.
    mutating func setSustain(
        _ value: UInt32, source: UInt16, _ state: Int, _ rule: KeyboardRule, _ clock: EngineClock
    ) -> Bool {
        let source = Self.index(of: source)
        var depth = NormalizedValue.fraction(value)
        var isInverted = rule.polarity == .inverted
        if rule.polarity == .auto {
            // The first message leaves the position in which the pedal rests.
            if zones[source].isPedalInverted == nil { zones[source].isPedalInverted = depth < 0.5 }
            isInverted = zones[source].isPedalInverted == true
        }
        if isInverted { depth = 1 - depth }
        states[state].controllers[64] = isInverted ? ~value : value
        let isHalf = rule.hasHalfPedal && depth > 0.25 && depth < 0.75
        states[state].damping =
            isHalf ? Int(6 * exp2Precise(-5.32 * (0.75 - depth) * 2) * clock.sampleRate) : nil
        return isHalf || (rule.hasHalfPedal ? depth >= 0.75 : depth >= 0.5)
    }

    /// The soft and the legato pedal (CC 67, 68) that a source left down are up, and its zones are forgotten: it has
    /// gone.
    mutating func forget(source: UInt16) {
        for state in 0..<Self.count {
            for pedal in 0..<2 where states[state].footSources[pedal] == source {
                states[state].controllers[67 + pedal] = 0
            }
        }
        zones[Self.index(of: source)] = MIDIZones()
    }

    /// The initial state of all channels.
    mutating func reset() {
        for index in 0..<Self.count { states[index] = MIDIChannelState() }
        for source in 0..<Event.sourceLimit { zones[source] = MIDIZones() }
        tuning.reset()
    }
}
