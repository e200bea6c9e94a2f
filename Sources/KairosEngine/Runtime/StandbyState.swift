import Synchronization

/// The state of every sound that the loader and the audio thread share, without waiting. [any]
struct StandbyState: ~Copyable {
    /// The number of sounds that there is room for.
    let count: Int
    /// For each sound, the number of instances that have ever left the standby pool. Written by the audio thread.
    let taken: AtomicArray<Int>
    /// For each sound, whether it failed its self-test. Written by the loader.
    let failed: AtomicArray<Bool>
    /// For each sound, the version whose instances may start to play. Written by the loader.
    private let versions: AtomicArray<Int>
    /// The number of edits of all sounds. Written by the loader.
    let edits = Atomic<Int>(0)
    /// For each sound, the bits of its cost in nanoseconds per frame. Written by the loader.
    private let costs: AtomicArray<UInt32>

    init(count: Int) {
        self.count = count
        taken = AtomicArray(count: count, repeating: 0)
        failed = AtomicArray(count: count, repeating: false)
        versions = AtomicArray(count: count, repeating: 0)
        costs = AtomicArray(count: count, repeating: 0)
    }

    /// The version of a sound whose instances may start to play: that of the last edit that the loader has taken up.
    /// The newest version is that of ``LiveSounds``.
    func version(of sound: Int) -> Int { versions[sound].load(ordering: .acquiring) }

    /// Sets the version of a sound whose instances may start to play. [loader]
    func setVersion(_ version: Int, of sound: Int) { versions[sound].store(version, ordering: .releasing) }

    /// The cost of a sound in its self-test, in nanoseconds per frame; 0 before.
    func cost(of sound: Int) -> Float { Float(bitPattern: costs[sound].load(ordering: .relaxed)) }

    /// Sets the cost of a sound, in nanoseconds per frame. [loader]
    func setCost(_ cost: Float, of sound: Int) { costs[sound].store(cost.bitPattern, ordering: .relaxed) }
}
