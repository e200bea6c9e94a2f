/// A linear map from time stamps to frames of the engine. Each block has one of its own.
///
/// Stamps come from kernels, servers and files, so no arithmetic here can trap: results are limited to their range.
@frozen public struct Timebase: Sendable, Equatable {
    /// A stamp, in nanoseconds.
    public var stamp: UInt64
    /// The engine's frame at that stamp.
    public var frame: Int
    /// Frames per nanosecond, > 0.
    public var framesPerNanosecond: Double

    /// The greatest frame, and its negative the least: far beyond any session, and far enough from the ends of `Int`
    /// that the engine's own sums cannot overflow.
    public static let frameLimit = 1 << 60

    /// A timebase with `frame` at `stamp`.
    public init(stamp: UInt64, frame: Int, framesPerNanosecond: Double) {
        self.stamp = stamp
        self.frame = frame
        self.framesPerNanosecond = framesPerNanosecond
    }

    /// The timebase of a file: stamp 0 is frame 0.
    public static func offline(sampleRate: Double) -> Timebase {
        Timebase(stamp: 0, frame: 0, framesPerNanosecond: sampleRate / 1e9)
    }

    /// The nearest frame to `stamp`, within ±``frameLimit``. [any]
    public func frame(of stamp: UInt64) -> Int {
        let distance =
            stamp >= self.stamp ? Double(stamp - self.stamp) : -Double(self.stamp - stamp)
        // Two summands within ±2⁶⁰ cannot overflow.
        return Self.clamped(
            Self.clamped(frame) + Int(clamping: distance * framesPerNanosecond, limit: Self.frameLimit))
    }

    /// The stamp of a frame: ``frame(of:)`` of it is the frame. Frames before stamp 0 have stamp 0. [any]
    public func stamp(of frame: Int) -> UInt64 {
        let (distance, isBeyond) = frame.subtractingReportingOverflow(self.frame)
        let frames = isBeyond ? Double(frame) - Double(self.frame) : Double(distance)
        return UInt64(clampingNanoseconds: frames / framesPerNanosecond + Double(stamp))
    }

    private static func clamped(_ frame: Int) -> Int { min(frameLimit, max(-frameLimit, frame)) }
}

extension Int {
    /// The nearest whole number to `value`, within ±`limit`; 0 where `value` is not a number.
    package init(clamping value: Double, limit: Int) {
        let value = value.rounded()
        if value.isNaN {
            self = 0
        } else if value.magnitude >= Double(limit) {
            self = value < 0 ? -limit : limit
        } else {
            self = Int(value)
        }
    }
}

extension UInt64 {
    /// The nearest whole number of nanoseconds, 0 … 2⁶³; 0 where `value` is not a number.
    package init(clampingNanoseconds value: Double) {
        let value = value.rounded()
        self = value > 0 ? (value < 0x1p63 ? UInt64(value) : 1 << 63) : 0
    }
}
