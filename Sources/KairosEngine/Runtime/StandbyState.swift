import Synchronization

/// What the loader and the audio thread tell each other of every sound, without waiting.
struct StandbyState: @unchecked Sendable {
    /// How many sounds there are.
    let count: Int
    /// How many programs of each sound have left the standby pool, ever.
    ///
    /// > Written by the audio thread.
    let taken: UnsafeMutablePointer<Atomic<Int>>
    /// Whether a sound failed its self-test.
    ///
    /// > Written by the loader.
    let failed: UnsafeMutablePointer<Atomic<Bool>>
    /// The bits of what a sound cost in its self-test, in nanoseconds a frame.
    ///
    /// > Written by the loader.
    let costs: UnsafeMutablePointer<Atomic<UInt32>>

    /// Which state of each sound is the present one, and how often any was edited.
    ///
    /// > Written by the loader.
    let versions: UnsafeMutablePointer<Atomic<Int>>
    let edits: UnsafeMutablePointer<Atomic<Int>>

    init(count: Int) {
        self.count = count
        taken = .allocate(capacity: max(1, count))
        failed = .allocate(capacity: max(1, count))
        costs = .allocate(capacity: max(1, count))
        versions = .allocate(capacity: max(1, count))
        for index in 0..<count {
            (taken + index).initialize(to: Atomic(0))
            (failed + index).initialize(to: Atomic(false))
            (costs + index).initialize(to: Atomic(0))
            (versions + index).initialize(to: Atomic(0))
        }
        edits = .allocate(capacity: 1)
        edits.initialize(to: Atomic(0))
    }

    func free() {
        taken.deallocate()
        failed.deallocate()
        costs.deallocate()
        versions.deallocate()
        edits.deallocate()
    }

    func cost(of sound: Int) -> Float { Float(bitPattern: costs[sound].load(ordering: .relaxed)) }
}
