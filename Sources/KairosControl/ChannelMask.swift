/// A bit for each line: one channel of one kind of keyboard.
public struct ChannelMask: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// No line.
    public init() {}

    /// Every line.
    public static var all: ChannelMask {
        var mask = ChannelMask()
        mask.low = .max
        mask.high = .max
        return mask
    }

    /// Adds a line, 0…127.
    public mutating func insert(_ line: Int) {
        if line < 64 { low |= 1 << UInt64(line) } else { high |= 1 << UInt64(line & 63) }
    }

    /// Whether it has a line.
    public func contains(_ line: UInt8) -> Bool {
        (line < 64 ? low >> UInt64(line) : high >> UInt64(line & 63)) & 1 == 1
    }
}
