/// Reports the audio driver, its latency and its connections: once, and again after a change that lasts. For
/// the supervisor thread.
struct AudioReporter {
    /// The times in nanoseconds that a state must last before it is reported: the driver with and without
    /// connected outputs, and the connections.
    private static let settleTime: UInt64 = 60_000_000, settleTimeUnconnected: UInt64 = 500_000_000,
        settleTimeOutputs: UInt64 = 150_000_000
    /// The time in nanoseconds without a connection before that is reported; a server may need some time to
    /// connect.
    private static let unconnectedTimeout: UInt64 = 1_000_000_000

    private struct Sound: Equatable {
        var name: String
        var rate: Int
        var period: Int
        /// The latency in tenths of a millisecond.
        var latency: Int
    }

    private let report: (AudioNotice) -> Void
    private var sound: (now: Sound?, since: UInt64, reported: Sound?) = (nil, 0, nil)
    private var outputs: (now: AudioOutputs?, since: UInt64, reported: AudioOutputs?) = (nil, 0, nil)
    private var convertedRate: Int?
    /// True if a driver was found and not reported yet.
    private var isFound = false
    private var hasReported = false

    init(_ report: @escaping (AudioNotice) -> Void) { self.report = report }

    /// Begins again for another driver: its settings are reported even if they are unchanged. If
    /// `isFound`, it is reported as found once its outputs are connected.
    mutating func restart(isFound: Bool = false) {
        self.isFound = isFound
        sound = (nil, 0, nil)
        outputs = (nil, 0, nil)
    }

    /// Reports what has changed. `connected` are the outputs of the current driver, `now` is in nanoseconds.
    mutating func update(_ status: AudioStatus, _ connected: AudioOutputs, engineRate: Int, now: UInt64) {
        // While the timer replaces a driver, which was reported, its own settings do not matter.
        if status.isTimer, hasReported { return }
        updateOutputs(status.name, connected, now)
        updateSound(status, engineRate, now, isUnconnected: connected == .ports([]))
    }

    /// `isUnconnected` is true while the outputs are not connected, so that their latency may still change.
    private mutating func updateSound(
        _ status: AudioStatus, _ engineRate: Int, _ now: UInt64, isUnconnected: Bool
    ) {
        let settled = status.isTimer ? 0 : isUnconnected ? Self.settleTimeUnconnected : Self.settleTime
        let seen = Sound(
            name: status.name, rate: status.rate, period: status.period,
            latency: Int((min(1000, max(0, status.latency)) * 10_000).rounded()))
        if seen != sound.now { sound = (seen, now, sound.reported) }
        guard seen != sound.reported, now &- sound.since >= settled else { return }
        sound.reported = seen
        hasReported = true
        report(
            .sound(
                name: seen.name, rate: seen.rate, period: seen.period, latency: Double(seen.latency) / 10))
        let rate = status.rate == engineRate ? nil : status.rate
        if let rate, rate != convertedRate {
            report(.converted(name: status.name, rate: rate, engineRate: engineRate))
        }
        convertedRate = rate
    }

    private mutating func updateOutputs(_ name: String, _ connected: AudioOutputs, _ now: UInt64) {
        if connected != outputs.now { outputs = (connected, now, outputs.reported) }
        if isFound, connected != .ports([]) {
            isFound = false
            report(.found(name: name))
        }
        guard case .ports(let ports) = connected, connected != outputs.reported,
            now &- outputs.since >= (ports.isEmpty ? Self.unconnectedTimeout : Self.settleTimeOutputs)
        else { return }
        outputs.reported = connected
        isFound = false
        report(ports.isEmpty ? .unconnected(name: name) : .connected(name: name, ports: ports))
    }
}
