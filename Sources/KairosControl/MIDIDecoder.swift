/// MIDI 1.0 to events, for one source. It is the only decoder: every event input keeps one for each of its sources, and
/// feeds it bytes (RtMidi), whole messages (ALSA, files, OSC) or values of more than 7 bits (ALSA, OSC).
///
/// It remembers what later messages depend on: bank select, the selected RPN or NRPN, the velocity prefix (CC 88),
/// running status and an unfinished system exclusive message. A reset in the stream (General MIDI on, GS reset, XG on,
/// system reset) makes it forget all of that; CC 121 makes a channel forget what RP-015 lists.
///
/// > [input] The thread of the event input that owns it. It allocates when it is made and never after.
public struct MIDIDecoder: Sendable {
    private var channels = ChannelDecoder()
    private var exclusive = SystemExclusive()
    /// The running status; 0 for none.
    private var status: UInt8 = 0
    /// The first data byte of a message whose second is missing.
    private var first: UInt8?

    /// Every channel in bank 0, no parameter selected, no message begun.
    public init() {}

    /// Forgets everything, for a source that was switched on or is another one now.
    public mutating func reset() {
        forgetUnfinished()
        channels = ChannelDecoder()
    }

    /// Forgets what is half said, after messages were lost: the selected parameter, the velocity prefix, running
    /// status and an unfinished message. The bank stays.
    public mutating func forgetUnfinished() {
        channels.forgetUnfinished()
        exclusive.begin()
        status = 0
        first = nil
    }

    /// Whether the system exclusive message that ended last asks for the identity.
    public var wantsIdentity: Bool { exclusive.wantsIdentity }

    // MARK: bytes

    /// One byte of a stream of bytes; what it completes goes to `give`. A real-time byte may come at any time.
    public mutating func take(_ byte: UInt8, _ give: (Event) -> Void) {
        switch byte {
        case 0..<0x80: data(byte, give)
        case 0xff:
            // System reset: the device was switched on and has forgotten its keys.
            reset()
            give(Event(.sourceGone))
        case 0xf8...: if let event = Self.realTime(byte) { give(event) }
        default: begin(byte, give)
        }
    }

    private mutating func begin(_ byte: UInt8, _ give: (Event) -> Void) {
        if status == 0xf0 || byte == 0xf0 { takeExclusive(byte, give) }
        // System messages end running status; but for the song position, the data of others are passed over.
        status = byte <= 0xf0 || byte == 0xf2 ? byte : 0
        first = nil
    }

    private mutating func data(_ byte: UInt8, _ give: (Event) -> Void) {
        switch status {
        case 0: break
        case 0xf0: takeExclusive(byte, give)
        case 0xc0..<0xe0: take(status, byte, 0, give)
        default:
            guard let start = first else { return first = byte }
            first = nil
            if status == 0xf2 {
                status = 0
                give(Event(.songPosition, number: UInt32(byte) << 7 | UInt32(start)))
            } else {
                take(status, start, byte, give)
            }
        }
    }

    /// A real-time message of one byte, or nil where it says nothing to an instrument.
    private static func realTime(_ byte: UInt8) -> Event? {
        switch byte {
        case 0xf8: Event(.clock)
        case 0xfa: Event(.start)
        case 0xfb: Event(.resume)
        case 0xfc: Event(.stop)
        default: nil
        }
    }

    // MARK: whole messages

    /// One whole channel message: its status and its data, of which the lower 7 bits count. What is no channel message
    /// is ignored. Running status and an unfinished system exclusive message stay as they are.
    public mutating func take(_ status: UInt8, _ first: UInt8, _ second: UInt8, _ give: (Event) -> Void) {
        if let event = channels.event(status, first, second) { give(event) }
    }

    /// One byte of a system exclusive message, F0 and F7 included. Parts of a message may come apart.
    public mutating func takeExclusive(_ byte: UInt8, _ give: (Event) -> Void) {
        switch byte {
        case 0..<0x80: exclusive.take(byte)
        case 0xf7:
            var isReset = false
            exclusive.end { event in
                isReset = isReset || event.kind == .reset
                give(event)
            }
            if isReset { channels = ChannelDecoder() }
        case 0xf8...: break
        // F0 begins a message; any other status byte cuts one off.
        default: exclusive.begin()
        }
    }

    // MARK: values of more than 7 bits

    /// A controller at a position of 32 bits. A controller that selects (bank, parameter number, velocity prefix) and a
    /// channel mode message take its upper 7 bits; data entry takes 14.
    public mutating func control(
        _ controller: UInt8, at position: UInt32, channel: UInt8, _ give: (Event) -> Void
    ) {
        if let event = channels.control(channel & 15, controller & 127, position: position) { give(event) }
    }

    /// A controller of 14 bits. Below 32 it is a coarse and a fine controller at once, bank select and data entry
    /// included; from 32 on the lower 7 bits are its value (as the kernel's sequencer sends it to a cable).
    public mutating func control14(
        _ controller: UInt8, _ value: UInt16, channel: UInt8, _ give: (Event) -> Void
    ) {
        if let event = channels.control14(channel & 15, controller & 127, min(16_383, value)) { give(event) }
    }

    /// A parameter of 14 bits, with its number: an RPN (`.registered`) or an NRPN (`.nonRegistered`). It stays selected.
    public mutating func parameter(
        _ kind: Event.Kind, _ number: UInt16, _ value: UInt16, channel: UInt8, _ give: (Event) -> Void
    ) {
        give(channels.parameter(channel & 15, kind, min(16_383, number), min(16_383, value)))
    }

    /// The velocity (32 bits) of a note that is no channel message: `value` has 7 bits, and 14 with the prefix that was
    /// waiting (CC 88).
    public mutating func velocity(_ value: UInt8, channel: UInt8) -> UInt32 {
        channels.velocity(value & 127, channel & 15)
    }

    /// The bank that is selected on a channel, 0…16 383.
    public func bank(ofChannel channel: UInt8) -> UInt16 { channels.bank(of: channel & 15) }
}
