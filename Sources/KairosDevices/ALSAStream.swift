import CALSA
import CRealtime
import KairosDSP
import KairosEngine
import Synchronization

/// An open ALSA device with memory-mapped access and two periods. The thread that has it may use it; it closes the
/// device at its end.
struct ALSAStream: ~Copyable {
    /// The sample rate in Hz that the device was opened with.
    let sampleRate: Int
    /// The block length in frames that the device was opened with.
    let period: Int
    /// The device's buffer in frames.
    let bufferSize: Int
    private let format: snd_pcm_format_t
    private let pcm: OpaquePointer
    /// The rendered block.
    private var left: FixedArray<Float>
    private var right: FixedArray<Float>

    /// Opens an ALSA device with the nearest sample rate (Hz) and period (frames) that it supports. Throws
    /// ``DeviceError``. [control]
    init(device: String, sampleRate: Int, period: Int) throws {
        calsa_silence()
        var handle: OpaquePointer?
        let status = snd_pcm_open(&handle, device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK)
        guard status >= 0, let handle else {
            throw DeviceError("no sound card '\(device)': \(reason(status))")
        }
        let set: (Int, Int, Int, snd_pcm_format_t)
        do { set = try Self.configure(handle, device, sampleRate, period) } catch {
            snd_pcm_close(handle)
            throw error
        }
        (self.sampleRate, self.period, bufferSize, format) = set
        pcm = handle
        left = FixedArray(count: set.1, repeating: 0)
        right = FixedArray(count: set.1, repeating: 0)
    }

    deinit { snd_pcm_close(pcm) }

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

    /// Renders blocks until `isStopping` returns true. Returns false where the device is gone. [audio]
    mutating func play(
        _ access: EngineAccess, _ counts: ALSADriver.Counts, until isStopping: () -> Bool
    ) -> Bool {
        var clock = DelayLockedLoop(sampleRate: Double(sampleRate), frames: period)
        begin()
        while !isStopping() {
            // A timeout is not an error here: the supervisor counts the blocks and notices a stalled card.
            let status = snd_pcm_wait(pcm, 50)
            if status < 0, !recover(status, &clock, counts) { return false }
            let available = snd_pcm_avail_update(pcm)
            if available < 0 {
                if !recover(Int32(clamping: available), &clock, counts) { return false }
                continue
            }
            guard available >= period else { continue }
            clock.advance(boundary(available))
            let time = BlockTime(
                stamp: clock.blockStart, latency: period, framesPerNanosecond: clock.framesPerSecond * 1e-9)
            access.render(left.baseAddress, right.baseAddress, period, rate: sampleRate, time)
            counts.played.wrappingAdd(1, ordering: .relaxed)
            let written = write()
            if written < 0, !recover(Int32(clamping: written), &clock, counts) { return false }
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
    private mutating func begin() {
        left.fill(0)
        right.fill(0)
        snd_pcm_prepare(pcm)
        for _ in 0..<max(1, bufferSize / period) { _ = write() }
        snd_pcm_start(pcm)
    }

    /// Handles an error status: restarts the stream after an xrun. Returns false where the device is gone.
    private mutating func recover(
        _ status: Int32, _ clock: inout DelayLockedLoop, _ counts: ALSADriver.Counts
    ) -> Bool {
        switch status {
        case -EPIPE, -ESTRPIPE:
            counts.interruptions.wrappingAdd(1, ordering: .relaxed)
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
            let source = (channel == 0 ? left.baseAddress : right.baseAddress) + start
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
}
