/// One thing that happens: a key, a controller, a program change. A plain value of 32 bytes.
///
/// A door decodes and stamps; everything that decides happens when the event falls due, in the audio thread.
@frozen public struct Event: Sendable, Equatable, BitwiseCopyable {
    /// What happened.
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// A key went down. `number` is the key, `position` the velocity (never 0).
        case noteOn
        /// A key came up. `number` is the key, `position` the release velocity.
        case noteOff
        /// A key is pressed harder or softer. `number` is the key.
        case polyPressure
        /// All keys of the channel are pressed harder or softer.
        case channelPressure
        /// A controller moved. `number` is the controller, 0…127; ``isWhole`` where the door knows all 14 bits.
        case control
        /// A registered parameter (RPN): see ``parameter`` and ``part``.
        case registered
        /// A parameter of the maker's own (NRPN): see ``parameter`` and ``part``.
        case nonRegistered
        /// The pitch wheel moved; half-way is rest.
        case pitchBend
        /// A program change with its bank: `number` is bank × 128 + program.
        case program
        /// Everything this source holds is let go: it vanished, or events of it were lost.
        case sourceGone
        /// Every sound ends at once, tails included.
        case panic
        /// The instrument as a whole: `number` is 0 for its volume, 1 for its balance, 2 for its fine tuning (a
        /// semitone to each side), 3 for its coarse tuning (64 semitones to each side).
        case master
        /// The pitch of one key in a tuning program: `number` is key + 128 × program, `position` 16 384ths of
        /// semitones above key 0. A note that sounds moves where `serial` is 1.
        case tuneKey
        /// The pitch of all keys of one name: `number` is 0…11 from C, `position` is 2³¹ + 16 384ths of
        /// semitones away from equal temperament. `serial` has a bit for each channel and, at 16, whether notes
        /// that sound move.
        case tuneOctave
        /// Everything as at the start (General MIDI system on): pedals up, controllers at rest, notes ended.
        case reset
        /// One entry on.
        case nextEntry
        /// One entry back.
        case previousEntry
        /// An entry by its place, `number`.
        case selectEntry
        /// A tick of the clock: 24 are a beat.
        case clock
        /// The transport starts from the beginning; the next tick is its first.
        case start
        /// The transport goes on.
        case resume
        /// The transport stands still.
        case stop
        /// The transport is `number` sixteenths from the beginning.
        case songPosition
        /// A beat of the player's own; two are a tempo.
        case tapTempo
        /// The transport starts, or stands still where it runs.
        case startStop
        /// The transport's own tempo: `position` has the bits of a float, in beats a minute.
        case setTempo
        /// A key went down that has a pitch of its own: `serial` has the bits of a float, in semitones.
        case noteOnPitch
        /// The note-off of ``noteOnPitch``: `number` and `serial` are those of its note-on.
        case noteOffPitch
        /// A parameter of what plays, by its key, half in `number` and half in `serial`; `position` has the bits of
        /// its value, `channel` the part.
        case setParam
        /// Where every parameter stands is copied for whoever asks.
        case snapshot
        /// Tempo, volumes, tunings and macros that stay are set as was said beside.
        case restore
    }

    /// Which part of a parameter's value a message has.
    public enum Part: UInt32, Sendable {
        /// The upper 7 bits (CC 6).
        case coarse
        /// The lower 7 bits (CC 38).
        case fine
        /// All 14 bits.
        case whole
        /// One more (CC 96).
        case increment
        /// One less (CC 97).
        case decrement
    }

    /// When, in nanoseconds of CLOCK_MONOTONIC; offline, nanoseconds from the start.
    public var stamp: UInt64
    /// Where on its way (0…1) a key, wheel or controller is, over the whole range of 32 bits.
    public var position: UInt32
    /// The key, controller or bank and program.
    public var number: UInt32
    /// What ties the messages of one note together where the door knows it; 0 where it does not.
    public var serial: UInt32
    /// The device it came from: small numbers, given by the doors.
    public var source: UInt16
    /// The door it came through.
    public var door: UInt8
    /// What happened.
    public var kind: Kind
    /// The MIDI channel, 0…15.
    public var channel: UInt8

    /// An event.
    public init(
        _ kind: Kind, stamp: UInt64 = 0, channel: UInt8 = 0, number: UInt32 = 0, position: UInt32 = 0,
        source: UInt16 = 0, door: UInt8 = 0, serial: UInt32 = 0
    ) {
        self.kind = kind
        self.stamp = stamp
        self.channel = channel
        self.number = number
        self.position = position
        self.source = source
        self.door = door
        self.serial = serial
    }

    /// A parameter of 14 bits: RPN or NRPN.
    public init(parameter kind: Kind, _ parameter: UInt32, _ part: Part, channel: UInt8, position: UInt32) {
        self.init(
            kind, channel: channel, number: parameter & 0x3fff | part.rawValue << 14, position: position)
    }

    /// The number of an RPN or NRPN, 0…16 383.
    public var parameter: UInt32 { number & 0x3fff }

    /// Which part of its value an RPN or NRPN message has.
    public var part: Part { Part(rawValue: number >> 14) ?? .coarse }

    /// Whether a controller came with all its 14 bits at once.
    public var isWhole: Bool { kind == .control && number & Self.wholeFlag != 0 }

    /// Set in the number of a controller that came with all its bits at once.
    static var wholeFlag: UInt32 { 0x4000 }

    /// How many sources the engine tells apart; an event input gives numbers below it.
    public static var sourceLimit: Int { 64 }
}

/// The numbers of the sources that are always the same: a note belongs to its source, so no two share one.
public enum FixedSource {
    /// The keys of the terminal.
    public static let terminal: UInt16 = 0
    /// The ALSA sequencer gives these to its senders; the last is shared by those for which no other is left.
    public static let sequencer: ClosedRange<UInt16> = 1...56
    /// The further ports of a MIDI file: their MIDI channels have a state of their own.
    public static var filePorts: ClosedRange<UInt16> { 57...60 }
    /// All OSC clients.
    public static let osc: UInt16 = 61
    /// The MIDI file that is played live.
    public static let file: UInt16 = 62
    /// RtMidi's port.
    public static let rtMidi: UInt16 = 63
}

/// A macro's place on its way, 0…1, over 32 bits.
///
/// 0, the middle and full scale are exact from every resolution: MIDI's 0, 64, 127 and 0, 8192, 16 383
/// (min-centre-max scaling, MIDI Association M2-115-U, "MIDI 2.0 Bit Scaling and Resolution", 2023).
///
/// > Any thread.
public enum Position {
    /// Exactly half-way.
    public static let centre: UInt32 = 0x8000_0000

    /// From a value of `bits` bits.
    public static func scaled(_ value: UInt32, bits: UInt32) -> UInt32 {
        let middle = UInt32(1) << (bits - 1)
        let top = middle * 2 - 1
        let value = min(value, top)
        if value <= middle { return value << (32 - bits) }
        return centre + UInt32(UInt64(value - middle) * UInt64(centre - 1) / UInt64(top - middle))
    }

    /// From one byte of MIDI, 0…127.
    public static func scaled(_ value: UInt8) -> UInt32 { scaled(UInt32(value), bits: 7) }

    /// Back to 7 bits.
    public static func sevenBits(_ position: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: position >> 25) }

    /// As a fraction, two straight halves: 0, ½ and 1 are exact.
    public static func fraction(_ position: UInt32) -> Float {
        if position <= centre { return Float(position) / 4_294_967_296 }
        return 0.5 + 0.5 * (Float(position - centre) / Float(centre - 1))
    }
}
