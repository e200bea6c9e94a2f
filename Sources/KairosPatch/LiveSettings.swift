/// Settings that belong to no patch: the entry, the tempo, volumes, tunings, and the macros that keep their values
/// over program changes.
public struct LiveSettings: Sendable, Equatable {
    /// Settings of one MIDI channel.
    public struct Channel: Sendable, Equatable {
        /// Volume (controller 7) as a normalized value, 0…1.
        public var volume: Float = 1
        /// Pan (controller 10), 0 left … 1 right.
        public var pan: Float = 0.5
        /// Pitch-bend range (RPN 0) in semitones; nil for the patch's own.
        public var bendRange: Float?
        /// Fine tuning (RPN 1), 0…16 383; 8192 is none.
        public var fineTuning = 8192
        /// Coarse tuning (RPN 2) in semitones, −64…63.
        public var coarseTuning = 0
        /// Tuning program (RPN 3), 0…127.
        public var tuningProgram = 0
        /// Offsets of the twelve pitch classes from equal temperament in semitones, from C.
        public var octave = [Float](repeating: 0, count: 12)

        /// The settings at the start.
        public init() {}
    }

    /// Index of the first part's entry; nil if it has none.
    public var entry: Int?
    /// The transport's own tempo in beats per minute.
    public var tempo: Float = 120
    /// Master volume as a normalized value, 0…1.
    public var volume: Float = 1
    /// Master balance, 0 left … 1 right.
    public var balance: Float = 0.5
    /// Master fine tuning in semitones, −1…1.
    public var fineTuning: Float = 0
    /// Master coarse tuning in semitones, −64…64.
    public var coarseTuning: Float = 0
    /// Settings of MIDI channels 0…15. Index 16 is for layers that play any channel; only its volume and pan count.
    public var channels = [Channel](repeating: Channel(), count: LiveSettings.channelCount)
    /// Last normalized values of the macros that keep their value, 0…1, in the order of their names; nil for a
    /// macro that has not moved.
    public var keptMacros = [Float?](repeating: nil, count: 16)
    /// Pitches in semitones (69 is 440 Hz) that tuning messages set, by tuning program and key.
    public var tunings: [Int: [Int: Float]] = [:]

    /// Number of elements of ``channels``: the sixteen MIDI channels, and one for layers that play any channel.
    public static let channelCount = 17

    /// The settings at the start.
    public init() {}
}
