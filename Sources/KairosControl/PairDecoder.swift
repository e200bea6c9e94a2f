/// Combines a coarse and a fine controller into a value of 14 bits, in either order, without an intermediate
/// jump. [audio]
///
/// After a coarse message the fine value is assumed to be 0 for a rising and 127 for a falling value, so that
/// the fine message continues in the same direction. A sender that sends the fine message first is recognised
/// by the time between messages: the two of a pair come close together. (In MIDI 1.0 the coarse message
/// resets the fine value to 0; ``settled()`` does that for a sender that sends no fine message afterwards.)
public struct PairDecoder: BitwiseCopyable, Sendable {
    private var coarse: UInt32 = 0
    private var fine: UInt32 = 0
    private var knowsCoarse = false
    private var knowsFine = false
    private var isFineFirst = false
    /// True while a fine message waits for its coarse message.
    private var waits = false
    private var coarseStamp: UInt64 = 0
    private var fineStamp: UInt64 = 0
    /// True while a coarse message waits for its fine message.
    public private(set) var isOpen = false

    /// The state before the first message.
    public init() {}

    /// The 32-bit value (``NormalizedValue``) after a coarse message, 0…127; `stamp` is in nanoseconds. Before the
    /// first fine message, the coarse value is scaled alone to the whole range.
    public mutating func decode(coarse value: UInt32, at stamp: UInt64) -> UInt32 {
        let before = coarse
        if knowsFine, knowsCoarse { learnOrder(stamp) }
        coarse = value
        coarseStamp = stamp
        defer { knowsCoarse = true }
        guard knowsFine else { return NormalizedValue.scaled(value, bits: 7) }
        if waits || isFineFirst {
            waits = false
            isOpen = false
        } else if value != before {
            fine = value > before ? 0 : 127
            isOpen = true
        }
        return normalized
    }

    /// The 32-bit value after a fine message, 0…127; nil where its coarse message must come first.
    public mutating func decode(fine value: UInt32, at stamp: UInt64) -> UInt32? {
        // Two fine messages in a row: the sender omits an unchanged coarse value.
        if waits { isFineFirst = false }
        waits = !knowsCoarse || isFineFirst
        fine = value
        fineStamp = stamp
        knowsFine = true
        isOpen = false
        return waits ? nil : normalized
    }

    /// Sets a 32-bit value that came with all its bits at once, and returns it.
    public mutating func decode(whole normalized: UInt32) -> UInt32 {
        coarse = normalized >> 25
        fine = normalized >> 18 & 127
        knowsCoarse = true
        knowsFine = true
        waits = false
        isOpen = false
        return normalized
    }

    /// The 32-bit value where no fine message followed the coarse one: the fine value becomes 0.
    public mutating func settled() -> UInt32 {
        isOpen = false
        fine = 0
        return normalized
    }

    private var normalized: UInt32 { NormalizedValue.scaled(coarse << 7 | fine, bits: 14) }

    private mutating func learnOrder(_ stamp: UInt64) {
        guard fineStamp >= coarseStamp, stamp >= fineStamp else { return }
        let after = fineStamp - coarseStamp, before = stamp - fineStamp
        if before < after / 4 { isFineFirst = true }
        if after < before / 4 { isFineFirst = false }
    }
}
