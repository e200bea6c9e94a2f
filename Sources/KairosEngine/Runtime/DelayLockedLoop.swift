/// The time at which blocks really begin, filtered from when the driver says they did.
///
/// A second-order loop (F. Adriaensen, "Using a DLL to filter time", LAC 2005). The bandwidth starts at 1 Hz
/// and narrows to 0.1 Hz within two seconds; an outlier is ignored, three in a row start anew.
///
/// > Audio thread.
public struct DelayLockedLoop: Sendable {
    private let nominal: Double
    private let sampleRate: Double
    private var begin = 0.0
    private var next = 0.0
    private var period = 0.0
    private var seconds = 0.0
    private var outliers = 0
    private var running = false
    private var base: UInt64 = 0

    /// For blocks of `frames` frames.
    public init(sampleRate: Double, frames: Int) {
        self.sampleRate = sampleRate
        nominal = Double(frames) / sampleRate
        period = nominal
    }

    /// Forgets everything: after a gap in the stream, or with another period.
    public mutating func restart() { running = false }

    /// A block begins; the driver's time of its beginning is `stamp`, in nanoseconds.
    public mutating func advance(_ stamp: UInt64) {
        guard running, stamp >= base else { return seed(stamp) }
        let time = Double(stamp - base) * 1e-9
        let error = time - next
        if error.magnitude > nominal / 2 {
            outliers += 1
            guard outliers < 3 else { return seed(stamp) }
            begin = next
            next += period
            return
        }
        outliers = 0
        let bandwidth = seconds >= 2 ? 0.1 : 1 - 0.45 * seconds
        let omega = 2 * Double.pi * bandwidth * nominal
        begin = next
        next += omega * 2.0.squareRoot() * error + period
        period += omega * omega * error
        seconds += nominal
    }

    private mutating func seed(_ stamp: UInt64) {
        base = stamp
        begin = 0
        next = nominal
        period = nominal
        seconds = 0
        outliers = 0
        running = true
    }

    /// Maps stamps to frames so that every event sounds `latency` frames after its stamp.
    /// `clock` is the engine's frame at which this block begins.
    public func timebase(clock: Int, latency: Int) -> Timebase {
        // `next − begin` carries the loop's own rate of frames.
        let framesPerSecond = nominal * sampleRate / (next - begin)
        return Timebase(
            stamp: base + UInt64(max(0, begin) * 1e9), frame: clock + latency,
            framesPerNanosecond: framesPerSecond * 1e-9)
    }
}
