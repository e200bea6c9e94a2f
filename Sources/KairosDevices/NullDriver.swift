import CRealtime
import Foundation
import Synchronization

/// The silent audio driver: a timer runs the engine in real time without audio output.
public final class NullDriver: AudioDriver {
    public let name = "null (silent timer)"
    public let sampleRate: Int
    public let period: Int
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let running = Atomic<Bool>(false)
    private let missed = Atomic<Int>(0)
    private let played = Atomic<Int>(0)
    private let listener: Listener?

    /// Receives the rendered audio: left, right, number of frames. Called on the timer's thread.
    public typealias Listener = @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void

    /// A timer; `sampleRate` is in Hz, `period` in frames.
    public init(sampleRate: Int, period: Int, listener: Listener? = nil) {
        self.sampleRate = sampleRate
        self.period = period
        self.listener = listener
    }

    public var latency: Int { period }
    public var outputLatency: Int { 0 }
    public var xruns: Int { missed.load(ordering: .relaxed) }
    public var blocks: Int { played.load(ordering: .relaxed) }
    public var hasDied: Bool { false }
    public var outputs: AudioOutputs { .fixed }
    public var priorityError: Int32 { 0 }

    public func start(_ access: EngineAccess) throws {
        stopping.store(false, ordering: .releasing)
        running.store(true, ordering: .releasing)
        let thread = Thread { [self] in
            crt_flush_to_zero()
            loop(access)
            finished.signal()
        }
        thread.name = "kairos-null"
        thread.start()
    }

    private func loop(_ access: EngineAccess) {
        let left = UnsafeMutablePointer<Float>.allocate(capacity: period)
        let right = UnsafeMutablePointer<Float>.allocate(capacity: period)
        defer {
            left.deallocate()
            right.deallocate()
        }
        var start = crt_now(), block = 0
        while !stopping.load(ordering: .acquiring) {
            // Computed from the first block, so that rounding errors do not accumulate.
            let due = start + UInt64(Double(block * period) * 1e9 / Double(sampleRate))
            crt_sleep_until(due)
            if crt_now() > due + UInt64(Double(8 * period) * 1e9 / Double(sampleRate)) {
                missed.wrappingAdd(1, ordering: .relaxed)
                start = crt_now()
                block = 0
                continue
            }
            let time = BlockTime(
                stamp: due, latency: period, framesPerNanosecond: Double(sampleRate) * 1e-9)
            if access.render(left, right, period, rate: sampleRate, time) { listener?(left, right, period) }
            played.wrappingAdd(1, ordering: .relaxed)
            block += 1
        }
    }

    @discardableResult public func stop(within seconds: Double = 2) -> Bool {
        guard running.exchange(false, ordering: .acquiringAndReleasing) else { return true }
        stopping.store(true, ordering: .releasing)
        return finished.wait(timeout: .now() + seconds) == .success
    }
}
