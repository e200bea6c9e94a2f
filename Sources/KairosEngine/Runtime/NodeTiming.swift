/// Cost of each node of an instance's schedule.
struct NodeTiming: BitwiseCopyable {
    /// Time that each node took since it was last read, in nanoseconds.
    let nodeCosts: RegionTable<UInt32>
    /// True if ``nodeCosts`` are measured.
    var isTimed = false
}
