/// Bytes of MIDI 1.0 to events: running status, real-time bytes inside messages, system exclusive passed over.
///
/// > The thread of the door that owns it.
public struct MIDIDecoder: Sendable {
    private var banks = BankState()
    private var status: UInt8 = 0
    private var first: UInt8?

    /// Waiting for a status byte.
    public init() {}

    /// One byte. Returns the event that it completes.
    public mutating func take(_ byte: UInt8) -> Event? {
        if byte >= 0xf8 { return Self.realTime(byte) }
        if byte >= 0x80 {
            // System messages end running status; but for the song position, their data is passed over.
            status = byte < 0xf0 || byte == 0xf2 ? byte : 0
            first = nil
            return nil
        }
        guard status != 0 else { return nil }
        let kind = status & 0xf0
        if kind == 0xc0 || kind == 0xd0 { return banks.event(status, byte, 0) }
        guard let start = first else {
            first = byte
            return nil
        }
        first = nil
        guard status != 0xf2 else {
            status = 0
            return Event(.songPosition, number: UInt32(byte) << 7 | UInt32(start))
        }
        return banks.event(status, start, byte)
    }

    /// A real-time message of one byte, or nil where it says nothing to an instrument.
    public static func realTime(_ byte: UInt8) -> Event? {
        switch byte {
        case 0xf8: Event(.clock)
        case 0xfa: Event(.start)
        case 0xfb: Event(.resume)
        case 0xfc: Event(.stop)
        default: nil
        }
    }
}
