/// Decodes the MIDI 1.0 messages of one source to events. [input]
///
/// It is the only MIDI decoder. Every event input keeps one for each of its sources, and feeds it bytes
/// (RtMidi), whole messages (ALSA, files, OSC) or values of more than 7 bits (ALSA, OSC). It allocates in
/// `init` only.
///
/// It keeps the state that later messages depend on: bank select, the selected RPN or NRPN, the velocity
/// prefix (CC 88), running status and an unfinished system exclusive message. A reset in the stream (General
/// MIDI on, GS reset, XG on, system reset) clears all of that; CC 121 clears the state that RP-015 lists.
public struct MIDIDecoder: Sendable {
    private var channels = ChannelDecoder()
    private var exclusive = SystemExclusive()
    /// The running status; 0 is none.
    private var status: UInt8 = 0
    /// The first data byte of a message whose second byte has not come.
    private var first: UInt8?

    /// A decoder with bank 0 on every channel, no parameter selected and no message begun.
    public init() {}

    /// Resets all state: the source was switched on, or is another device.
    public mutating func reset() {
        forgetUnfinished()
        channels = ChannelDecoder()
    }

    /// Clears the state of unfinished messages after messages were lost: the selected parameter, the velocity
    /// prefix, running status and an unfinished message. The bank stays.
    public mutating func forgetUnfinished() {
        channels.forgetUnfinished()
        exclusive.begin()
        status = 0
        first = nil
    }

    /// True where the last complete system exclusive message was an identity request.
    public var wantsIdentity: Bool { exclusive.wantsIdentity }

    // MARK: bytes

    /// Decodes one byte of a byte stream; passes the events that it completes to `emit`. Real-time bytes may
    /// come anywhere.
    public mutating func decode(_ byte: UInt8, _ emit: (Event) -> Void) {
        switch byte {
        case 0..<0x80: data(byte, emit)
        case 0xff:
            // System reset: the device was switched on and no longer holds its keys.
            reset()
            emit(Event(.sourceGone))
        case 0xf8...: if let event = Self.realTime(byte) { emit(event) }
        default: begin(byte, emit)
        }
    }

    private mutating func begin(_ byte: UInt8, _ emit: (Event) -> Void) {
        if status == 0xf0 || byte == 0xf0 { decodeExclusive(byte, emit) }
        // System messages end running status. Only the song position's data bytes are decoded; others are
        // ignored.
        status = byte <= 0xf0 || byte == 0xf2 ? byte : 0
        first = nil
    }

    private mutating func data(_ byte: UInt8, _ emit: (Event) -> Void) {
        switch status {
        case 0: break
        case 0xf0: decodeExclusive(byte, emit)
        case 0xc0..<0xe0: decode(status, byte, 0, emit)
        default:
            guard let start = first else { return first = byte }
            first = nil
            if status == 0xf2 {
                status = 0
                emit(Event(.songPosition(UInt16(byte) << 7 | UInt16(start))))
            } else {
                decode(status, start, byte, emit)
            }
        }
    }

    /// The event of a real-time byte; nil where an instrument has no use for it.
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

    /// Decodes one whole channel message: its status and its data bytes, of which the lower 7 bits are used.
    /// Other messages are ignored. Running status and an unfinished system exclusive message are not
    /// affected.
    public mutating func decode(_ status: UInt8, _ first: UInt8, _ second: UInt8, _ emit: (Event) -> Void) {
        if let event = channels.event(status, first, second) { emit(event) }
    }

    /// Decodes one byte of a system exclusive message, F0 and F7 included. The parts of a message may come
    /// separately.
    public mutating func decodeExclusive(_ byte: UInt8, _ emit: (Event) -> Void) {
        switch byte {
        case 0..<0x80: exclusive.append(byte)
        case 0xf7:
            var isReset = false
            exclusive.end { event in
                isReset = isReset || event.message == .reset
                emit(event)
            }
            if isReset { channels = ChannelDecoder() }
        case 0xf8...: break
        // F0 begins a message; any other status byte aborts one.
        default: exclusive.begin()
        }
    }

    // MARK: values of more than 7 bits

    /// Decodes a controller with a value of 32 bits (see ``NormalizedValue``). Bank select, parameter numbers, the
    /// velocity prefix and channel mode messages use its upper 7 bits. Data entry (CC 6) uses the whole
    /// value.
    public mutating func control(
        _ controller: UInt8, at normalized: UInt32, channel: UInt8, _ emit: (Event) -> Void
    ) {
        if let event = channels.control(channel & 15, controller & 127, normalized: normalized) {
            emit(event)
        }
    }

    /// Decodes a controller with a value of 14 bits. Below controller 32 it replaces the coarse and the fine
    /// message, also for bank select and data entry; from 32 on, the lower 7 bits are the value (as the
    /// kernel's sequencer sends it to a MIDI cable).
    public mutating func control14(
        _ controller: UInt8, _ value: UInt16, channel: UInt8, _ emit: (Event) -> Void
    ) {
        if let event = channels.control14(channel & 15, controller & 127, min(16_383, value)) { emit(event) }
    }

    /// Decodes a 14-bit value of an RPN (`isRegistered`) or NRPN with its number. The parameter stays
    /// selected.
    public mutating func parameter(
        isRegistered: Bool, _ number: UInt16, _ value: UInt16, channel: UInt8, _ emit: (Event) -> Void
    ) {
        emit(
            channels.parameter(
                channel & 15, isRegistered: isRegistered, min(16_383, number), min(16_383, value)))
    }

    /// The 32-bit velocity of a note that did not come as a channel message. `value` has 7 bits; a waiting
    /// velocity prefix (CC 88) adds 7.
    public mutating func velocity(_ value: UInt8, channel: UInt8) -> UInt32 {
        channels.velocity(value & 127, channel & 15)
    }

    /// The bank selected on a channel, 0…16 383.
    public func bank(ofChannel channel: UInt8) -> UInt16 { channels.bank(of: channel & 15) }
}
