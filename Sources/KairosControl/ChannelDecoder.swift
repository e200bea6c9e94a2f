/// Decodes the channel messages of one source; used by ``MIDIDecoder``. [input]
///
/// It keeps the state that later messages need: bank select for the program change, parameter numbers for data entry,
/// the velocity prefix for the next note.
struct ChannelDecoder: Sendable {
    private struct Channel {
        var bank: UInt16 = 0
        /// The selected RPN or NRPN, 14 bits; 0x3fff is none.
        var parameter: UInt16 = 0x3fff
        var isRegistered = true
        /// The lower 7 bits of the next velocity (CC 88, CA-031); 0 is none.
        var velocityPrefix: UInt8 = 0

        var isSelected: Bool { parameter != 0x3fff }

        /// Deselects the parameter and clears the velocity prefix; keeps the bank. Called after lost messages
        /// and for CC 121 (RP-015).
        mutating func forgetUnfinished() {
            parameter = 0x3fff
            velocityPrefix = 0
        }
    }

    private var channels = InlineArray<16, Channel>(repeating: Channel())

    func bank(of channel: UInt8) -> UInt16 { channels[Int(channel)].bank }

    mutating func forgetUnfinished() { for index in 0..<16 { channels[index].forgetUnfinished() } }

    /// Decodes one channel message. Nil where the message only changes the decoder's state (bank select,
    /// parameter number, velocity prefix) or is not a channel message.
    mutating func event(_ status: UInt8, _ first: UInt8, _ second: UInt8) -> Event? {
        let channel = status & 0x0f
        let first = first & 0x7f, second = second & 0x7f
        switch status & 0xf0 {
        case 0x80:
            return Event(.noteOff(key: first, velocity: velocity(second, channel)), channel: channel)
        case 0x90 where second == 0:
            // A velocity prefix applies only to the next note message.
            channels[Int(channel)].velocityPrefix = 0
            return Event(.noteOff(key: first, velocity: NormalizedValue.scaled(64)), channel: channel)
        case 0x90:
            return Event(.noteOn(key: first, velocity: velocity(second, channel)), channel: channel)
        case 0xa0:
            return Event(
                .polyPressure(key: first, value: NormalizedValue.scaled(second)), channel: channel)
        case 0xb0: return control(channel, first, second)
        case 0xc0:
            let bank = UInt32(channels[Int(channel)].bank)
            return Event(.program(bank * 128 + UInt32(first)), channel: channel)
        case 0xd0: return Event(.channelPressure(NormalizedValue.scaled(first)), channel: channel)
        case 0xe0:
            let value = UInt32(second) << 7 | UInt32(first)
            return Event(.pitchBend(NormalizedValue.scaled(value, bits: 14)), channel: channel)
        default: return nil
        }
    }

    /// The 32-bit velocity from `value`, 7 bits, or from 14 bits where a prefix (CC 88) came before.
    mutating func velocity(_ value: UInt8, _ channel: UInt8) -> UInt32 {
        let prefix = channels[Int(channel)].velocityPrefix
        channels[Int(channel)].velocityPrefix = 0
        guard prefix > 0 else { return NormalizedValue.scaled(value) }
        return NormalizedValue.scaled(UInt32(value) << 7 | UInt32(prefix), bits: 14)
    }

    private mutating func control(_ number: UInt8, _ controller: UInt8, _ value: UInt8) -> Event? {
        let index = Int(number)
        var channel: Channel {
            get { channels[index] }
            set { channels[index] = newValue }
        }
        switch controller {
        case 0: channel.bank = UInt16(value) << 7 | channel.bank & 0x7f
        case 32: channel.bank = channel.bank & 0x3f80 | UInt16(value)
        case 88: channel.velocityPrefix = value
        case 98, 100:
            channel.isRegistered = controller == 100
            channel.parameter = channel.parameter & 0x3f80 | UInt16(value)
        case 99, 101:
            channel.isRegistered = controller == 101
            channel.parameter = channel.parameter & 0x7f | UInt16(value) << 7
        case 6 where channel.isSelected: return data(channel, .coarse, number, NormalizedValue.scaled(value))
        case 38 where channel.isSelected: return data(channel, .fine, number, NormalizedValue.scaled(value))
        case 96 where channel.isSelected:
            return data(channel, .increment, number, NormalizedValue.scaled(value))
        case 97 where channel.isSelected:
            return data(channel, .decrement, number, NormalizedValue.scaled(value))
        default:
            if controller == 121 { channel.forgetUnfinished() }
            return Event(.control(controller, value: NormalizedValue.scaled(value)), channel: number)
        }
        return nil
    }

    private func data(_ channel: Channel, _ part: Event.Part, _ number: UInt8, _ normalized: UInt32) -> Event
    {
        let entry = Event.DataEntry(channel.parameter, part, value: normalized)
        return Event(channel.isRegistered ? .registered(entry) : .nonRegistered(entry), channel: number)
    }

    /// See ``MIDIDecoder/control(_:at:channel:_:)``.
    mutating func control(_ channel: UInt8, _ controller: UInt8, normalized: UInt32) -> Event? {
        switch controller {
        case 6 where channels[Int(channel)].isSelected:
            return data(channels[Int(channel)], .whole, channel, normalized)
        case 0, 32, 38, 88, 96...101, 120...127:
            return control(channel, controller, NormalizedValue.sevenBits(normalized))
        default:
            return Event(.control(controller, value: normalized, isWhole: true), channel: channel)
        }
    }

    /// See ``MIDIDecoder/control14(_:_:channel:_:)``.
    mutating func control14(_ channel: UInt8, _ controller: UInt8, _ value: UInt16) -> Event? {
        switch controller {
        case 0:
            channels[Int(channel)].bank = value
            return nil
        case 1..<32:
            return control(channel, controller, normalized: NormalizedValue.scaled(UInt32(value), bits: 14))
        default: return control(channel, controller, UInt8(value & 127))
        }
    }

    /// See ``MIDIDecoder/parameter(isRegistered:_:_:channel:_:)``.
    mutating func parameter(_ channel: UInt8, isRegistered: Bool, _ number: UInt16, _ value: UInt16) -> Event
    {
        channels[Int(channel)].parameter = number
        channels[Int(channel)].isRegistered = isRegistered
        return data(
            channels[Int(channel)], .whole, channel, NormalizedValue.scaled(UInt32(value), bits: 14))
    }
}
