import Synchronization

/// What the loader and the audio thread tell each other about every sound, without waiting. [any]
struct StandbyState: ~Copyable {
    /// The number of sounds that there is room for.
    let count: Int
    /// For each sound, the number of instances that have ever left the standby pool. Written by the audio thread.
    let taken: AtomicArray<Int>
    /// For each sound, whether it failed its self-test. Written by the loader.
    let failed: AtomicArray<Bool>
    /// For each sound, its present version. Written by the loader.
    let versions: AtomicArray<Int>
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

    /// What a sound cost in its self-test, in nanoseconds per frame; 0 before.
    func cost(of sound: Int) -> Float { Float(bitPattern: costs[sound].load(ordering: .relaxed)) }

    /// Sets what a sound costs, in nanoseconds per frame. [loader]
    func setCost(_ cost: Float, of sound: Int) { costs[sound].store(cost.bitPattern, ordering: .relaxed) }
}
