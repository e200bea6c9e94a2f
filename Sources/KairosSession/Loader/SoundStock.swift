import KairosEngine

/// The loader's account of one sound: its version, the result of its self-test, and its instances. [loader]
struct SoundStock {
    /// The version that instances are built for.
    var version = 0
    /// Time of the last edit in nanoseconds of CLOCK_MONOTONIC; nil before the first one, and always offline, where
    /// nothing depends on measured time.
    var editTime: UInt64?
    /// True once the self-test has run.
    var isTested = false
    /// The reason why the sound cannot be played; nil if none is known.
    var fault: String?
    /// Memory of one instance in bytes; 0 until one has been built.
    var size = 0
    /// The number of instances that should be in the standby pool.
    var demand = 0
    /// The number of instances that were ever sent to the standby pool.
    var delivered = 0
    /// The number of instances that were requested back from the standby pool and have not come back.
    var withdrawn = 0
    /// Instances outside the standby pool that are reset and ready.
    var spares: [PatchInstance] = []

    /// Time after an edit, in nanoseconds, in which no instances are built for the standby pool: the next edit of a
    /// series would make them worthless.
    static let editPause: UInt64 = 250_000_000

    /// True if the last edit was a moment before `now`, in nanoseconds of CLOCK_MONOTONIC.
    func isBeingEdited(now: UInt64) -> Bool { editTime.map { now &- $0 < Self.editPause } ?? false }

    /// Begins a new version: what is known of the version before it no longer holds.
    mutating func begin(version: Int) {
        self.version = version
        isTested = false
        fault = nil
        spares = []
    }
}
