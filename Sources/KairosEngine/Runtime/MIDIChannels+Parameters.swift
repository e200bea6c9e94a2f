import KairosControl
import KairosDSP

// Registered parameters, tuning messages and settings. [audio]
extension MIDIChannels {
    /// RPN 0: the bend range, in semitones and cents; an increment is a semitone. That of a member channel is the
    /// range of all members of its zone. Returns the range in semitones, and the channel states that have it.
    mutating func setBendRange(_ entry: Event.DataEntry, _ address: ChannelAddress) -> (
        range: Float, states: ChannelMask
    ) {
        let state = self[address.state]
        let semitones = Float(Self.changed(UInt32(state.rangeSemitones), entry, isCoarse: true))
        let isStep = entry.part == .increment || entry.part == .decrement
        let cents =
            isStep ? state.rangeCents : Float(Self.changed(UInt32(state.rangeCents), entry, isCoarse: false))
        let range = semitones + cents / 100
        var states = address.master.map { members(of: $0) } ?? ChannelMask()
        states.insert(address.state)
        for index in 0..<Self.count where states.contains(UInt8(index)) {
            self[index].rangeSemitones = semitones
            self[index].rangeCents = cents
            self[index].now.range = range
        }
        return (range, states)
    }

    /// RPN 1 (fine tuning, ±1 semitone in 14 bits) and RPN 2 (coarse tuning, semitones from 64). Returns the channel
    /// tuning in semitones.
    mutating func setTuning(_ entry: Event.DataEntry, _ address: ChannelAddress) -> Float {
        let index = address.state
        if entry.parameter == 1 {
            var value = self[index].fineTuning
            switch entry.part {
            case .coarse: value = (entry.value >> 25) << 7
            case .fine: value = value & ~127 | entry.value >> 25
            case .whole: value = entry.value >> 18
            case .increment: value = min(16_383, value + 1)
            case .decrement: value -= min(1, value)
            }
            self[index].fineTuning = value
        } else {
            let semitones = UInt32(self[index].coarseTuning + 64)
            self[index].coarseTuning = Float(Self.changed(semitones, entry, isCoarse: true)) - 64
        }
        self[index].now.tuning = self[index].channelTuning
        return self[index].channelTuning
    }

    /// RPN 3: the tuning program.
    mutating func setTuningProgram(_ entry: Event.DataEntry, _ address: ChannelAddress) {
        let program = self[address.state].tuningProgram
        self[address.state].tuningProgram = UInt8(Self.changed(UInt32(program), entry, isCoarse: true))
    }

    /// One half (7 bits) of a value after a message about it; `isCoarse` says which half. A coarse half sets the
    /// fine one to 0 (MIDI 1.0), as it does with controllers of 14 bits.
    private static func changed(_ value: UInt32, _ entry: Event.DataEntry, isCoarse: Bool) -> UInt32 {
        switch entry.part {
        case .coarse: isCoarse ? entry.value >> 25 : 0
        case .fine: isCoarse ? value : entry.value >> 25
        case .whole: isCoarse ? entry.value >> 25 : entry.value >> 18 & 127
        case .increment: min(127, value + 1)
        case .decrement: value - min(1, value)
        }
    }

    /// Sets the pitch of a key of a tuning program, in semitones (MIDI Tuning Standard). Notes that begin later have
    /// the new pitch; sounding notes are retuned where the message is a real-time one.
    mutating func tune(
        key: UInt8, program: UInt8, to pitch: Float, isRealTime: Bool, _ slots: inout SlotTable,
        _ clock: EngineClock
    ) {
        guard pitch.isFinite else { return }
        let key = key & 127, program = program & 127
        for state in 0..<Self.count where isRealTime && self[state].tuningProgram == program {
            let before = tuning.pitch(of: Int(key), program: program)
            slots.retune(key: key, state: state, from: before, to: pitch, clock)
        }
        tuning.set(key: Int(key), program: Int(program), to: pitch)
    }

    /// Sets the offset of a pitch class from equal temperament, in semitones, on the channels of a mask (MIDI Tuning
    /// Standard, scale/octave). Notes that begin later have it; sounding notes are retuned where the message is a
    /// real-time one.
    mutating func tune(
        pitchClass: UInt8, to offset: Float, channels: UInt16, isRealTime: Bool, _ slots: inout SlotTable,
        _ clock: EngineClock
    ) {
        guard offset.isFinite else { return }
        let name = Int(pitchClass) % 12
        for state in 0..<16 where channels >> UInt16(state) & 1 == 1 {
            let change = offset - self[state].octave[name]
            if isRealTime, change != 0 {
                for key in stride(from: name, to: 128, by: 12) {
                    slots.retune(key: UInt8(key), state: state, by: change, clock)
                }
            }
            self[state].octave[name] = offset
        }
    }

    // MARK: settings

    /// Copies what messages set, for the thread that requested it.
    mutating func copySettings(to board: inout SettingsBoard) {
        board.settings.fineTuning = tuning.fine
        board.settings.coarseTuning = tuning.coarse
        for index in 0..<16 {
            board.settings.channels[index].semitones = self[index].rangeSemitones
            board.settings.channels[index].cents = self[index].rangeCents
            board.settings.channels[index].range = self[index].now.range
            board.settings.channels[index].fineTuning = self[index].fineTuning
            board.settings.channels[index].coarseTuning = self[index].coarseTuning
            board.settings.channels[index].tuningProgram = self[index].tuningProgram
            board.settings.channels[index].octave = self[index].octave
        }
        tuning.copyKeys(to: &board.tunings)
    }

    /// Restores the settings of one channel, 0…15. Returns its bend range (nil for the patch's own) and its tuning,
    /// in semitones.
    mutating func restore(_ channel: FlatSettings.Channel, of index: Int) -> (range: Float?, tuning: Float) {
        self[index].rangeSemitones = channel.semitones
        self[index].rangeCents = channel.cents
        self[index].now.range = channel.range
        self[index].fineTuning = channel.fineTuning
        self[index].coarseTuning = channel.coarseTuning
        self[index].now.tuning = self[index].channelTuning
        self[index].tuningProgram = channel.tuningProgram
        self[index].octave = channel.octave
        return (channel.range, self[index].channelTuning)
    }
}
