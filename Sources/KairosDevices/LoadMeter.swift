import CRealtime
import Synchronization

/// Measures the rendering time of blocks as a fraction of their duration.
public final class LoadMeter: Sendable {
    private let longestBits = Atomic<UInt64>(0)
    private let loadBits = Atomic<UInt64>(0)
    private let counts = BlockCounts()

    /// A meter without measurements.
    public init() {}

    /// Adds a block: `fraction` is its rendering time divided by its duration, `seconds` its duration, and
    /// `sounds` is true if voices sounded. [audio]
    func count(_ fraction: Double, seconds: Double, sounds: Bool) {
        // An exponential average with a time constant of one second.
        let memory = min(1, seconds)
        let load = Double(bitPattern: loadBits.load(ordering: .relaxed))
        loadBits.store((load + (fraction - load) * memory).bitPattern, ordering: .relaxed)
        if fraction > Double(bitPattern: longestBits.load(ordering: .relaxed)) {
            longestBits.store(fraction.bitPattern, ordering: .relaxed)
        }
        if sounds { counts.add(fraction) }
    }

    /// The load averaged over about a second, as a fraction of real time. [any]
    public var load: Double { Double(bitPattern: loadBits.load(ordering: .relaxed)) }

    /// The greatest load of a single block since the last call. [control]
    public func popLongest() -> Double { Double(bitPattern: longestBits.exchange(0, ordering: .relaxed)) }

    /// The median load of the blocks in which voices sounded, with a resolution of 0.001; 0 if there
    /// were none. [control]
    public var median: Double { counts.median }
}

/// A histogram of the load in steps of 0.001; the last bin has all greater loads.
private final class BlockCounts: @unchecked Sendable {
    private static let size = 1001
    // Written by the audio thread only; a reader may miss the last block.
    private let counts: UnsafeMutablePointer<UInt32>

    init() {
        counts = .allocate(capacity: Self.size)
        counts.initialize(repeating: 0, count: Self.size)
    }

    deinit { counts.deallocate() }

    func add(_ fraction: Double) {
        // A jump of the clock can give any value.
        let thousandths = fraction * 1000
        let bin = thousandths < Double(Self.size - 1) ? max(0, Int(thousandths)) : Self.size - 1
        counts[bin] &+= 1
    }

    var median: Double {
        let all = (0..<Self.size).map { Int(counts[$0]) }, total = all.reduce(0, +)
        var passed = 0
        for (bin, count) in all.enumerated() {
            passed += count
            if passed * 2 > total { return (Double(bin) + 0.5) / 1000 }
        }
        return 0
    }
}
