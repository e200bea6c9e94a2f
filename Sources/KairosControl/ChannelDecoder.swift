/// What a source's channel messages mean that depend on messages before: bank select, which waits for its program
/// change, and parameter numbers, which wait for their data entry.
///
/// > The thread of the door that owns it.
public struct ChannelDecoder: Sendable {
    private struct Channel {
        var bank: UInt16 = 0
        /// RPN or NRPN by its 14 bits; 0x3fff is none.
        var parameter: UInt16 = 0x3fff
        var isRegistered = true
        /// The lower 7 bits of the next velocity (CC 88, CA-031).
        var velocityPrefix: UInt8 = 0

        var isSelected: Bool { parameter != 0x3fff }
    }

    private var channels = InlineArray<16, Channel>(repeating: Channel())

    /// Every channel in bank 0, no parameter selected.
    public init() {}

    /// The event of one channel message, or nil: what selects waits for what it selects for, and what is no
    /// channel message is no event.
    public mutating func event(_ status: UInt8, _ first: UInt8, _ second: UInt8) -> Event? {
        let channel = status & 0x0f
        let first = first & 0x7f, second = second & 0x7f
        switch status & 0xf0 {
        case 0x80:
            return Event(
                .noteOff, channel: channel, number: UInt32(first), position: velocity(second, channel))
        case 0x90 where second == 0:
            return Event(.noteOff, channel: channel, number: UInt32(first), position: Position.scaled(64))
        case 0x90:
            return Event(
                .noteOn, channel: channel, number: UInt32(first), position: velocity(second, channel))
        case 0xa0:
            return Event(
                .polyPressure, channel: channel, number: UInt32(first), position: Position.scaled(second))
        case 0xb0: return control(channel, first, second)
        case 0xc0:
            return Event(
                .program, channel: channel,
                number: UInt32(channels[Int(channel)].bank) * 128 + UInt32(first))
        case 0xd0: return Event(.channelPressure, channel: channel, position: Position.scaled(first))
        case 0xe0:
            let value = UInt32(second) << 7 | UInt32(first)
            return Event(.pitchBend, channel: channel, position: Position.scaled(value, bits: 14))
        default: return nil
        }
    }

    /// 7 bits, or 14 where a prefix came before the note.
    private mutating func velocity(_ value: UInt8, _ channel: UInt8) -> UInt32 {
        let prefix = channels[Int(channel)].velocityPrefix
        channels[Int(channel)].velocityPrefix = 0
        guard prefix > 0 else { return Position.scaled(value) }
        return Position.scaled(UInt32(value) << 7 | UInt32(prefix), bits: 14)
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
        case 6 where channel.isSelected: return data(channel, .coarse, number, value)
        case 38 where channel.isSelected: return data(channel, .fine, number, value)
        case 96 where channel.isSelected: return data(channel, .increment, number, value)
        case 97 where channel.isSelected: return data(channel, .decrement, number, value)
        default:
            // Reset all controllers: no parameter is selected (RP-015).
            if controller == 121 { channel.parameter = 0x3fff }
            return Event(
                .control, channel: number, number: UInt32(controller), position: Position.scaled(value))
        }
        return nil
    }

    private func data(_ channel: Channel, _ part: Event.Part, _ number: UInt8, _ value: UInt8) -> Event {
        Event(
            parameter: channel.isRegistered ? .registered : .nonRegistered, UInt32(channel.parameter), part,
            channel: number, position: Position.scaled(value))
    }
}
