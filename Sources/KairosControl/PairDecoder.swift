/// A coarse and a fine controller as one of 14 bits, in whichever order they come, without a jump between the two.
///
/// The coarse one alone takes the value to the near end of the 128 that it leaves open, so that the fine one moves
/// it further the same way. A sender whose fine one comes first is known by its gaps: what belongs together comes
/// close together. (MIDI 1.0 lets the coarse one reset the fine one; ``settled`` is that, for a sender that then
/// says no more.)
///
/// > Audio thread.
public struct PairDecoder: Sendable {
    private var coarse: UInt32 = 0
    private var fine: UInt32 = 0
    private var knowsCoarse = false
    private var knowsFine = false
    private var isFineFirst = false
    /// A fine one has come whose coarse one has not.
    private var waits = false
    private var coarseStamp: UInt64 = 0
    private var fineStamp: UInt64 = 0
    /// Whether a coarse one has come whose fine one has not.
    public private(set) var isOpen = false

    /// Knowing nothing.
    public init() {}

    /// The position after a coarse value, 0…127. Alone, before any fine one, it has the whole way.
    public mutating func take(coarse value: UInt32, at stamp: UInt64) -> UInt32 {
        let before = coarse
        if knowsFine, knowsCoarse { learnOrder(stamp) }
        coarse = value
        coarseStamp = stamp
        defer { knowsCoarse = true }
        guard knowsFine else { return Position.scaled(value, bits: 7) }
        if waits || isFineFirst {
            waits = false
            isOpen = false
        } else if value != before {
            fine = value > before ? 0 : 127
            isOpen = true
        }
        return position
    }

    /// The position after a fine value, 0…127; nil where its coarse one must come first.
    public mutating func take(fine value: UInt32, at stamp: UInt64) -> UInt32? {
        // Two in a row: the coarse one is not sent where it stays.
        if waits { isFineFirst = false }
        waits = !knowsCoarse || isFineFirst
        fine = value
        fineStamp = stamp
        knowsFine = true
        isOpen = false
        return waits ? nil : position
    }

    /// The position of all 14 bits at once.
    public mutating func take(whole position: UInt32) -> UInt32 {
        coarse = position >> 25
        fine = position >> 18 & 127
        knowsCoarse = true
        knowsFine = true
        waits = false
        isOpen = false
        return position
    }

    /// The position where a coarse one stood alone: its fine one is 0.
    public mutating func settled() -> UInt32 {
        isOpen = false
        fine = 0
        return position
    }

    private var position: UInt32 { Position.scaled(coarse << 7 | fine, bits: 14) }

    private mutating func learnOrder(_ stamp: UInt64) {
        guard fineStamp >= coarseStamp, stamp >= fineStamp else { return }
        let after = fineStamp - coarseStamp, before = stamp - fineStamp
        if before < after / 4 { isFineFirst = true }
        if after < before / 4 { isFineFirst = false }
    }
}
