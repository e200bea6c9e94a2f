/// What drives the engine: a sound server, a sound card, or a timer.
///
/// What is read may be read from any thread at any time, and asks no server.
public protocol AudioDriver: AnyObject, Sendable {
    /// For the player: `JACK`, `ALSA hw:0`, `null`.
    var name: String { get }
    /// Frames a second, now.
    var sampleRate: Int { get }
    /// Frames a block, now.
    var period: Int { get }
    /// Frames from an event's stamp to its sound at the driver's output.
    var latency: Int { get }
    /// Frames from the driver's output to the speakers, where the server says so; else 0.
    var outputLatency: Int { get }
    /// How often the stream was interrupted.
    var xruns: Int { get }
    /// How many blocks were asked for, heard or not.
    var blocks: Int { get }
    /// Whether it has ended by itself: the server died, the device is gone.
    var hasDied: Bool { get }
    /// Where the sound goes.
    var outputs: AudioOutputs { get }
    /// Why its thread got no real-time priority, or 0.
    var priorityError: Int32 { get }
    /// Lets it call the engine from its own thread, as long as it owns the gate. Throws ``DeviceError``.
    ///
    /// > Thread: a thread that may wait.
    func start(_ access: EngineAccess) throws
    /// Ends it. False where it has not ended after `seconds`: then it is left to end when it can, and must not be
    /// used again.
    ///
    /// > Thread: [control]
    @discardableResult func stop(within seconds: Double) -> Bool
}

/// Where a driver's sound goes.
public enum AudioOutputs: Sendable, Equatable {
    /// Where the driver itself leads: a card, or nowhere.
    case fixed
    /// To these ports of other programs; none where it is empty.
    case ports([String])
}
