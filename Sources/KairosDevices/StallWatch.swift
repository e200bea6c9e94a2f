/// Notices when a driver asks for no blocks, and when it does again.
///
/// It counts only the time in which somebody looked: after the whole process was stopped, nothing stood still.
///
/// > Thread: [supervisor]
struct StallWatch {
    /// The longest time between two looks that is counted, in nanoseconds.
    private static let longestLook: UInt64 = 50_000_000
    private var blocks: Int
    private var lastLook: UInt64
    /// Nanoseconds since the last block, as far as somebody looked.
    private(set) var still: UInt64 = 0
    /// Nanoseconds from block to block, as long as none was missing.
    private(set) var moving: UInt64 = 0

    /// Begins to look at a driver that has asked for `blocks` blocks.
    init(blocks: Int, now: UInt64) {
        self.blocks = blocks
        lastLook = now
    }

    /// The driver has asked for `blocks` blocks by `now`; `limit` is how long it may ask for none.
    mutating func look(_ blocks: Int, now: UInt64, limit: UInt64) {
        let passed = min(Self.longestLook, now &- min(lastLook, now))
        lastLook = now
        still += passed
        if still > limit { moving = 0 }
        guard blocks != self.blocks else { return }
        self.blocks = blocks
        // Counted by blocks that come, not by the hope of more: one late block of a frozen server is no pace.
        if still <= limit { moving += still }
        still = 0
    }

    /// How long a driver may ask for no block: four periods and 100 ms.
    static func limit(period: Int, rate: Int) -> UInt64 {
        let seconds = 4 * Double(max(1, period)) / Double(max(1, rate)) + 0.1
        return UInt64(min(60, seconds) * 1e9)
    }
}
