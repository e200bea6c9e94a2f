import CRealtime
import KairosEngine
import Synchronization

/// What drives the engine: a sound server, a sound card, or a timer.
public protocol AudioDriver: AnyObject, Sendable {
    /// For the player: `JACK`, `ALSA hw:0`, `null`.
    var name: String { get }
    /// Frames a second.
    var sampleRate: Int { get }
    /// Frames a block, now.
    var period: Int { get }
    /// Frames from an event's stamp to its sound at the driver's output.
    var latency: Int { get }
    /// How often the stream was interrupted.
    var xruns: Int { get }
    /// Whether it has ended by itself: the server died, the device is gone.
    var hasDied: Bool { get }
    /// Lets it call the engine from its own thread. Throws ``DeviceError``.
    func start(_ engine: MeteredEngine) throws
    /// Stops calling the engine. When it returns, no call is under way.
    func stop()
}

/// The engine with a watch on how long its blocks take.
public final class MeteredEngine: Sendable {
    /// What is driven.
    public let engine: Engine
    private let longestBits = Atomic<UInt64>(0)
    private let loadBits = Atomic<UInt64>(0)
    /// How many blocks with voices took so many thousandths of their time; the last place is for all that took longer.
    private let counts = BlockCounts()

    /// Watches `engine`.
    public init(_ engine: Engine) { self.engine = engine }

    /// One block. The driver's thread has set flush-to-zero.
    ///
    /// > Audio thread.
    func render(
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ frames: Int,
        _ timebase: Timebase
    ) {
        let before = crt_now()
        engine.render(left: left, right: right, frames: frames, timebase: timebase)
        let part = Double(crt_now() - before) * 1e-9 * engine.sampleRate / Double(max(1, frames))
        // One second's memory.
        let memory = min(1, Double(frames) / engine.sampleRate)
        let load = Double(bitPattern: loadBits.load(ordering: .relaxed))
        loadBits.store((load + (part - load) * memory).bitPattern, ordering: .relaxed)
        if part > Double(bitPattern: longestBits.load(ordering: .relaxed)) {
            longestBits.store(part.bitPattern, ordering: .relaxed)
        }
        if engine.voices > 0 { counts.add(part) }
    }

    /// The part of the time that rendering takes, 0…1, over the last second.
    public var load: Double { Double(bitPattern: loadBits.load(ordering: .relaxed)) }

    /// The longest block as a part of its time, since the last call.
    public func takeLongest() -> Double { Double(bitPattern: longestBits.exchange(0, ordering: .relaxed)) }

    /// The median block in which voices sounded as a part of its time, to a thousandth; 0 where none did.
    public var median: Double { counts.median }
}

/// Counts blocks by the part of their time that they took, in thousandths.
private final class BlockCounts: @unchecked Sendable {
    private static let size = 1001
    // Written by the audio thread alone; who reads may miss the last block.
    private let counts: UnsafeMutablePointer<UInt32>

    init() {
        counts = .allocate(capacity: Self.size)
        counts.initialize(repeating: 0, count: Self.size)
    }

    deinit { counts.deallocate() }

    func add(_ part: Double) { counts[min(Self.size - 1, Int(part * 1000))] &+= 1 }

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
