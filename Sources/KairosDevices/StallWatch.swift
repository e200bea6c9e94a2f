/// Measures how long a driver has asked for no blocks, and how long it has asked regularly. For the
/// supervisor thread.
///
/// Only the time between regular updates is counted: time in which the whole process was stopped is not a
/// stall.
struct StallWatch {
    /// The greatest counted time between two updates, in nanoseconds.
    private static let longestInterval: UInt64 = 50_000_000
    private var blocks: Int
    private var lastUpdate: UInt64
    /// The counted time since the last block, in nanoseconds.
    private(set) var stalledTime: UInt64 = 0
    /// The time in nanoseconds for which blocks have come without a stall.
    private(set) var activeTime: UInt64 = 0

    /// Begins with a driver that has asked for `blocks` blocks; `now` is in nanoseconds.
    init(blocks: Int, now: UInt64) {
        self.blocks = blocks
        lastUpdate = now
    }

    /// Updates with the number of blocks at `now`; `limit` is the time in nanoseconds after which it counts
    /// as stalled.
    mutating func update(_ blocks: Int, now: UInt64, limit: UInt64) {
        let passed = min(Self.longestInterval, now &- min(lastUpdate, now))
        lastUpdate = now
        stalledTime += passed
        if stalledTime > limit { activeTime = 0 }
        guard blocks != self.blocks else { return }
        self.blocks = blocks
        // Only the time between two blocks counts: a single late block of a frozen server is not regular
        // operation.
        if stalledTime <= limit { activeTime += stalledTime }
        stalledTime = 0
    }

    /// The time in nanoseconds without a block after which a driver counts as stalled: four periods plus
    /// 100 ms, at most a minute.
    static func limit(period: Int, rate: Int) -> UInt64 {
        let seconds = 4 * Double(max(1, period)) / Double(max(1, rate)) + 0.1
        return UInt64(min(60, seconds) * 1e9)
    }
}
