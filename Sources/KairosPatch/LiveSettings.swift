/// What the player set beside the parameters: the entry, the tempo, volumes, tunings, macros that stay.
public struct LiveSettings: Sendable, Equatable {
    /// What one channel was told.
    public struct Channel: Sendable, Equatable {
        /// Volume (controller 7) as a normalized value, 0…1.
        public var volume: Float = 1
        /// Controller 10, 0 left … 1 right.
        public var pan: Float = 0.5
        /// RPN 0 in semitones; nil for the patch's own.
        public var bendRange: Float?
        /// RPN 1, 0…16 383; 8 192 is none.
        public var fineTuning = 8192
        /// RPN 2 in semitones, −64…63.
        public var coarseTuning = 0
        /// RPN 3, 0…127.
        public var tuningProgram = 0
        /// Semitones by the key's name, from C.
        public var octave = [Float](repeating: 0, count: 12)

        /// As at the start.
        public init() {}
    }

    /// The index of the first part's active entry; nil for none.
    public var entry: Int?
    /// The transport's own, in beats a minute.
    public var tempo: Float = 120
    /// The instrument's volume, 0…1.
    public var volume: Float = 1
    /// The instrument's balance, 0 left … 1 right.
    public var balance: Float = 0.5
    /// The instrument's fine tuning in semitones, −1…1.
    public var fineTuning: Float = 0
    /// The instrument's coarse tuning in semitones.
    public var coarseTuning: Float = 0
    /// Channels 0…15; and of 16, what layers that hear any channel go by: volume and pan.
    public var channels = [Channel](repeating: Channel(), count: LiveSettings.channelCount)
    /// Where macros that stay were left, 0…1, in the order of their names; nil where they never were.
    public var keptMacros = [Float?](repeating: nil, count: 16)
    /// Semitones (69 is 440 Hz) that tuning messages gave to keys, by tuning program and key.
    public var tunings: [Int: [Int: Float]] = [:]

    /// The sixteen MIDI channels, and one for layers that hear any channel.
    public static let channelCount = 17

    /// As at the start.
    public init() {}
}
