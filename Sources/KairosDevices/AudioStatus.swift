/// The state of the audio output.
public struct AudioStatus: Sendable, Equatable {
    /// The driver's name.
    public var name: String
    /// The driver's sample rate in Hz.
    public var rate: Int
    /// The driver's block length in frames.
    public var period: Int
    /// The latency from an event's time stamp to its sound at the driver's output, in frames of the driver, without
    /// limiter and conversion.
    public var blockLatency: Int
    /// The latency from an event's time stamp to its sound in seconds, including the limiter, sample rate conversion
    /// and the output latency that the server reports.
    public var latency: Double
    /// The number of interruptions since the start, over all drivers.
    public var xruns: Int
    /// The error number if the audio thread was refused real-time priority; otherwise 0.
    public var priorityError: Int32
    /// True if the silent timer runs the engine.
    public var isTimer: Bool

    /// The state of `driver`; `delay` is that of limiter and sample rate conversion in seconds.
    init(_ driver: any AudioDriver, delay: Double, xruns: Int, isTimer: Bool) {
        name = driver.name
        rate = driver.sampleRate
        period = driver.period
        blockLatency = driver.latency
        latency = Double(driver.latency + driver.outputLatency) / Double(max(1, rate)) + delay
        self.xruns = xruns
        priorityError = driver.priorityError
        self.isTimer = isTimer
    }
}
