/// A received message with its sender and the time at which it acts.
struct OSCJob: Sendable {
    var message: OSCMessage
    var sender: Sender
    /// The time at which the message acts, in nanoseconds of CLOCK_MONOTONIC.
    var stamp: UInt64
}
