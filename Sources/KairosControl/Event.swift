/// A time-stamped message to the engine: a note, a controller, a program change. A plain value of 32 bytes.
///
/// An event input only decodes and time-stamps. Every decision is made when the event is due, on the audio
/// thread.
@frozen public struct Event: Sendable, Equatable, BitwiseCopyable {
    /// The kind of message.
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// Note-on. `number` is the key, `normalized` the velocity (never 0).
        case noteOn
        /// Note-off. `number` is the key, `normalized` the release velocity.
        case noteOff
        /// Polyphonic key pressure. `number` is the key, `normalized` the pressure.
        case polyPressure
        /// Channel pressure: `normalized` is the pressure of all keys of the channel.
        case channelPressure
        /// Control change. `number` is the controller, 0…127. ``isWhole`` is true where the event input knows
        /// all bits of the value.
        case control
        /// A registered parameter (RPN): see ``parameter`` and ``part``.
        case registered
        /// A non-registered parameter (NRPN): see ``parameter`` and ``part``.
        case nonRegistered
        /// Pitch bend. `normalized` is the wheel; the centre is no bend.
        case pitchBend
        /// Program change with its bank: `number` is bank × 128 + program.
        case program
        /// The source has gone, or events of it were lost: all its notes and pedals are released.
        case sourceGone
        /// Panic: every sound ends, release tails and effect tails included.
        case panic
        /// A master setting: `number` is 0 for volume, 1 for balance, 2 for fine tuning (±1 semitone), 3 for
        /// coarse tuning (±64 semitones). `normalized` is the value.
        case master
        /// The pitch of one key in a tuning program: `number` is key + 128 × program, `normalized` is in 1/16
        /// 384 semitone above key 0. Sounding notes are retuned where `detail` is 1.
        case tuneKey
        /// The pitch of one pitch class in all octaves: `number` is 0…11 from C, `normalized` is 2³¹ plus the
        /// offset from equal temperament in 1/16 384 semitone. Bits 0…15 of `detail` select the channels; bit
        /// 16 is set where sounding notes are retuned.
        case tuneOctave
        /// Reset to the initial state (General MIDI system on): pedals up, controllers at their defaults,
        /// notes ended.
        case reset
        /// Selects the next entry.
        case nextEntry
        /// Selects the previous entry.
        case previousEntry
        /// Selects the entry with index `number`.
        case selectEntry
        /// A tick of the MIDI clock: 24 in a beat.
        case clock
        /// Starts the transport from the beginning; the next clock tick is its first.
        case start
        /// Continues the transport from where it is.
        case resume
        /// Stops the transport.
        case stop
        /// Song position pointer: `number` is in sixteenth notes from the beginning.
        case songPosition
        /// Tap tempo: two taps set a tempo.
        case tapTempo
        /// Starts the transport, or stops it while it runs.
        case startStop
        /// Sets the transport's own tempo: `normalized` has the bits of a Float, in beats per minute.
        case setTempo
        /// Note-on with an explicit pitch: `detail` has the bits of a Float, in semitones.
        case noteOnPitch
        /// Note-off of ``noteOnPitch``: `number` and `detail` are those of its note-on.
        case noteOffPitch
        /// Sets a parameter of the active patch by its 64-bit key, half in `number` and half in `detail`;
        /// `normalized` has the bits of the Float value, `channel` is the part.
        case setParam
        /// Copies the values of all parameters for the thread that requested them.
        case snapshot
        /// Restores tempo, volumes, tunings and kept macros from values that were handed over separately.
        case restore
    }

    /// The part of a parameter's value that a message carries.
    public enum Part: UInt32, Sendable {
        /// The upper 7 bits (CC 6).
        case coarse
        /// The lower 7 bits (CC 38).
        case fine
        /// All 14 bits.
        case whole
        /// One step up (CC 96).
        case increment
        /// One step down (CC 97).
        case decrement
    }

    /// The time stamp in nanoseconds of CLOCK_MONOTONIC; offline, in nanoseconds from the start.
    public var stamp: UInt64
    /// The normalized value (velocity, pressure, controller) scaled to the whole range of 32 bits: see
    /// ``NormalizedValue``.
    public var normalized: UInt32
    /// The key, the controller, or bank and program, according to ``kind``.
    public var number: UInt32
    /// Further data of some kinds, as ``Kind`` says: an explicit pitch, the channels of a tuning, half of a
    /// parameter's key; otherwise 0.
    public var detail: UInt32
    /// The number of the sending device, given by the event input: 0…``sourceLimit`` − 1.
    public var source: UInt16
    /// The number of the event input; it decides the order of events with the same stamp.
    public var input: UInt8
    /// The kind of message.
    public var kind: Kind
    /// The MIDI channel, 0…15.
    public var channel: UInt8

    /// An event.
    public init(
        _ kind: Kind, stamp: UInt64 = 0, channel: UInt8 = 0, number: UInt32 = 0, normalized: UInt32 = 0,
        source: UInt16 = 0, input: UInt8 = 0, detail: UInt32 = 0
    ) {
        self.kind = kind
        self.stamp = stamp
        self.channel = channel
        self.number = number
        self.normalized = normalized
        self.source = source
        self.input = input
        self.detail = detail
    }

    /// An RPN or NRPN event; `parameter` is 0…16 383.
    public init(parameter kind: Kind, _ parameter: UInt32, _ part: Part, channel: UInt8, normalized: UInt32) {
        self.init(
            kind, channel: channel, number: parameter & 0x3fff | part.rawValue << 14, normalized: normalized)
    }

    /// The number of the RPN or NRPN, 0…16 383.
    public var parameter: UInt32 { number & 0x3fff }

    /// The part of the value that an RPN or NRPN event carries.
    public var part: Part { Part(rawValue: number >> 14) ?? .coarse }

    /// True for a controller whose value came with all its bits at once, rather than with 7.
    public var isWhole: Bool { kind == .control && number & Self.wholeFlag != 0 }

    /// Flag in ``number`` of a controller whose value came with all its bits at once.
    static var wholeFlag: UInt32 { 0x4000 }

    /// The number of sources that the engine distinguishes. Source numbers are below it.
    public static var sourceLimit: Int { 64 }
}
