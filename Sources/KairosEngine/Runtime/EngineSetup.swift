public import KairosCompiler
public import KairosControl

/// The settings of an engine.
public struct EngineSetup: Sendable {
    /// Assignment of parts to MIDI channels.
    public enum Mode: String, Sendable, CaseIterable {
        /// There is one part: a program change selects its entry, on any channel.
        case entry
        /// Each MIDI channel is a part with an entry of its own.
        case multi
    }

    /// Frames per second.
    public var sampleRate: Double
    /// Assignment of parts to MIDI channels.
    public var mode: Mode
    /// The set list, patches, mappings and tunings.
    public var rig: Rig
    /// The frequency of key 69, in hertz.
    public var tune: Double
    /// Semitones added to every key.
    public var transpose: Int
    /// The tuning of patches that have none of their own.
    public var tuning: Tuning?
    /// True where the engine plays in real time: costs are measured, and a change that would overload the processor
    /// shortens tails. Offline nothing depends on measured time.
    public var isLive = false
    /// The part of the time that rendering may take after a change of entry, 0…1. Live only.
    public var loadLimit = 0.8
    /// True where a true-peak limiter stands before the soft clipper. It changes nothing below −1 dBFS and delays the
    /// output by ``Engine/latency``.
    public var hasLimiter = true
    /// The frames over which the output fades in at the start.
    public var startRamp = 0

    /// Creates settings.
    public init(
        sampleRate: Double = 48_000, mode: Mode = .entry, rig: Rig = Rig(),
        tune: Double = 440, transpose: Int = 0
    ) {
        self.sampleRate = sampleRate
        self.mode = mode
        self.rig = rig
        self.tune = tune
        self.transpose = transpose
    }
}
