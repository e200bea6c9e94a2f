/// A time-stamped message to the engine: a note, a controller, a program change. A plain value of at most 32
/// bytes (``size``).
///
/// An event input only decodes and time-stamps. Every decision is made when the event is due, on the audio
/// thread.
@frozen public struct Event: Sendable, Equatable, BitwiseCopyable {
    /// The time stamp in nanoseconds of CLOCK_MONOTONIC; offline, in nanoseconds from the start.
    public var stamp: UInt64
    /// The message.
    public var message: Message
    /// The number of the sending device, given by the event input: 0…``sourceLimit`` − 1.
    public var source: UInt16
    /// The number of the event input; it decides the order of events with the same stamp.
    public var input: UInt8
    /// The MIDI channel, 0…15. In `multi` mode it is the part that a change of entry acts on.
    public var channel: UInt8

    /// An event.
    @inlinable public init(
        _ message: Message, stamp: UInt64 = 0, channel: UInt8 = 0, source: UInt16 = 0, input: UInt8 = 0
    ) {
        self.stamp = stamp
        self.message = message
        self.source = source
        self.input = input
        self.channel = channel
    }

    /// The number of sources that the engine distinguishes. Source numbers are below it.
    public static var sourceLimit: Int { 64 }
}
