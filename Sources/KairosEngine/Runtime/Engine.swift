import KairosControl
import KairosDSP

/// Events in, sound out: the slots, the parts and the one path every note takes.
public final class Engine: @unchecked Sendable {
    /// Frames a second.
    public let sampleRate: Double
    /// The frame that the next block begins with, counted from the start.
    ///
    /// > Audio thread.
    public private(set) var clock = 0

    /// An engine without an entry: silent.
    public init(sampleRate: Double) { self.sampleRate = sampleRate }

    /// A queue for one more door. The door pushes from one thread of its own.
    ///
    /// > Control thread, before the first block.
    public func addDoor() -> Ring<Event> { Ring(capacity: 4096) }

    /// Renders the next `frames` frames, any number, into two channels.
    ///
    /// > Audio thread.
    public func render(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {}
}
