/// How the engine is driven, for whoever asks.
public struct AudioStatus: Sendable, Equatable {
    /// The driver's name.
    public var name: String
    /// Its frames a second.
    public var rate: Int
    /// Its frames a block.
    public var period: Int
    /// Frames of the driver from an event's stamp to its sound at the driver's output.
    public var blockLatency: Int
    /// Seconds from an event's stamp to its sound, with conversion and what the server reports of its outputs.
    public var latency: Double
    /// Interruptions since the start, of every driver.
    public var xruns: Int
    /// Why the audio thread got no real-time priority, or 0.
    public var priorityError: Int32
    /// Whether it is the timer, so that nothing is heard.
    public var isTimer: Bool

    /// Of `driver`, whose sound conversion delays by `delay` seconds.
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

/// Says how the engine is driven and where its sound goes: once, and again when it has changed and stays so.
///
/// > Thread: [supervisor]
struct Statement {
    /// Nanoseconds for which something must be so before it is told.
    private static let settled: UInt64 = 60_000_000, settledOpen: UInt64 = 500_000_000,
        settledOutputs: UInt64 = 150_000_000
    /// Nanoseconds without a connection before that is told: a server may connect in its own time.
    private static let patience: UInt64 = 1_000_000_000

    private struct Sound: Equatable {
        var name: String
        var rate: Int
        var period: Int
        /// In tenths of a millisecond.
        var latency: Int
    }

    private let tell: (AudioNotice) -> Void
    private var sound: (now: Sound?, since: UInt64, told: Sound?) = (nil, 0, nil)
    private var outputs: (now: AudioOutputs?, since: UInt64, told: AudioOutputs?) = (nil, 0, nil)
    private var convertedRate: Int?
    /// Whether a driver was found that has not been told yet.
    private var isFound = false
    private var hasTold = false

    init(_ tell: @escaping (AudioNotice) -> Void) { self.tell = tell }

    /// Another driver plays: what it has is told, though it be the same. That it was found is told once its sound goes
    /// somewhere.
    mutating func renew(isFound: Bool = false) {
        self.isFound = isFound
        sound = (nil, 0, nil)
        outputs = (nil, 0, nil)
    }

    mutating func look(_ status: AudioStatus, _ connected: AudioOutputs, engineRate: Int, now: UInt64) {
        // While the timer plays in its place, which was told, nobody hears what a driver has.
        if status.isTimer, hasTold { return }
        lookAtOutputs(status.name, connected, now)
        lookAtSound(status, engineRate, now, isOpen: connected == .ports([]))
    }

    /// `isOpen`: the outputs are not connected yet, so that their latency is not the last word.
    private mutating func lookAtSound(
        _ status: AudioStatus, _ engineRate: Int, _ now: UInt64, isOpen: Bool
    ) {
        let settled = status.isTimer ? 0 : isOpen ? Self.settledOpen : Self.settled
        let seen = Sound(
            name: status.name, rate: status.rate, period: status.period,
            latency: Int((min(1000, max(0, status.latency)) * 10_000).rounded()))
        if seen != sound.now { sound = (seen, now, sound.told) }
        guard seen != sound.told, now &- sound.since >= settled else { return }
        sound.told = seen
        hasTold = true
        tell(
            .sound(
                name: seen.name, rate: seen.rate, period: seen.period, latency: Double(seen.latency) / 10))
        let rate = status.rate == engineRate ? nil : status.rate
        if let rate, rate != convertedRate {
            tell(.converted(name: status.name, rate: rate, engineRate: engineRate))
        }
        convertedRate = rate
    }

    private mutating func lookAtOutputs(_ name: String, _ connected: AudioOutputs, _ now: UInt64) {
        if connected != outputs.now { outputs = (connected, now, outputs.told) }
        if isFound, connected != .ports([]) {
            isFound = false
            tell(.found(name: name))
        }
        guard case .ports(let ports) = connected, connected != outputs.told,
            now &- outputs.since >= (ports.isEmpty ? Self.patience : Self.settledOutputs)
        else { return }
        outputs.told = connected
        isFound = false
        tell(ports.isEmpty ? .unconnected(name: name) : .connected(name: name, ports: ports))
    }
}
