import Synchronization

/// Numbers the audio thread keeps for whoever wants to look.
///
/// > Written by the audio thread, read by any.
struct Meters: ~Copyable {
    let voices = Atomic<Int>(0)
    let slots = Atomic<Int>(0)
    let clock = Atomic<Int>(0)
    let entry = Atomic<Int>(-1)
    let late = Atomic<Int>(0)
    let events = Atomic<Int>(0)
    let changes = Atomic<Int>(0)
    let cuts = Atomic<Int>(0)
    let mostVoices = Atomic<Int>(0)
    /// Bits of the loudest sample before the ceiling since it was last taken.
    let peak = Atomic<UInt32>(0)
    /// Source masks of up to 16 mappings.
    let mappingSources: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        mappingSources = .allocate(capacity: 16)
        for index in 0..<16 { (mappingSources + index).initialize(to: Atomic(.max)) }
    }

    deinit { mappingSources.deallocate() }
}

/// A look at the engine.
public struct EngineStatus: Sendable, Equatable {
    /// Voices that sound now.
    public var voices = 0
    /// The most voices that sounded at once.
    public var mostVoices = 0
    /// Programs that play or ring.
    public var slots = 0
    /// Frames rendered.
    public var clock = 0
    /// The first part's entry, or −1.
    public var entry = -1
    /// Events that came too late for their frame.
    public var lateEvents = 0
    /// Events taken.
    public var events = 0
    /// Program changes carried out.
    public var changes = 0
    /// The loudest sample before the ceiling since the last look.
    public var peak: Float = 0
}
