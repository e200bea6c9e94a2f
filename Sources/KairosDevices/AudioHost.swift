import CRealtime
import Foundation
import KairosEngine
import Synchronization

/// Keeps the engine driven: by JACK, a sound card or a timer, and by the timer while one of the others does not ask for
/// sound.
///
/// A thread of its own looks after the drivers. It touches no terminal and no file, and every call into a server that
/// may not return runs elsewhere.
public final class AudioHost: @unchecked Sendable {
    /// What the player asked for.
    public enum Choice: Sendable, Equatable {
        /// JACK, then ALSA, then the timer.
        case any
        /// This one or none.
        case jack
        /// This device or none.
        case alsa(String)
        /// The timer.
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

    /// A driver that was opened and does not play yet.
    public struct Opened: Sendable {
        /// What was opened.
        public let driver: any AudioDriver
        /// What was tried, and why it failed or differs from what was asked for.
        public let lines: [String]
        let kind: DriverKind?
        let source: SystemDrivers
        let choice: Choice
    }

    /// Seconds that a server has to answer at the start.
    public static let patience = 2.0
    /// Frames a block where the player asks for no number.
    public static let usualPeriod = 128
    /// Seconds between two looks of the supervisor.
    private static let look = 0.02

    private let feed: EngineFeed
    private let notices = Mutex<[AudioNotice]>([])
    private let latest: Mutex<AudioStatus>
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    /// Seconds that the drivers have to end.
    private static let stopTime = 0.4

    /// Finds a driver, at `rate` frames a second and with blocks of `period` frames where it lets itself be told. Takes
    /// at most ``patience`` for each kind. Throws ``DeviceError`` when the one that was asked for cannot be had.
    ///
    /// > Thread: [control]
    public static func open(_ choice: Choice, rate: Int?, period: Int?, connects: Bool) throws -> Opened {
        var lines: [String] = []
        let source = SystemDrivers(connects: connects, speakers: Speakers(), period: period)
        if choice.kinds.contains(.jack), period == nil { PipeWire.wishForShortPeriod() }
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
            driver: NullDriver(sampleRate: rate ?? 48_000, period: period ?? usualPeriod), lines: lines,
            kind: nil, source: source, choice: choice)
    }

    private static func open(
        _ kind: DriverKind, _ source: SystemDrivers, rate: Int?, period: Int?
    ) throws -> any AudioDriver {
        let call = DeadlineCall<Result<any AudioDriver, DeviceError>>(
            "kairos-open", late: { if case .success(let driver) = $0 { driver.stop(within: 60) } }
        ) {
            Result { try source.make(kind, rate: rate ?? 48_000, period: period ?? usualPeriod) }
                .mapError { $0 as? DeviceError ?? DeviceError("\($0)") }
        }
        if let result = call.wait(patience) ?? (call.abandon() ? nil : call.value) { return try result.get() }
        throw DeviceError(
            "\(kind.name) does not answer within \(Int(patience)) s: is the server frozen? 'kill -CONT' its process, or start it again"
        )
    }

    private static func differences(
        _ driver: any AudioDriver, _ kind: DriverKind, rate: Int?, period: Int?
    ) -> [String] {
        let subject = kind == .jack ? "JACK" : "the card"
        var lines: [String] = []
        if let rate, driver.sampleRate != rate {
            lines.append("\(subject) runs at \(driver.sampleRate) Hz; \(rate) Hz was asked for")
        }
        if let period, driver.period != period {
            lines.append("\(subject)'s period is \(driver.period) frames; \(period) was asked for")
        } else if period == nil, let wish = (driver as? JACKDriver)?.wish, driver.period != wish {
            lines.append(
                "PipeWire's period is \(driver.period) frames; \(wish) was asked for (clock.min-quantum or another program decides; --period \(wish) insists)"
            )
        }
        return lines
    }

    /// Drives `engine`, which was made for the driver's sample rate. Throws ``DeviceError``.
    ///
    /// > Thread: [control]
    public init(_ opened: Opened, engine: Engine) throws {
        feed = EngineFeed(engine)
        let access = feed.access()
        feed.prepare(rate: opened.driver.sampleRate)
        _ = feed.gate.pass(to: access.owner)
        try opened.driver.start(access)
        latest = Mutex(AudioStatus(opened.driver, delay: 0, xruns: 0, isTimer: opened.kind == nil))
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
            // A terminal may stand still for hours; the last of what happened is what counts.
            notices.withLock { list in
                if list.count >= 64 { list.removeFirst() }
                list.append(notice)
            }
        }
        while !stopping.load(ordering: .acquiring) {
            supervisor.step(crt_now())
            latest.withLock { $0 = supervisor.status }
            _ = feed.attention.wait(timeout: .now() + Self.look)
        }
        supervisor.stop(within: Self.stopTime)
    }

    /// What happened since the last call.
    ///
    /// > Thread: [control]
    public func takeNotices() -> [AudioNotice] {
        notices.withLock { list in
            defer { list.removeAll() }
            return list
        }
    }

    /// How the engine is driven now.
    ///
    /// > Thread: [any]
    public var status: AudioStatus { latest.withLock { $0 } }

    /// The part of the time that rendering takes, 0…1.
    public var load: Double { feed.meter.load }

    /// The longest block as a part of its time, 0…, since the last call.
    public func takeLongest() -> Double { feed.meter.takeLongest() }

    /// The median block in which voices sounded as a part of its time; 0 where none did.
    public var medianBlock: Double { feed.meter.median }

    /// Interruptions since the start.
    public var xruns: Int { status.xruns }

    /// Frames of the engine from an event's stamp to its sound at the driver's output.
    public var latency: Int {
        let status = status, seconds = Double(status.blockLatency) / Double(max(1, status.rate))
        return Int((min(60, max(0, seconds)) * feed.engine.sampleRate).rounded())
    }

    /// Ends the drivers, in half a second at most. A server that does not answer is left alone.
    ///
    /// > Thread: [control]
    public func stop() {
        stopping.store(true, ordering: .releasing)
        feed.attention.signal()
        _ = finished.wait(timeout: .now() + Self.stopTime + 0.1)
    }
}
