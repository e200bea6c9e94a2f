import KairosControl

/// A command with its sender, its values and its times.
struct OSCRequest: Sendable {
    /// The sender, which owns a draft and a layer: a machine (UDP) or a connection (TCP).
    var client: String
    /// The sender's address and port, which own subscriptions; for TCP the connection.
    var endpoint: String
    /// The OSC address.
    var address: String
    /// The values, without the client's tag.
    var values: [OSCValue]
    /// The time at which the command acts, in nanoseconds of CLOCK_MONOTONIC.
    var stamp: UInt64
    /// The time at which the command stops waiting, in nanoseconds of CLOCK_MONOTONIC.
    var deadline: UInt64

    /// A value as text. The index must exist.
    func text(_ index: Int) -> String { values[index].text }
    /// True if there is a value at an index.
    func has(_ index: Int) -> Bool { index < values.count }
    /// A value as a number; 0 if it is none. The index must exist.
    func number(_ index: Int) -> Double { values[index].number ?? 0 }
    /// A value as a whole number; 0 if it is none. The index must exist.
    func whole(_ index: Int) -> Int { Int(exactly: number(index)) ?? 0 }

    /// A velocity, controller or pressure value. Throws `bad-arguments`.
    func midi(_ index: Int) throws(OSCError) -> MIDIValue {
        try MIDIValue(values[index], name: "the value", in: address)
    }
}
