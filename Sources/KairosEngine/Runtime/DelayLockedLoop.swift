/// A filter of the times at which blocks begin, as the driver reports them.
///
/// A second-order loop (F. Adriaensen, "Using a DLL to filter time", LAC 2005). The bandwidth starts at 1 Hz and
/// narrows to 0.1 Hz within two seconds; an outlier is ignored, three in a row start anew.
///
/// [audio]
public struct DelayLockedLoop: Sendable {
    /// The greatest angular step of the loop, in radians per block. Beyond about 0.8 the loop overshoots; with blocks of
    /// a second it would reach 6.
    private static let greatestStep = 0.5

    /// The nominal length of a block in seconds.
    private let nominal: Double
    private let sampleRate: Double
    private var begin = 0.0
    private var next = 0.0
    private var period = 0.0
    private var seconds = 0.0
    private var outliers = 0
    private var running = false
    private var base: UInt64 = 0

    /// A loop for blocks of `frames` frames, at least 1, at `sampleRate` frames per second, at least 1.
    public init(sampleRate: Double, frames: Int) {
        self.sampleRate = max(1, sampleRate)
        nominal = Double(max(1, frames)) / self.sampleRate
        period = nominal
        next = nominal
    }

    /// Begins again with the next block. Called after an interruption of the stream.
    public mutating func restart() { running = false }

    /// Takes in the driver's time of the beginning of a block, in nanoseconds.
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
        let omega = min(Self.greatestStep, 2 * Double.pi * bandwidth * nominal)
        begin = next
        next += omega * 2.0.squareRoot() * error + period
        // No sound card is off by more than this: the loop does not follow beyond.
        period = min(1.25 * nominal, max(0.75 * nominal, period + omega * omega * error))
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

    /// The timebase with which every event sounds `latency` frames after its stamp. `clock` is the engine's frame at
    /// which this block begins.
    public func timebase(clock: Int, latency: Int) -> Timebase {
        Timebase(
            stamp: blockStart, frame: clock &+ latency, framesPerNanosecond: framesPerSecond * 1e-9)
    }

    /// The filtered time at which this block began, in nanoseconds.
    public var blockStart: UInt64 {
        let (stamp, isBeyond) = base.addingReportingOverflow(UInt64(clampingNanoseconds: begin * 1e9))
        return isBeyond ? .max : stamp
    }

    /// The measured rate in frames per second, within a factor of two of the nominal rate.
    public var framesPerSecond: Double {
        // `next − begin` is the measured length of a block.
        nominal * sampleRate / min(2 * nominal, max(nominal / 2, next - begin))
    }
}
