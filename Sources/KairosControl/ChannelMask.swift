/// A set of MIDI channel states, by their index 0…127.
public struct ChannelMask: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// The empty set.
    public init() {}

    /// The set of all 128.
    public static var all: ChannelMask {
        var mask = ChannelMask()
        mask.low = .max
        mask.high = .max
        return mask
    }

    /// Adds an index, 0…127.
    public mutating func insert(_ index: Int) {
        if index < 64 { low |= 1 << UInt64(index) } else { high |= 1 << UInt64(index & 63) }
    }

    /// True where `index`, 0…127, is in the set.
    public func contains(_ index: UInt8) -> Bool {
        (index < 64 ? low >> UInt64(index) : high >> UInt64(index & 63)) & 1 == 1
    }
}
