/// The delays of notes, pedals and program changes beyond one buffer after their stamps, in frames: the jitter. The
/// delay that all have in common is latency.
public struct EventTiming: Sendable, Equatable {
    /// The number of events.
    public var events = 0
    /// The median.
    public var p50 = 0
    /// The 99th percentile.
    public var p99 = 0
    /// The greatest; 1023 for that or more.
    public var most = 0
}
