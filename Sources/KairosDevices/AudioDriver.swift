/// An audio driver: calls the engine for each block on behalf of a sound server, a sound card or a timer.
///
/// All properties may be read on any thread at any time, and do not call the server.
public protocol AudioDriver: AnyObject, Sendable {
    /// The name for messages: `JACK`, `ALSA hw:0`, `null`.
    var name: String { get }
    /// The current sample rate in Hz.
    var sampleRate: Int { get }
    /// The current block length in frames.
    var period: Int { get }
    /// The latency in frames from an event's time stamp to the frame of the engine that the driver plays at its output.
    var latency: Int { get }
    /// The latency in frames from the driver's output to the speakers; 0 if the server does not report it.
    var outputLatency: Int { get }
    /// The number of interruptions of the stream.
    var xruns: Int { get }
    /// The number of blocks that the driver asked for, also while another driver owns the gate.
    var blocks: Int { get }
    /// True if the driver has ended by itself: the server died, or the device is gone.
    var hasDied: Bool { get }
    /// Ports or device that the audio is sent to.
    var outputs: AudioOutputs { get }
    /// The error number if the audio thread was refused real-time priority; otherwise 0.
    var priorityError: Int32 { get }
    /// Starts to render blocks through `access` on the driver's own thread. For a thread that may wait.
    /// Throws ``DeviceError``.
    func start(_ access: EngineAccess) throws
    /// Stops the driver. Returns false if it has not ended after `seconds`; it then ends when it can, and
    /// must not be used again. [control]
    @discardableResult func stop(within seconds: Double) -> Bool
}
