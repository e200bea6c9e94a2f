public import KairosDSP

extension Event {
    /// A message. Values that are called normalized are scaled to the whole range of 32 bits: see
    /// ``NormalizedValue``.
    @frozen public enum Message: Sendable, Equatable, BitwiseCopyable {
        /// Note-on. `velocity` is normalized and never 0.
        case noteOn(key: UInt8, velocity: UInt32)
        /// Note-off. `velocity` is the normalized release velocity.
        case noteOff(key: UInt8, velocity: UInt32)
        /// Note-on with an explicit pitch in semitones. `key` is the nearest key, for splits and key tracking.
        case noteOnPitch(key: UInt8, velocity: UInt32, pitch: Float)
        /// Note-off of ``noteOnPitch(key:velocity:pitch:)``: `key` and `pitch` are those of its note-on.
        case noteOffPitch(key: UInt8, velocity: UInt32, pitch: Float)
        /// Polyphonic key pressure, normalized.
        case polyPressure(key: UInt8, value: UInt32)
        /// Channel pressure, normalized: the pressure of all keys of the channel.
        case channelPressure(UInt32)
        /// Control change: the controller, 0…127, and its normalized value. `isWhole` is true where the event
        /// input knows all bits of the value, rather than 7.
        case control(UInt8, value: UInt32, isWhole: Bool = false)
        /// A registered parameter (RPN).
        case registered(DataEntry)
        /// A non-registered parameter (NRPN).
        case nonRegistered(DataEntry)
        /// Pitch bend: the normalized wheel; the centre is no bend.
        case pitchBend(UInt32)
        /// Program change with its bank: bank × 128 + program.
        case program(UInt32)
        /// The source has gone, or events of it were lost: all its notes and pedals are released.
        case sourceGone
        /// Panic: every sound ends, release tails and effect tails included.
        case panic
        /// A master setting and its normalized value.
        case master(Master, value: UInt32)
        /// The pitch of one key in a tuning program, in semitones above key 0. Sounding notes are retuned where
        /// `isRealTime` is true.
        case tuneKey(UInt8, program: UInt8, pitch: Float, isRealTime: Bool)
        /// The offset of one pitch class, 0…11 from C, from equal temperament, in semitones. Bit n of `channels`
        /// selects channel n. Sounding notes are retuned where `isRealTime` is true.
        case tuneOctave(UInt8, offset: Float, channels: UInt16, isRealTime: Bool)
        /// Reset to the initial state (General MIDI system on): pedals up, controllers at their defaults,
        /// notes ended.
        case reset
        /// Selects the next entry.
        case nextEntry
        /// Selects the previous entry.
        case previousEntry
        /// Selects the entry with this index.
        case selectEntry(UInt32)
        /// A tick of the MIDI clock: 24 in a beat.
        case clock
        /// Starts the transport from the beginning; the next clock tick is its first.
        case start
        /// Continues the transport from where it is.
        case resume
        /// Stops the transport.
        case stop
        /// Song position pointer: sixteenth notes from the beginning, 0…16 383.
        case songPosition(UInt16)
        /// Tap tempo: two taps set a tempo.
        case tapTempo
        /// Starts the transport, or stops it while it runs.
        case startStop
        /// Sets the transport's own tempo, in beats per minute.
        case setTempo(Float)
        /// Sets a parameter by its 64-bit key to a value in its own unit.
        case setParam(key: UInt64, of: Layer, to: ParamValue)
        /// Copies the values of all parameters for the thread that requested them.
        case snapshot
        /// Restores tempo, volumes, tunings and kept macros from values that were handed over separately.
        case restore
    }

    /// A change of a registered or non-registered parameter.
    @frozen public struct DataEntry: Sendable, Equatable, BitwiseCopyable {
        /// The number of the RPN or NRPN, 0…16 383.
        public var parameter: UInt16
        /// The part of the parameter's value that the message carries.
        public var part: Part
        /// The normalized value of that part; no meaning for a step.
        public var value: UInt32

        /// A change of a parameter.
        @inlinable public init(_ parameter: UInt16, _ part: Part, value: UInt32) {
            self.parameter = parameter
            self.part = part
            self.value = value
        }
    }

    /// The part of a control's value that a message carries.
    @frozen public enum Part: UInt8, Sendable, BitwiseCopyable, CaseIterable {
        /// The upper 7 bits (CC 6).
        case coarse
        /// The lower 7 bits (CC 38).
        case fine
        /// All bits.
        case whole
        /// One step up (CC 96).
        case increment
        /// One step down (CC 97).
        case decrement
    }

    /// A setting of the instrument as a whole.
    @frozen public enum Master: UInt8, Sendable, BitwiseCopyable, CaseIterable {
        /// Volume.
        case volume
        /// Balance, from left to right.
        case balance
        /// Fine tuning, ±1 semitone.
        case fineTuning
        /// Coarse tuning, ±64 semitones.
        case coarseTuning
    }

    /// The layer, or the master effects, that a parameter belongs to.
    @frozen public enum Layer: Sendable, Equatable, BitwiseCopyable {
        /// A layer of the first part, 0…15.
        case layer(UInt8)
        /// The master effects.
        case masterEffects
    }
}

extension Event.Message {
    /// The normalized value that a control reads from the message: 0 for a note-off, whatever its velocity, and for
    /// messages that no control sends.
    @inlinable public var controlValue: UInt32 {
        switch self {
        case .noteOn(_, let value), .polyPressure(_, let value), .channelPressure(let value),
            .control(_, let value, _), .pitchBend(let value):
            value
        case .registered(let entry), .nonRegistered(let entry): entry.value
        default: 0
        }
    }
}
