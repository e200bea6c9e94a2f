import CRealtime
import Synchronization

/// Measures how long blocks take, as a part of the time they last.
public final class LoadMeter: Sendable {
    private let longestBits = Atomic<UInt64>(0)
    private let loadBits = Atomic<UInt64>(0)
    private let counts = BlockCounts()

    /// Nothing measured yet.
    public init() {}

    /// A block of `seconds` took `part` of its time, 0…; `sounds` where voices sounded in it.
    ///
    /// > Thread: [audio]
    func count(_ part: Double, seconds: Double, sounds: Bool) {
        // One second's memory.
        let memory = min(1, seconds)
        let load = Double(bitPattern: loadBits.load(ordering: .relaxed))
        loadBits.store((load + (part - load) * memory).bitPattern, ordering: .relaxed)
        if part > Double(bitPattern: longestBits.load(ordering: .relaxed)) {
            longestBits.store(part.bitPattern, ordering: .relaxed)
        }
        if sounds { counts.add(part) }
    }

    /// The part of the time that rendering takes, 0…1, over the last second.
    ///
    /// > Thread: [any]
    public var load: Double { Double(bitPattern: loadBits.load(ordering: .relaxed)) }

    /// The longest block as a part of its time, since the last call.
    ///
    /// > Thread: [control]
    public func takeLongest() -> Double { Double(bitPattern: longestBits.exchange(0, ordering: .relaxed)) }

    /// The median block in which voices sounded as a part of its time, to a thousandth; 0 where none did.
    ///
    /// > Thread: [control]
    public var median: Double { counts.median }
}

/// Counts blocks by the part of their time that they took, in thousandths; the last count is of all that took longer.
private final class BlockCounts: @unchecked Sendable {
    private static let size = 1001
    // Written by the audio thread alone; who reads may miss the last block.
    private let counts: UnsafeMutablePointer<UInt32>

    init() {
        counts = .allocate(capacity: Self.size)
        counts.initialize(repeating: 0, count: Self.size)
    }

    deinit { counts.deallocate() }

    func add(_ part: Double) {
        // A clock that jumps makes any number of it.
        let thousandths = part * 1000
        let place = thousandths < Double(Self.size - 1) ? max(0, Int(thousandths)) : Self.size - 1
        counts[place] &+= 1
    }

    var median: Double {
        let all = (0..<Self.size).map { Int(counts[$0]) }, total = all.reduce(0, +)
        var passed = 0
        for (place, count) in all.enumerated() {
            passed += count
            if passed * 2 > total { return (Double(place) + 0.5) / 1000 }
        }
        return 0
    }
}
