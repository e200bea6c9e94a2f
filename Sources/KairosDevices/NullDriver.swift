import CRealtime
import Foundation
import Synchronization

/// The silent audio driver: a timer runs the engine in real time without audio output.
public final class NullDriver: AudioDriver {
    /// The name for messages. [any]
    public let name = "null (silent timer)"
    /// The sample rate in Hz. [any]
    public let sampleRate: Int
    /// The block length in frames. [any]
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

    /// One block, in frames. [any]
    public var latency: Int { period }
    /// Always 0: nothing follows the timer. [any]
    public var outputLatency: Int { 0 }
    /// The number of times that the timer was more than eight blocks late and started again. [any]
    public var xruns: Int { missed.load(ordering: .relaxed) }
    /// The number of blocks since the start. [any]
    public var blocks: Int { played.load(ordering: .relaxed) }
    /// Always false: a timer does not end by itself. [any]
    public var hasDied: Bool { false }
    /// Always the driver's own destination. [any]
    public var outputs: AudioOutputs { .fixed }
    /// Always 0: the timer requests no real-time priority. [any]
    public var priorityError: Int32 { 0 }

    /// Starts the timer on a thread of its own. Does not throw. [control]
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

    /// Stops the timer. Returns false if its thread has not ended after `seconds`. [control]
    @discardableResult public func stop(within seconds: Double = 2) -> Bool {
        guard running.exchange(false, ordering: .acquiringAndReleasing) else { return true }
        stopping.store(true, ordering: .releasing)
        return finished.wait(timeout: .now() + seconds) == .success
    }
}
