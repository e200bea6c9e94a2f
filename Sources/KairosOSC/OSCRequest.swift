import KairosControl

/// One command on its way.
struct OSCRequest: Sendable {
    /// Who asks: drafts and layers are by this.
    var client: String
    /// Where it came from: subscriptions are by this.
    var endpoint: String
    var address: String
    var values: [OSCValue]
    /// When it acts, in nanoseconds of CLOCK_MONOTONIC.
    var stamp: UInt64
    /// When it is given up, in nanoseconds of CLOCK_MONOTONIC.
    var deadline: UInt64

    func text(_ index: Int) -> String { values[index].text }
    func has(_ index: Int) -> Bool { index < values.count }
    func number(_ index: Int) -> Double { values[index].number ?? 0 }
    func whole(_ index: Int) -> Int { Int(exactly: number(index)) ?? 0 }

    /// A velocity, controller or pressure.
    func midi(_ index: Int) throws(OSCError) -> MIDIValue {
        try MIDIValue(values[index], name: "the value", in: address)
    }
}
