/// Bytes of MIDI 1.0 to events: running status, real-time bytes inside messages, system exclusive.
///
/// > The thread of the door that owns it.
public struct MIDIDecoder: Sendable {
    private var channels = ChannelDecoder()
    private var exclusive = SystemExclusive()
    private var status: UInt8 = 0
    private var first: UInt8?

    /// Waiting for a status byte.
    public init() {}

    /// One byte; what it completes goes to `give`.
    public mutating func take(_ byte: UInt8, _ give: (Event) -> Void) {
        if byte >= 0xf8 {
            if let event = Self.realTime(byte) { give(event) }
        } else if byte >= 0x80 {
            begin(byte, give)
        } else {
            data(byte, give)
        }
    }

    /// Whether the message that has just ended asks who is here.
    public var wantsIdentity: Bool { exclusive.wantsIdentity }

    private mutating func begin(_ byte: UInt8, _ give: (Event) -> Void) {
        if byte == 0xf7, status == 0xf0 { exclusive.end(give) }
        if byte == 0xf0 { exclusive.begin() }
        // System messages end running status; but for the song position, the data of others are passed over.
        status = byte <= 0xf0 || byte == 0xf2 ? byte : 0
        first = nil
    }

    private mutating func data(_ byte: UInt8, _ give: (Event) -> Void) {
        switch status {
        case 0: break
        case 0xf0: exclusive.take(byte)
        case 0xc0..<0xe0:
            if let event = channels.event(status, byte, 0) { give(event) }
        default:
            guard let start = first else { return first = byte }
            first = nil
            if status == 0xf2 {
                status = 0
                give(Event(.songPosition, number: UInt32(byte) << 7 | UInt32(start)))
            } else if let event = channels.event(status, start, byte) {
                give(event)
            }
        }
    }

    /// A real-time message of one byte, or nil where it says nothing to an instrument.
    public static func realTime(_ byte: UInt8) -> Event? {
        switch byte {
        case 0xf8: Event(.clock)
        case 0xfa: Event(.start)
        case 0xfb: Event(.resume)
        case 0xfc: Event(.stop)
        // A device that was switched on has forgotten its keys (system reset).
        case 0xff: Event(.sourceGone)
        default: nil
        }
    }
}
