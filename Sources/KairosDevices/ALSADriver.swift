import CRealtime
import Foundation
import KairosControl
import Synchronization

/// The audio driver for a sound card: ALSA PCM with memory-mapped access and two periods.
public final class ALSADriver: AudioDriver {
    /// The name for messages: `ALSA` and the device. [any]
    public let name: String
    /// The sample rate in Hz that the device was opened with. [any]
    public let sampleRate: Int
    /// The block length in frames that the device was opened with. [any]
    public let period: Int
    private let bufferSize: Int
    /// The device, on its way to the audio thread.
    private let stream: Handover<ALSAStream>
    private let counts = Counts()
    private let died = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let running = Atomic<Bool>(false)
    private let priority = Atomic<Int32>(0)

    /// Counters of the audio thread. Other threads read them.
    final class Counts: Sendable {
        /// Xruns.
        let interruptions = Atomic<Int>(0)
        /// Blocks.
        let played = Atomic<Int>(0)
    }

    /// Opens an ALSA device with the nearest sample rate (Hz) and period (frames) that it supports. Throws
    /// ``DeviceError``.
    public init(device: String = "default", sampleRate: Int, period: Int) throws {
        let stream = try ALSAStream(device: device, sampleRate: sampleRate, period: period)
        name = "ALSA \(device)"
        self.sampleRate = stream.sampleRate
        self.period = stream.period
        bufferSize = stream.bufferSize
        self.stream = Handover(stream)
    }

    /// One block and the device's buffer, in frames. [any]
    public var latency: Int { period + bufferSize }
    /// Always 0: ALSA does not report it. [any]
    public var outputLatency: Int { 0 }
    /// The number of times that the device's buffer ran empty. [any]
    public var xruns: Int { counts.interruptions.load(ordering: .relaxed) }
    /// The number of blocks that were written to the device. [any]
    public var blocks: Int { counts.played.load(ordering: .relaxed) }
    /// True where the device is gone. [any]
    public var hasDied: Bool { died.load(ordering: .acquiring) }
    /// Always the driver's own destination, the card. [any]
    public var outputs: AudioOutputs { .fixed }
    /// The error number if the audio thread was refused real-time priority; otherwise 0. [any]
    public var priorityError: Int32 { priority.load(ordering: .relaxed) }

    /// Starts the audio thread, and returns when it has asked for its priority. Does not throw. [control]
    public func start(_ access: EngineAccess) throws {
        running.store(true, ordering: .releasing)
        let ready = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            crt_flush_to_zero()
            priority.store(crt_set_realtime_priority(70), ordering: .relaxed)
            crt_prefault_stack(128 * 1024)
            ready.signal()
            if let stream = stream.take(), !play(stream, access) {
                died.store(true, ordering: .releasing)
                access.notify()
            }
            finished.signal()
        }
        thread.name = "kairos-audio"
        thread.start()
        ready.wait()
    }

    /// Renders blocks until the driver is stopped, and closes the device. Returns false where the device is gone.
    /// [audio]
    private func play(_ stream: consuming ALSAStream, _ access: EngineAccess) -> Bool {
        stream.play(access, counts) { stopping.load(ordering: .acquiring) }
    }

    /// Stops the audio thread, which closes the device. Returns false where the thread has not ended after
    /// `seconds`. [control]
    @discardableResult public func stop(within seconds: Double = 2) -> Bool {
        stopping.store(true, ordering: .releasing)
        if running.load(ordering: .acquiring) {
            guard finished.wait(timeout: .now() + seconds) == .success else { return false }
            // A further call returns the same result.
            finished.signal()
        }
        // If no thread was started, the device closes here.
        _ = stream.take()
        return true
    }
}
