/// The time of one block, in frames of the driver.
public struct BlockTime: Sendable, Equatable {
    /// The time when the block begins, in nanoseconds of CLOCK_MONOTONIC.
    public var stamp: UInt64
    /// The frame, relative to the beginning of the block, where an event with the time stamp ``stamp``
    /// sounds.
    public var latency: Int
    /// The driver's sample rate in frames per nanosecond, > 0.
    public var framesPerNanosecond: Double

    /// The time of a block.
    public init(stamp: UInt64, latency: Int, framesPerNanosecond: Double) {
        self.stamp = stamp
        self.latency = latency
        self.framesPerNanosecond = framesPerNanosecond
    }
}
