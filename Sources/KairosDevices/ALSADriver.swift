import CALSA
import CRealtime
import Foundation
import KairosEngine
import Synchronization

/// The audio driver for a sound card: ALSA PCM with memory-mapped access and two periods.
public final class ALSADriver: AudioDriver, @unchecked Sendable {
    /// The name for messages: `ALSA` and the device. [any]
    public let name: String
    /// The sample rate in Hz that the device was opened with. [any]
    public let sampleRate: Int
    /// The block length in frames that the device was opened with. [any]
    public let period: Int
    private let bufferSize: Int
    private let format: snd_pcm_format_t
    private let pcm: OpaquePointer
    private let interruptions = Atomic<Int>(0)
    private let played = Atomic<Int>(0)
    private let died = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let isClosed = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let left: UnsafeMutablePointer<Float>
    private let right: UnsafeMutablePointer<Float>
    private let running = Atomic<Bool>(false)
    private let priority = Atomic<Int32>(0)

    /// Opens an ALSA device with the nearest sample rate (Hz) and period (frames) that it supports. Throws
    /// ``DeviceError``.
    public init(device: String = "default", sampleRate: Int, period: Int) throws {
        calsa_silence()
        var handle: OpaquePointer?
        let status = snd_pcm_open(&handle, device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK)
        guard status >= 0, let handle else {
            throw DeviceError("no sound card '\(device)': \(reason(status))")
        }
        pcm = handle
        name = "ALSA \(device)"
        do {
            let set = try Self.configure(handle, device, sampleRate, period)
            (self.sampleRate, self.period, bufferSize, format) = set
        } catch {
            snd_pcm_close(handle)
            throw error
        }
        left = .allocate(capacity: self.period)
        right = .allocate(capacity: self.period)
        left.initialize(repeating: 0, count: self.period)
        right.initialize(repeating: 0, count: self.period)
    }

    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// One block and the device's buffer, in frames. [any]
    public var latency: Int { period + bufferSize }
    /// Always 0: ALSA does not report it. [any]
    public var outputLatency: Int { 0 }
    /// The number of times that the device's buffer ran empty. [any]
    public var xruns: Int { interruptions.load(ordering: .relaxed) }
    /// The number of blocks that were written to the device. [any]
    public var blocks: Int { played.load(ordering: .relaxed) }
    /// True if the device is gone. [any]
    public var hasDied: Bool { died.load(ordering: .acquiring) }
    /// Always the driver's own destination, the card. [any]
    public var outputs: AudioOutputs { .fixed }
    /// The error number if the audio thread was refused real-time priority; otherwise 0. [any]
    public var priorityError: Int32 { priority.load(ordering: .relaxed) }

    private static func configure(
        _ pcm: OpaquePointer, _ device: String, _ rate: Int, _ period: Int
    ) throws -> (Int, Int, Int, snd_pcm_format_t) {
        var hardware: OpaquePointer?, software: OpaquePointer?
        snd_pcm_hw_params_malloc(&hardware)
        snd_pcm_sw_params_malloc(&software)
        defer {
            snd_pcm_hw_params_free(hardware)
            snd_pcm_sw_params_free(software)
        }
        func need(_ status: Int32, _ what: String) throws {
            if status < 0 {
                throw DeviceError("sound card '\(device)' does not support \(what): \(reason(status))")
            }
        }
        try need(snd_pcm_hw_params_any(pcm, hardware), "any configuration")
        try need(
            snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_MMAP_INTERLEAVED),
            "memory-mapped access")
        let formats = [SND_PCM_FORMAT_FLOAT_LE, SND_PCM_FORMAT_S32_LE, SND_PCM_FORMAT_S16_LE]
        guard let format = formats.first(where: { snd_pcm_hw_params_set_format(pcm, hardware, $0) >= 0 })
        else {
            throw DeviceError("sound card '\(device)' supports neither float, 32-bit nor 16-bit samples")
        }
        try need(snd_pcm_hw_params_set_channels(pcm, hardware, 2), "stereo")
        var actualRate = UInt32(rate)
        try need(
            snd_pcm_hw_params_set_rate_near(pcm, hardware, &actualRate, nil), "a sample rate near \(rate) Hz")
        var actualPeriod = snd_pcm_uframes_t(period)
        try need(
            snd_pcm_hw_params_set_period_size_near(pcm, hardware, &actualPeriod, nil),
            "a period near \(period) frames")
        var buffer = actualPeriod * 2
        try need(snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &buffer), "a buffer of two periods")
        try need(snd_pcm_hw_params(pcm, hardware), "this combination of sample rate, period and format")
        snd_pcm_hw_params_get_period_size(hardware, &actualPeriod, nil)
        snd_pcm_hw_params_get_buffer_size(hardware, &buffer)
        snd_pcm_sw_params_current(pcm, software)
        // The driver starts the stream itself once the buffer is full.
        snd_pcm_sw_params_set_start_threshold(pcm, software, buffer * 2)
        snd_pcm_sw_params_set_avail_min(pcm, software, actualPeriod)
        snd_pcm_sw_params_set_tstamp_mode(pcm, software, SND_PCM_TSTAMP_ENABLE)
        snd_pcm_sw_params_set_tstamp_type(pcm, software, SND_PCM_TSTAMP_TYPE_MONOTONIC)
        try need(snd_pcm_sw_params(pcm, software), "the software parameters")
        return (Int(actualRate), Int(actualPeriod), Int(buffer), format)
    }

    /// Starts the audio thread, and returns when it has asked for its priority. Does not throw. [control]
    public func start(_ access: EngineAccess) throws {
        running.store(true, ordering: .releasing)
        let ready = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            crt_flush_to_zero()
            priority.store(crt_set_realtime_priority(70), ordering: .relaxed)
            crt_prefault_stack(128 * 1024)
            ready.signal()
            if !loop(access) {
                died.store(true, ordering: .releasing)
                access.notify()
            }
            finished.signal()
        }
        thread.name = "kairos-audio"
        thread.start()
        ready.wait()
    }

    /// Renders blocks until the driver is stopped. Returns false if the device is gone. [audio]
    private func loop(_ access: EngineAccess) -> Bool {
        var clock = DelayLockedLoop(sampleRate: Double(sampleRate), frames: period)
        begin()
        while !stopping.load(ordering: .acquiring) {
            // A timeout is not an error here: the supervisor counts the blocks and notices a stalled card.
            let status = snd_pcm_wait(pcm, 50)
            if status < 0, !recover(status, &clock) { return false }
            let available = snd_pcm_avail_update(pcm)
            if available < 0 {
                if !recover(Int32(clamping: available), &clock) { return false }
                continue
            }
            guard available >= period else { continue }
            clock.advance(boundary(available))
            let time = BlockTime(
                stamp: clock.blockStart, latency: period, framesPerNanosecond: clock.framesPerSecond * 1e-9)
            access.render(left, right, period, rate: sampleRate, time)
            played.wrappingAdd(1, ordering: .relaxed)
            let written = write()
            if written < 0, !recover(Int32(clamping: written), &clock) { return false }
        }
        snd_pcm_drop(pcm)
        return true
    }

    /// The time in nanoseconds of CLOCK_MONOTONIC when the card began this period, from its own time stamp.
    private func boundary(_ available: snd_pcm_sframes_t) -> UInt64 {
        var at = timespec(), frames: snd_pcm_uframes_t = 0
        guard snd_pcm_htimestamp(pcm, &frames, &at) == 0, at.tv_sec != 0 else { return crt_now() }
        // A driver may report any time: a stamp more than a second from now is ignored.
        let now = crt_now(), second: UInt64 = 1_000_000_000
        let stamp = UInt64(clamping: at.tv_sec) &* second &+ UInt64(clamping: at.tv_nsec)
        guard stamp <= now &+ second, stamp &+ second >= now else { return now }
        let beyond =
            Double(min(bufferSize, max(0, Int(clamping: frames) - period))) * 1e9 / Double(sampleRate)
        return stamp &- UInt64(beyond)
    }

    /// Fills the buffer with silence and starts the stream.
    private func begin() {
        for n in 0..<period {
            left[n] = 0
            right[n] = 0
        }
        snd_pcm_prepare(pcm)
        for _ in 0..<max(1, bufferSize / period) { _ = write() }
        snd_pcm_start(pcm)
    }

    /// Handles an error status: restarts the stream after an xrun. Returns false if the device is gone.
    private func recover(_ status: Int32, _ clock: inout DelayLockedLoop) -> Bool {
        switch status {
        case -EPIPE, -ESTRPIPE:
            interruptions.wrappingAdd(1, ordering: .relaxed)
            clock.restart()
            begin()
            return snd_pcm_state(pcm) == SND_PCM_STATE_RUNNING
        case -EAGAIN, -EINTR: return true
        default: return false
        }
    }

    /// Writes the rendered period to the card's buffer. Returns the number of frames, or a negative ALSA
    /// error.
    private func write() -> Int {
        var done = 0
        while done < period {
            var areas: UnsafePointer<snd_pcm_channel_area_t>?
            var offset: snd_pcm_uframes_t = 0
            var count = snd_pcm_uframes_t(period - done)
            _ = snd_pcm_avail_update(pcm)
            let status = snd_pcm_mmap_begin(pcm, &areas, &offset, &count)
            guard status >= 0, let areas else { return Int(status) }
            if count == 0 { return done }
            copy(areas, Int(offset), Int(count), from: done)
            let committed = snd_pcm_mmap_commit(pcm, offset, count)
            if committed < 0 { return committed }
            done += Int(committed)
        }
        return done
    }

    private func copy(
        _ areas: UnsafePointer<snd_pcm_channel_area_t>, _ offset: Int, _ count: Int, from start: Int
    ) {
        for channel in 0..<2 {
            let source = (channel == 0 ? left : right) + start
            let step = Int(areas[channel].step) / 8
            guard let base = areas[channel].addr else { return }
            var at = base + Int(areas[channel].first) / 8 + offset * step
            for n in 0..<count {
                let value = source[n]
                if format == SND_PCM_FORMAT_FLOAT_LE {
                    at.storeBytes(of: value, as: Float.self)
                } else if format == SND_PCM_FORMAT_S32_LE {
                    let whole = min(1, max(-1, Double(value))) * 2_147_483_647
                    at.storeBytes(of: Int32(whole), as: Int32.self)
                } else {
                    at.storeBytes(of: Int16(min(1, max(-1, value)) * 32_767), as: Int16.self)
                }
                at += step
            }
        }
    }

    /// Stops the audio thread and closes the device. Returns false if the thread has not ended after
    /// `seconds`. [control]
    @discardableResult public func stop(within seconds: Double = 2) -> Bool {
        stopping.store(true, ordering: .releasing)
        if running.load(ordering: .acquiring) {
            guard finished.wait(timeout: .now() + seconds) == .success else { return false }
            // A further call returns the same result.
            finished.signal()
        }
        if !isClosed.exchange(true, ordering: .acquiringAndReleasing) { snd_pcm_close(pcm) }
        return true
    }
}
