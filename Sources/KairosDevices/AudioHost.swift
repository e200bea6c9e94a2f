import CRealtime
import Foundation
public import KairosEngine
import Synchronization

/// Runs the engine with an audio driver: JACK, a sound card or the silent timer. The timer takes over while
/// the chosen driver does not ask for audio.
///
/// A supervisor thread watches the drivers. It uses no terminal and no file, and every call into a server
/// that may not return runs on another thread.
public final class AudioHost: Sendable {
    /// The driver that the user selected.
    public enum Choice: Sendable, Equatable {
        /// The first that works of JACK, ALSA and the silent timer.
        case any
        /// JACK only.
        case jack
        /// This ALSA device only.
        case alsa(String)
        /// The silent timer.
        case null

        var kinds: [DriverKind] {
            switch self {
            case .any: [.jack, .alsa("default")]
            case .jack: [.jack]
            case .alsa(let device): [.alsa(device)]
            case .null: []
            }
        }
    }

    /// A driver that is open and not started.
    public struct Opened: Sendable {
        /// The open driver.
        public let driver: any AudioDriver
        /// Messages for the user: why other drivers failed, and where the settings differ from the requested
        /// ones.
        public let lines: [String]
        let kind: DriverKind?
        let source: SystemDrivers
        let choice: Choice
    }

    /// The time in seconds that a server has to answer at the start.
    public static let answerTimeout = 2.0
    /// The block length in frames if the user requested none.
    public static let defaultPeriod = 128
    /// The interval of the supervisor's polls in seconds.
    private static let pollInterval = 0.02

    private let feed: EngineFeed
    private let notices = Mutex<[AudioNotice]>([])
    private let latest: Mutex<AudioStatus>
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    /// The time in seconds that the drivers have to stop.
    private static let stopTimeout = 0.4

    /// Opens a driver. `rate` (Hz) and `period` (frames) are requests; nil for the defaults. `connects` is
    /// whether JACK outputs are connected automatically. Waits at most ``answerTimeout`` for each kind of
    /// driver. Throws ``DeviceError`` if the selected driver cannot be opened. [control]
    public static func open(_ choice: Choice, rate: Int?, period: Int?, connects: Bool) throws -> Opened {
        var lines: [String] = []
        let source = SystemDrivers(connects: connects, speakers: Speakers(), period: period)
        if choice.kinds.contains(.jack), period == nil { PipeWire.requestShortPeriod() }
        for kind in choice.kinds {
            do {
                let driver = try open(kind, source, rate: rate, period: period)
                lines += differences(driver, kind, rate: rate, period: period)
                return Opened(driver: driver, lines: lines, kind: kind, source: source, choice: choice)
            } catch {
                if choice != .any { throw error }
                lines.append("\(error)")
            }
        }
        return Opened(
            driver: NullDriver(sampleRate: rate ?? 48_000, period: period ?? defaultPeriod), lines: lines,
            kind: nil, source: source, choice: choice)
    }

    private static func open(
        _ kind: DriverKind, _ source: SystemDrivers, rate: Int?, period: Int?
    ) throws -> any AudioDriver {
        let call = DeadlineCall<Result<any AudioDriver, DeviceError>>(
            "kairos-open", late: { if case .success(let driver) = $0 { driver.stop(within: 60) } }
        ) {
            Result { try source.make(kind, rate: rate ?? 48_000, period: period ?? defaultPeriod) }
                .mapError { $0 as? DeviceError ?? DeviceError("\($0)") }
        }
        if let result = call.wait(answerTimeout) ?? (call.abandon() ? nil : call.value) {
            return try result.get()
        }
        throw DeviceError(
            "\(kind.name) does not answer within \(Int(answerTimeout)) s: is the server frozen? "
                + "Continue its process with 'kill -CONT', or restart it"
        )
    }

    private static func differences(
        _ driver: any AudioDriver, _ kind: DriverKind, rate: Int?, period: Int?
    ) -> [String] {
        let subject = kind == .jack ? "JACK" : "the card"
        var lines: [String] = []
        if let rate, driver.sampleRate != rate {
            lines.append("\(subject) runs at \(driver.sampleRate) Hz instead of the requested \(rate) Hz")
        }
        if let period, driver.period != period {
            lines.append("\(subject)'s buffer is \(driver.period) frames instead of the requested \(period)")
        } else if period == nil, let requested = (driver as? JACKDriver)?.requestedPeriod,
            driver.period != requested
        {
            lines.append(
                "PipeWire's buffer is \(driver.period) frames instead of the requested \(requested): "
                    + "clock.min-quantum or another program decides; '--period \(requested)' forces it"
            )
        }
        return lines
    }

    /// Starts the driver and the supervisor. `engine` was made for the driver's sample rate. Throws
    /// ``DeviceError``. [control]
    public init(_ opened: Opened, engine: Engine) throws {
        feed = EngineFeed(engine)
        let access = feed.access()
        feed.prepare(rate: opened.driver.sampleRate)
        _ = feed.gate.pass(to: access.owner)
        try opened.driver.start(access)
        latest = Mutex(
            AudioStatus(
                opened.driver, delay: feed.delay(rate: opened.driver.sampleRate), xruns: 0,
                isTimer: opened.kind == nil))
        let thread = Thread { [self] in
            supervise(opened, access)
            finished.signal()
        }
        thread.name = "kairos-guard"
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func supervise(_ opened: Opened, _ access: EngineAccess) {
        let supervisor = AudioSupervisor(
            opened.driver, kind: opened.kind, access: access, source: opened.source,
            wanted: opened.choice.kinds, now: crt_now()
        ) { [self] notice in
            // The terminal may be stopped for hours: only the newest notices are kept.
            notices.withLock { list in
                if list.count >= 64 { list.removeFirst() }
                list.append(notice)
            }
        }
        while !stopping.load(ordering: .acquiring) {
            supervisor.step(crt_now())
            latest.withLock { $0 = supervisor.status }
            _ = feed.attention.wait(timeout: .now() + Self.pollInterval)
        }
        supervisor.stop(within: Self.stopTimeout)
    }

    /// Returns the notices since the last call. [control]
    public func popNotices() -> [AudioNotice] {
        notices.withLock { list in
            defer { list.removeAll() }
            return list
        }
    }

    /// The current state of the audio output. Locks. [any]
    public var status: AudioStatus { latest.withLock { $0 } }

    /// The load: rendering time as a fraction of real time, 0…1. [any]
    public var load: Double { feed.meter.load }

    /// The greatest load of a single block since the last call, as a fraction of its duration. [control]
    public func popLongest() -> Double { feed.meter.popLongest() }

    /// The median load of the blocks in which voices sounded; 0 if there were none. [control]
    public var medianBlock: Double { feed.meter.median }

    /// The number of interruptions since the start. Locks. [any]
    public var xruns: Int { status.xruns }

    /// The latency from an event's time stamp to its sound at the driver's output, in frames of the engine.
    /// Locks. [any]
    public var latency: Int {
        let status = status, seconds = Double(status.blockLatency) / Double(max(1, status.rate))
        return Int((min(60, max(0, seconds)) * feed.engine.sampleRate).rounded()) + feed.engine.latency
    }

    /// Stops the drivers within half a second. A server that does not answer is abandoned. [control]
    public func stop() {
        stopping.store(true, ordering: .releasing)
        feed.attention.signal()
        _ = finished.wait(timeout: .now() + Self.stopTimeout + 0.1)
    }
}
