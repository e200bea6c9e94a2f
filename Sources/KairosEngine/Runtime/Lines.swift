import KairosControl
import KairosDSP

/// The state of one MIDI channel. Lines 0…15 are the channels of all ordinary keyboards, 16 more belong to each
/// keyboard that speaks MPE and to each further port of a MIDI file.
struct Line {
    /// What wheels, pressure and tunings say.
    struct Hands {
        /// −1…1
        var bend: Float = 0
        /// 0…1
        var pressure: Float = 0
        /// 0…1
        var timbre: Float = 0.5
        /// Semitones of the wheel's whole way to one side; not a number for the patch's own.
        var range: Float = .nan
        /// Semitones (RPN 1 and 2).
        var tuning: Float = 0
    }

    /// As the last event has it: what a new note begins with.
    var now = Hands()
    /// As notes that sound have it: what has come to its control tick.
    var heard = Hands()
    /// Where each controller was last.
    var positions = InlineArray<128, UInt32>(repeating: 0)
    /// Whether it was ever heard of.
    var known = InlineArray<128, Bool>(repeating: false)
    /// RPN 0 and its cents.
    var rangeSemitones: Float = 2
    var rangeCents: Float = 0
    /// RPN 1 in semitones, its halves of 7 bits, and RPN 2.
    var fineTuning: UInt32 = 8192
    var coarseTuning: Float = 0
    /// RPN 3.
    var tuningProgram: UInt8 = 0
    /// Semitones by the key's name, from C (MIDI Tuning Standard, scale and octave).
    var octave = InlineArray<12, Float>(repeating: 0)
    /// Whether mode messages made it mono (CC 126).
    var isMono = false
    /// The key that the next note glides from (CC 84).
    var portamentoKey: UInt8?
    /// The sources that moved the soft and the legato pedal (CC 67, 68) last.
    var footSources = InlineArray<2, UInt16>(repeating: 0)
    /// Frames in which the half-pedalled damper ends a note; 0 where it is off the strings.
    var damping = 0

    /// The pitch that RPN 1 and 2 add, in semitones.
    var channelTuning: Float { (Float(fineTuning) - 8192) / 8192 + coarseTuning }

    func isDown(_ pedal: Int) -> Bool { known[pedal] && positions[pedal] >= NormalizedValue.centre }
}

/// Where a source's notes and controllers belong.
struct Zones {
    /// Of the separate lines, 0…3; −1 for an ordinary keyboard.
    var bank: Int8 = -1
    var lowerMembers: UInt8 = 0
    var upperMembers: UInt8 = 0
    /// Whether its mapping was asked.
    var isKnown = false
    /// Where its sustain pedal rests: 1 at the top of its way, −1 at the bottom, 0 while that is not known.
    var pedalRest: Int8 = 0

    /// The first channel of the zone that has `channel`, itself included; nil outside every zone.
    func master(of channel: UInt8) -> UInt8? {
        if lowerMembers > 0, channel <= lowerMembers { return 0 }
        if upperMembers > 0, channel >= 15 - upperMembers { return 15 }
        return nil
    }
}

/// Where one event belongs.
struct Address {
    /// The channel that parts and pedals go by: its own, or its zone's first.
    var home: UInt8
    /// Whose hands it is.
    var line: Int
    /// The line of its zone's first channel, where that is another; −1.
    var master = -1
}

extension EngineCore {
    static let mpeLimit = 4
    static let lineCount = 16 + 16 * mpeLimit

    /// Where an event belongs.
    mutating func address(_ event: Event) -> Address {
        let channel = event.channel & 15, source = Int(event.source) & (Event.sourceLimit - 1)
        if !zones[source].isKnown { askMapping(source) }
        let zone = zones[source]
        guard zone.bank >= 0 else { return Address(home: channel, line: Int(channel)) }
        let first = 16 + 16 * Int(zone.bank)
        let line = first + Int(channel)
        guard let master = zone.master(of: channel) else { return Address(home: channel, line: line) }
        return Address(home: master, line: line, master: master == channel ? -1 : first + Int(master))
    }

    /// The first heard of a source: its mapping may say that it speaks MPE.
    private mutating func askMapping(_ source: Int) {
        zones[source].isKnown = true
        if FixedSource.filePorts.contains(UInt16(source)) { zones[source].bank = freeBank() }
        let rule = keyboard(UInt16(source))
        if rule.lowerMembers > 0 { setZone(source, isLower: true, members: rule.lowerMembers) }
        if rule.upperMembers > 0 { setZone(source, isLower: false, members: rule.upperMembers) }
    }

    /// How a source's keyboard is read: the first mapping that is for it and says so.
    func keyboard(_ source: UInt16) -> KeyboardRule {
        for index in 0..<keyboardCount where keyboards[index].rule != KeyboardRule() {
            if serves(keyboards[index].mapping, source) { return keyboards[index].rule }
        }
        return KeyboardRule()
    }

    /// An MPE configuration message (MPE 1.1, 2.1): the newer zone has its channels, the other what is left.
    mutating func setZone(_ source: Int, isLower: Bool, members: UInt8) {
        let members = min(15, members)
        if isLower {
            zones[source].lowerMembers = members
            zones[source].upperMembers = min(zones[source].upperMembers, 14 - min(14, members))
        } else {
            zones[source].upperMembers = members
            zones[source].lowerMembers = min(zones[source].lowerMembers, 14 - min(14, members))
        }
        guard zones[source].lowerMembers > 0 || zones[source].upperMembers > 0 else {
            if !FixedSource.filePorts.contains(UInt16(source)) { zones[source].bank = -1 }
            return
        }
        if zones[source].bank < 0 { zones[source].bank = freeBank() }
        let first = 16 + 16 * Int(zones[source].bank)
        for channel in 0..<UInt8(16) {
            guard let master = zones[source].master(of: channel) else { continue }
            guard master == (isLower ? 0 : 15) else { continue }
            lines[first + Int(channel)] = Line()
            // MPE 1.1, 2.4: 48 semitones for a finger, 2 for all.
            let range: Float = master == channel ? 2 : 48
            lines[first + Int(channel)].rangeSemitones = range
            lines[first + Int(channel)].now.range = range
            lines[first + Int(channel)].heard.range = range
        }
    }

    /// The lines that no other keyboard has; when all are taken, the last are shared.
    private func freeBank() -> Int8 {
        next: for bank in Int8(0)..<Int8(Self.mpeLimit) {
            for source in 0..<Event.sourceLimit where zones[source].bank == bank { continue next }
            return bank
        }
        return Int8(Self.mpeLimit - 1)
    }

    /// The lines that a channel's messages are for: itself, and the fingers of the zone whose first it is.
    func lines(of event: Event, _ address: Address) -> ChannelMask {
        var mask = ChannelMask()
        mask.insert(address.line)
        let zone = zones[Int(event.source) & (Event.sourceLimit - 1)]
        guard zone.bank >= 0, address.master < 0 else { return mask }
        for channel in 0..<UInt8(16) where zone.master(of: channel) == event.channel & 15 {
            mask.insert(16 + 16 * Int(zone.bank) + Int(channel))
        }
        return mask
    }

    /// The lines whose notes share one voice in mono and legato: a channel's own, or those of all fingers of the MPE zone
    /// whose first channel it is.
    func linesSharingVoice(_ line: Int) -> ChannelMask {
        var mask = ChannelMask()
        mask.insert(line)
        guard line >= 16 else { return mask }
        for finger in (line & ~15)..<(line & ~15) + 16 where master(of: finger) == line {
            mask.insert(finger)
        }
        return mask
    }

    /// The soft and the legato pedal that a source left down are up: it is gone.
    func liftFeet(of source: UInt16) {
        for line in 0..<Self.lineCount {
            for pedal in 0..<2 where lines[line].footSources[pedal] == source {
                lines[line].positions[67 + pedal] = 0
            }
        }
    }

    /// The line of the zone's first channel, or −1.
    func master(of line: Int) -> Int {
        guard line >= 16 else { return -1 }
        let bank = Int8((line - 16) / 16), channel = UInt8((line - 16) & 15)
        for source in 0..<Event.sourceLimit where zones[source].bank == bank {
            guard let master = zones[source].master(of: channel), master != channel else { return -1 }
            return 16 + 16 * Int(bank) + Int(master)
        }
        return -1
    }

    /// What a note has from its own hands and those of its zone's first channel, in a patch whose wheel goes
    /// `range` semitones. A finger's bend adds to all fingers'; the harder pressure counts.
    func touch(_ own: Line.Hands, _ all: Line.Hands?, range: Float) -> Touch {
        func bent(_ hands: Line.Hands) -> Float {
            hands.bend * (hands.range.isNaN ? range : hands.range) + hands.tuning
        }
        var touch = Touch(
            offset: bent(own) + masterTuning, bend: own.bend, pressure: own.pressure, timbre: own.timbre)
        if let all {
            touch.offset += bent(all)
            touch.pressure = max(own.pressure, all.pressure)
            touch.timbre = min(1, max(0, own.timbre + all.timbre - 0.5))
        }
        return touch
    }
}
