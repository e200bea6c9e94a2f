/// Which frame of the engine a stamp is. A straight line, handed over anew with every block.
@frozen public struct Timebase: Sendable, Equatable {
    /// A stamp, in nanoseconds.
    public var stamp: UInt64
    /// The engine's frame at that stamp.
    public var frame: Int
    /// How fast frames go by.
    public var framesPerNanosecond: Double

    /// A line through one point.
    public init(stamp: UInt64, frame: Int, framesPerNanosecond: Double) {
        self.stamp = stamp
        self.frame = frame
        self.framesPerNanosecond = framesPerNanosecond
    }

    /// The time of a file: stamp 0 is frame 0.
    public static func offline(sampleRate: Double) -> Timebase {
        Timebase(stamp: 0, frame: 0, framesPerNanosecond: sampleRate / 1e9)
    }

    /// The nearest frame to `stamp`.
    ///
    /// > Any thread.
    public func frame(of stamp: UInt64) -> Int {
        let distance =
            stamp >= self.stamp ? Double(stamp - self.stamp) : -Double(self.stamp - stamp)
        return frame + Int((distance * framesPerNanosecond).rounded())
    }

    /// The stamp of a frame, so that ``frame(of:)`` gives it back.
    public func stamp(of frame: Int) -> UInt64 {
        UInt64((Double(frame - self.frame) / framesPerNanosecond + Double(stamp)).rounded())
    }
}
