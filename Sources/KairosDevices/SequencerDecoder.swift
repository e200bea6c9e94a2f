public import CALSA
public import KairosControl

/// Decodes the ALSA sequencer events of one sender. [input]
///
/// It only reads the kernel's structures; ``MIDIDecoder`` interprets the messages. Every field may hold any
/// bits: values are clamped, and a message with an invalid channel, key, controller or program number is
/// dropped. It allocates in `init` only.
public struct SequencerDecoder: Sendable {
    private var decoder = MIDIDecoder()

    /// A decoder in its initial state.
    public init() {}

    /// Clears the state of unfinished messages after the kernel dropped events: see
    /// ``MIDIDecoder/forgetUnfinished()``.
    public mutating func forgetUnfinished() { decoder.forgetUnfinished() }

    /// True if the last decoded event completed an identity request.
    public private(set) var wantsIdentity = false

    /// Decodes one sequencer event; passes the resulting events, without time stamp and source, to `emit`.
    public mutating func decode(_ event: snd_seq_event_t, _ emit: (Event) -> Void) {
        wantsIdentity = false
        let note = event.data.note, control = event.data.control
        switch UInt32(event.type) {
        case SND_SEQ_EVENT_NOTEON.rawValue: key(0x90, note, emit)
        case SND_SEQ_EVENT_NOTEOFF.rawValue: key(0x80, note, emit)
        case SND_SEQ_EVENT_KEYPRESS.rawValue: key(0xa0, note, emit)
        case SND_SEQ_EVENT_PGMCHANGE.rawValue:
            guard control.channel < 16, (0..<128).contains(control.value) else { return }
            decoder.decode(0xc0 | control.channel, UInt8(control.value), 0, emit)
        case SND_SEQ_EVENT_CHANPRESS.rawValue:
            guard control.channel < 16 else { return }
            decoder.decode(0xd0 | control.channel, Self.clamped(control.value), 0, emit)
        case SND_SEQ_EVENT_PITCHBEND.rawValue:
            guard control.channel < 16 else { return }
            let value = UInt16(min(8191, max(-8192, control.value)) + 8192)
            decoder.decode(0xe0 | control.channel, UInt8(value & 127), UInt8(value >> 7), emit)
        case SND_SEQ_EVENT_CONTROLLER.rawValue:
            guard control.channel < 16, control.param < 128 else { return }
            decoder.decode(0xb0 | control.channel, UInt8(control.param), Self.clamped(control.value), emit)
        case SND_SEQ_EVENT_CONTROL14.rawValue:
            guard control.channel < 16, control.param < 128 else { return }
            decoder.control14(
                UInt8(control.param), Self.clamped14(control.value), channel: control.channel, emit)
        case SND_SEQ_EVENT_REGPARAM.rawValue: parameter(isRegistered: true, control, emit)
        case SND_SEQ_EVENT_NONREGPARAM.rawValue: parameter(isRegistered: false, control, emit)
        case SND_SEQ_EVENT_SONGPOS.rawValue:
            emit(Event(.songPosition(Self.clamped14(control.value))))
        case SND_SEQ_EVENT_CLOCK.rawValue: decoder.decode(0xf8, emit)
        case SND_SEQ_EVENT_START.rawValue: decoder.decode(0xfa, emit)
        case SND_SEQ_EVENT_CONTINUE.rawValue: decoder.decode(0xfb, emit)
        case SND_SEQ_EVENT_STOP.rawValue: decoder.decode(0xfc, emit)
        case SND_SEQ_EVENT_RESET.rawValue: decoder.decode(0xff, emit)
        case SND_SEQ_EVENT_SYSEX.rawValue: exclusive(event, emit)
        default: break
        }
    }

    private mutating func key(_ status: UInt8, _ note: snd_seq_ev_note_t, _ emit: (Event) -> Void) {
        guard note.channel < 16, note.note < 128 else { return }
        decoder.decode(status | note.channel, note.note, min(127, note.velocity), emit)
    }

    private mutating func parameter(
        isRegistered: Bool, _ control: snd_seq_ev_ctrl_t, _ emit: (Event) -> Void
    ) {
        guard control.channel < 16, control.param < 16_384 else { return }
        decoder.parameter(
            isRegistered: isRegistered, UInt16(control.param), Self.clamped14(control.value),
            channel: control.channel, emit)
    }

    /// Decodes the bytes of a system exclusive message, or of a part of one.
    private mutating func exclusive(_ event: snd_seq_event_t, _ emit: (Event) -> Void) {
        // Without this flag, these bytes of the event are not a pointer.
        guard event.flags & UInt8(SND_SEQ_EVENT_LENGTH_MASK) == UInt8(SND_SEQ_EVENT_LENGTH_VARIABLE),
            let bytes = event.data.ext.ptr?.assumingMemoryBound(to: UInt8.self)
        else { return }
        for n in 0..<Int(event.data.ext.len) {
            decoder.decodeExclusive(bytes[n], emit)
            if bytes[n] == 0xf7, decoder.wantsIdentity { wantsIdentity = true }
        }
    }

    private static func clamped(_ value: Int32) -> UInt8 { UInt8(min(127, max(0, value))) }
    private static func clamped14(_ value: Int32) -> UInt16 { UInt16(min(16_383, max(0, value))) }

    /// The time of an event in nanoseconds of CLOCK_MONOTONIC.
    ///
    /// `queue` is the queue that stamps the events; `offset` is our clock minus the queue's clock, in
    /// nanoseconds. Returns `now` for an event that this queue did not stamp, or whose time is in the future.
    static func stamp(of event: snd_seq_event_t, queue: Int32, offset: Int64, now: UInt64) -> UInt64 {
        let form = UInt8(SND_SEQ_TIME_STAMP_MASK | SND_SEQ_TIME_MODE_MASK)
        guard Int32(event.queue) == queue,
            event.flags & form == UInt8(SND_SEQ_TIME_STAMP_REAL | SND_SEQ_TIME_MODE_ABS)
        else { return now }
        let time = Int64(event.time.time.tv_sec) * 1_000_000_000 + Int64(event.time.time.tv_nsec)
        let (moment, isBeyond) = time.addingReportingOverflow(offset)
        // The offset of the clocks is known to a few microseconds.
        guard !isBeyond, moment >= 0, UInt64(moment) <= now.addingReportingOverflow(1_000_000).partialValue
        else { return now }
        return UInt64(moment)
    }
}
