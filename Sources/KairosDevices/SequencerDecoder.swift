import CALSA
import KairosControl

/// The events of one sender of the ALSA sequencer. It only takes the kernel's structures apart; what a message means is
/// ``MIDIDecoder``'s. Every field may hold any bits: values are clamped, and a message whose channel, key, controller or
/// program number does not exist is dropped.
///
/// > [input] The reader's thread. It allocates when it is made and never after.
public struct SequencerDecoder: Sendable {
    private var decoder = MIDIDecoder()

    /// Nothing heard yet.
    public init() {}

    /// Forgets what is half said, after the kernel dropped events: see ``MIDIDecoder/forgetUnfinished()``.
    public mutating func forgetUnfinished() { decoder.forgetUnfinished() }

    /// Whether the event that was taken last ended a message that asks for the identity.
    public private(set) var wantsIdentity = false

    /// One event; what it means goes to `give`, without stamp and source.
    public mutating func take(_ event: snd_seq_event_t, _ give: (Event) -> Void) {
        wantsIdentity = false
        let note = event.data.note, control = event.data.control
        switch UInt32(event.type) {
        case SND_SEQ_EVENT_NOTEON.rawValue: key(0x90, note, give)
        case SND_SEQ_EVENT_NOTEOFF.rawValue: key(0x80, note, give)
        case SND_SEQ_EVENT_KEYPRESS.rawValue: key(0xa0, note, give)
        case SND_SEQ_EVENT_PGMCHANGE.rawValue:
            guard control.channel < 16, (0..<128).contains(control.value) else { return }
            decoder.take(0xc0 | control.channel, UInt8(control.value), 0, give)
        case SND_SEQ_EVENT_CHANPRESS.rawValue:
            guard control.channel < 16 else { return }
            decoder.take(0xd0 | control.channel, Self.clamped(control.value), 0, give)
        case SND_SEQ_EVENT_PITCHBEND.rawValue:
            guard control.channel < 16 else { return }
            let value = UInt16(min(8191, max(-8192, control.value)) + 8192)
            decoder.take(0xe0 | control.channel, UInt8(value & 127), UInt8(value >> 7), give)
        case SND_SEQ_EVENT_CONTROLLER.rawValue:
            guard control.channel < 16, control.param < 128 else { return }
            decoder.take(0xb0 | control.channel, UInt8(control.param), Self.clamped(control.value), give)
        case SND_SEQ_EVENT_CONTROL14.rawValue:
            guard control.channel < 16, control.param < 128 else { return }
            decoder.control14(
                UInt8(control.param), Self.clamped14(control.value), channel: control.channel, give)
        case SND_SEQ_EVENT_REGPARAM.rawValue: parameter(.registered, control, give)
        case SND_SEQ_EVENT_NONREGPARAM.rawValue: parameter(.nonRegistered, control, give)
        case SND_SEQ_EVENT_SONGPOS.rawValue:
            give(Event(.songPosition, number: UInt32(Self.clamped14(control.value))))
        case SND_SEQ_EVENT_CLOCK.rawValue: decoder.take(0xf8, give)
        case SND_SEQ_EVENT_START.rawValue: decoder.take(0xfa, give)
        case SND_SEQ_EVENT_CONTINUE.rawValue: decoder.take(0xfb, give)
        case SND_SEQ_EVENT_STOP.rawValue: decoder.take(0xfc, give)
        case SND_SEQ_EVENT_RESET.rawValue: decoder.take(0xff, give)
        case SND_SEQ_EVENT_SYSEX.rawValue: exclusive(event, give)
        default: break
        }
    }

    private mutating func key(_ status: UInt8, _ note: snd_seq_ev_note_t, _ give: (Event) -> Void) {
        guard note.channel < 16, note.note < 128 else { return }
        decoder.take(status | note.channel, note.note, min(127, note.velocity), give)
    }

    private mutating func parameter(_ kind: Event.Kind, _ control: snd_seq_ev_ctrl_t, _ give: (Event) -> Void)
    {
        guard control.channel < 16, control.param < 16_384 else { return }
        decoder.parameter(
            kind, UInt16(control.param), Self.clamped14(control.value), channel: control.channel, give)
    }

    /// The bytes of a system exclusive message, or of a part of it.
    private mutating func exclusive(_ event: snd_seq_event_t, _ give: (Event) -> Void) {
        // Without this flag the same bytes of the event are no pointer.
        guard event.flags & UInt8(SND_SEQ_EVENT_LENGTH_MASK) == UInt8(SND_SEQ_EVENT_LENGTH_VARIABLE),
            let bytes = event.data.ext.ptr?.assumingMemoryBound(to: UInt8.self)
        else { return }
        for n in 0..<Int(event.data.ext.len) {
            decoder.takeExclusive(bytes[n], give)
            if bytes[n] == 0xf7, decoder.wantsIdentity { wantsIdentity = true }
        }
    }

    private static func clamped(_ value: Int32) -> UInt8 { UInt8(min(127, max(0, value))) }
    private static func clamped14(_ value: Int32) -> UInt16 { UInt16(min(16_383, max(0, value))) }

    /// When an event happened, in nanoseconds of CLOCK_MONOTONIC.
    ///
    /// `queue` is the queue whose clock stamps, and `offset` how far our clock is ahead of it, in nanoseconds. An
    /// event that this queue did not stamp, or that comes from the future, happened `now`.
    static func stamp(of event: snd_seq_event_t, queue: Int32, offset: Int64, now: UInt64) -> UInt64 {
        let form = UInt8(SND_SEQ_TIME_STAMP_MASK | SND_SEQ_TIME_MODE_MASK)
        guard Int32(event.queue) == queue,
            event.flags & form == UInt8(SND_SEQ_TIME_STAMP_REAL | SND_SEQ_TIME_MODE_ABS)
        else { return now }
        let time = Int64(event.time.time.tv_sec) * 1_000_000_000 + Int64(event.time.time.tv_nsec)
        let (moment, isBeyond) = time.addingReportingOverflow(offset)
        // Both clocks are read to a few microseconds.
        guard !isBeyond, moment >= 0, UInt64(moment) <= now.addingReportingOverflow(1_000_000).partialValue
        else { return now }
        return UInt64(moment)
    }
}
