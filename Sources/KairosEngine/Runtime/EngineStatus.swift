/// A snapshot of the engine's state.
public struct EngineStatus: Sendable, Equatable {
    /// The number of sounding voices.
    public var voices = 0
    /// The greatest number of voices that sounded at once.
    public var mostVoices = 0
    /// The number of slots in use.
    public var slots = 0
    /// The number of frames rendered.
    public var clock = 0
    /// The index of the first part's entry, or nil.
    public var entry: Int?
    /// The index of the entry that it waits for, or nil.
    public var pending: Int?
    /// The number of events that came too late for their frame.
    public var lateEvents = 0
    /// The number of events.
    public var events = 0
    /// The number of changes to another entry.
    public var changes = 0
    /// The greatest absolute sample before the limiter since the last snapshot.
    public var peak: Float = 0
    /// The greatest gain reduction of the limiter since the last snapshot, in dB, 0 or more.
    public var gainReduction: Float = 0
}
