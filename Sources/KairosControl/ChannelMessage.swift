/// Bank select, kept per channel until the program change it belongs to.
///
/// > The thread of the door that owns it.
public struct BankState: Sendable {
    private var banks = InlineArray<16, UInt16>(repeating: 0)

    /// Every channel in bank 0.
    public init() {}

    /// The event of one channel message, or nil: a bank select waits for its program change, and what is no
    /// channel message is no event.
    public mutating func event(_ status: UInt8, _ first: UInt8, _ second: UInt8) -> Event? {
        let channel = status & 0x0f
        let first = first & 0x7f, second = second & 0x7f
        switch status & 0xf0 {
        case 0x80:
            return Event(.noteOff, channel: channel, number: UInt32(first), position: Position.scaled(second))
        case 0x90 where second == 0:
            return Event(.noteOff, channel: channel, number: UInt32(first), position: Position.scaled(64))
        case 0x90:
            return Event(.noteOn, channel: channel, number: UInt32(first), position: Position.scaled(second))
        case 0xa0:
            return Event(
                .polyPressure, channel: channel, number: UInt32(first), position: Position.scaled(second))
        case 0xb0: return control(channel, first, second)
        case 0xc0:
            return Event(
                .program, channel: channel, number: UInt32(banks[Int(channel)]) * 128 + UInt32(first))
        case 0xd0: return Event(.channelPressure, channel: channel, position: Position.scaled(first))
        case 0xe0:
            let value = UInt32(second) << 7 | UInt32(first)
            return Event(.pitchBend, channel: channel, position: Position.scaled(value, bits: 14))
        default: return nil
        }
    }

    private mutating func control(_ channel: UInt8, _ number: UInt8, _ value: UInt8) -> Event? {
        let bank = banks[Int(channel)]
        switch number {
        case 0: banks[Int(channel)] = UInt16(value) << 7 | bank & 0x7f
        case 32: banks[Int(channel)] = bank & 0x3f80 | UInt16(value)
        default:
            return Event(.control, channel: channel, number: UInt32(number), position: Position.scaled(value))
        }
        return nil
    }
}
