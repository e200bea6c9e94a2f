import KairosDSP
import Synchronization

/// Measures the rendering time of blocks as a fraction of their duration.
public final class LoadMeter: Sendable {
    private let longestBits = Atomic<UInt64>(0)
    private let loadBits = Atomic<UInt64>(0)
    /// A histogram of the load in steps of 0.001; the last bin has all greater loads. Written by the audio thread
    /// only.
    private let counts = FixedArray(count: LoadMeter.binCount) { _ in Atomic<UInt32>(0) }
    private static let binCount = 1001

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
        guard sounds else { return }
        // A jump of the clock can give any value.
        let thousandths = fraction * 1000
        let bin = thousandths < Double(Self.binCount - 1) ? max(0, Int(thousandths)) : Self.binCount - 1
        counts[bin].store(counts[bin].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// The load averaged over about a second, as a fraction of real time. [any]
    public var load: Double { Double(bitPattern: loadBits.load(ordering: .relaxed)) }

    /// The greatest load of a single block since the last call. [control]
    public func popLongest() -> Double { Double(bitPattern: longestBits.exchange(0, ordering: .relaxed)) }

    /// The median load of the blocks in which voices sounded, with a resolution of 0.001; 0 if there
    /// were none. [control]
    public var median: Double {
        let all = counts.indices.map { Int(counts[$0].load(ordering: .relaxed)) }, total = all.reduce(0, +)
        var passed = 0
        for (bin, count) in all.enumerated() {
            passed += count
            if passed * 2 > total { return (Double(bin) + 0.5) / 1000 }
        }
        return 0
    }
}
