/// Selects the driver that runs the engine: a sound server or card while it asks for audio, otherwise the
/// silent timer. For the supervisor thread.
///
/// It never waits: drivers are opened and closed on other threads, and it polls the result. It has no clock
/// of its own; the caller passes the time, so that tests can control it.
final class AudioSupervisor {
    /// A started driver.
    private struct RunningDriver {
        let driver: any AudioDriver
        let owner: RenderGate.Owner
        /// The kind of driver; nil for the timer.
        var kind: DriverKind?
        var watch: StallWatch
        /// True while the timer runs the engine in its place.
        var isStalled = false
        /// The number of interruptions at the beginning of the current second, and when that second began.
        var xruns = 0
        var second: UInt64 = 0
    }

    private struct Attempt {
        let kind: DriverKind
        let opening: any OpeningDriver
        let owner: RenderGate.Owner
        let began: UInt64
        /// The reason for a larger buffer; nil if the buffer is not larger.
        var cause: AudioNotice.Cause?
        var wasReported = false
    }

    /// The greatest period in frames with which a card is opened.
    static let largestPeriod = 8192
    /// The number of interruptions within a second above which a card's buffer is enlarged.
    static let xrunLimit = 10
    /// The time in nanoseconds after which a pending attempt is reported, and the time between two attempts.
    private static let reportTimeout: UInt64 = 2_000_000_000, retryInterval: UInt64 = 1_000_000_000

    /// The time in nanoseconds that a stalled driver must run again before it is used, doubled after each
    /// stall; and the time without a stall after which earlier stalls no longer count.
    private static let resumeDelay: UInt64 = 20_000_000, stallMemory: UInt64 = 3_000_000_000

    /// The time in nanoseconds without a block after which a card is reopened.
    private static let cardTimeout: UInt64 = 1_000_000_000

    private let feed: EngineFeed
    private let source: any DriverSource
    /// The kinds of driver that the user selected, in order of preference; empty for the timer only.
    private let wanted: [DriverKind]
    private let report: (AudioNotice) -> Void
    /// The driver that runs the engine.
    private var active: any AudioDriver
    private var primary: RunningDriver?
    private var timer: RunningDriver?
    private var attempt: Attempt?
    /// The kinds to try, the index of the next one, and when to try it.
    private var kinds: [DriverKind]
    private var nextKind = 0
    private var nextTry: UInt64
    private var period: Int
    /// The number of recent stalls; it lengthens the time before a driver is used again.
    private var stalls = 0
    private var reporter: AudioReporter
    /// The number of interruptions of former drivers.
    private var formerXruns = 0
    private let abandoned: AbandonedCalls

    /// Supervises `driver`, which has started with `access` and owns the gate. `kind` is nil for the timer;
    /// then the kinds in `wanted` are tried. `report` receives the notices.
    init(
        _ driver: any AudioDriver, kind: DriverKind?, access: EngineAccess, source: any DriverSource,
        wanted: [DriverKind], now: UInt64, report: @escaping (AudioNotice) -> Void
    ) {
        feed = access.feed
        self.source = source
        self.wanted = wanted
        active = driver
        self.report = report
        kinds = kind.map { [$0] } ?? wanted
        period = max(1, driver.period)
        nextTry = now + Self.retryInterval
        reporter = AudioReporter(report)
        abandoned = AbandonedCalls()
        let running = RunningDriver(
            driver: driver, owner: access.owner, kind: kind,
            watch: StallWatch(blocks: driver.blocks, now: now), xruns: driver.xruns, second: now)
        if kind == nil { timer = running } else { primary = running }
    }

    /// The current state of the audio output.
    var status: AudioStatus {
        let rate = active.sampleRate
        return AudioStatus(
            active, delay: feed.delay(rate: rate),
            xruns: formerXruns + (primary?.driver.xruns ?? 0) + (timer?.driver.xruns ?? 0),
            isTimer: active === timer?.driver)
    }

    /// Polls the drivers; `now` is in nanoseconds. Called about 50 times a second.
    func step(_ now: UInt64) {
        if feed.prepareMissing() != nil { reporter.restart() }
        if primary != nil {
            pollPrimary(now)
        } else if attempt != nil {
            pollAttempt(now)
        } else if !kinds.isEmpty, now >= nextTry {
            begin(kinds[nextKind % kinds.count], now)
        }
        for name in abandoned.popNames() { report(.abandoned(name: name, count: abandoned.count)) }
        reporter.update(status, active.outputs, engineRate: feed.rate, now: now)
    }

    // MARK: the selected driver

    private func pollPrimary(_ now: UInt64) {
        guard var running = primary else { return }
        let driver = running.driver
        if driver.hasDied { return handleLoss(running, now) }
        let limit = StallWatch.limit(period: driver.period, rate: driver.sampleRate)
        running.watch.update(driver.blocks, now: now, limit: limit)
        primary = running
        if running.isStalled {
            // A server may continue. A card that asks for nothing for a second has too small a buffer for the
            // device or server behind it.
            if case .alsa = running.kind, running.watch.stalledTime > Self.cardTimeout {
                return enlarge(running, .noBlocks, now)
            }
            resumeIfSteady(running, now)
        } else if running.watch.stalledTime > limit {
            guard switchToTimer(now) else { return }
            primary?.isStalled = true
            stalls = min(5, stalls + 1)
            report(.stalled(name: driver.name))
        } else {
            countInterruptions(now)
        }
        if running.watch.activeTime > Self.stallMemory { stalls = 0 }
    }

    /// Uses a stalled driver again once it has asked for audio for long enough.
    private func resumeIfSteady(_ running: RunningDriver, _ now: UInt64) {
        guard running.watch.activeTime > Self.resumeDelay << UInt64(stalls), feed.gate.pass(to: running.owner)
        else { return }
        active = running.driver
        endTimer()
        primary?.isStalled = false
        report(.resumed(name: running.driver.name))
    }

    private func countInterruptions(_ now: UInt64) {
        guard let running = primary, case .alsa = running.kind else { return }
        let count = running.driver.xruns - running.xruns
        if count > Self.xrunLimit { return enlarge(running, .interruptions(count), now) }
        if now &- running.second >= 1_000_000_000 {
            primary?.xruns = running.driver.xruns
            primary?.second = now
        }
    }

    /// Reopens a card with twice the buffer.
    private func enlarge(_ running: RunningDriver, _ cause: AudioNotice.Cause, _ now: UInt64) {
        guard let kind = running.kind, switchToTimer(now) else { return }
        let larger = min(Self.largestPeriod, 2 * max(1, running.driver.period))
        guard larger > running.driver.period else { return handleLoss(running, now) }
        period = larger
        detach(running)
        begin(kind, now, after: running.driver, cause: cause)
    }

    private func handleLoss(_ running: RunningDriver, _ now: UInt64) {
        guard switchToTimer(now) else { return }
        report(.lost(name: running.driver.name))
        detach(running)
        close(running.driver)
        // Only the same kind of driver is tried again: another kind might open the card that the server
        // needs.
        nextTry = now + Self.retryInterval
    }

    private func detach(_ running: RunningDriver) {
        formerXruns += running.driver.xruns
        primary = nil
        kinds = running.kind.map { [$0] } ?? wanted
        nextKind = 0
    }

    private func close(_ driver: any AudioDriver) {
        source.close(driver) { [abandoned, name = driver.name] in abandoned.add(name) }
    }

    // MARK: the timer

    /// Gives the engine to the timer. Returns false if the driver's call has not ended; the next poll
    /// tries again.
    private func switchToTimer(_ now: UInt64) -> Bool {
        if let timer { return feed.gate.owner == timer.owner || feed.gate.pass(to: timer.owner) }
        let access = feed.access()
        guard feed.gate.pass(to: access.owner) else { return false }
        let driver = source.timer(rate: feed.rate, period: min(period, 1024))
        try? driver.start(access)
        active = driver
        timer = RunningDriver(
            driver: driver, owner: access.owner, watch: StallWatch(blocks: 0, now: now), xruns: 0)
        return true
    }

    private func endTimer() {
        guard let timer else { return }
        formerXruns += timer.driver.xruns
        close(timer.driver)
        self.timer = nil
    }

    // MARK: attempts to open a driver

    private func begin(
        _ kind: DriverKind, _ now: UInt64, after former: (any AudioDriver)? = nil,
        cause: AudioNotice.Cause? = nil
    ) {
        let access = feed.access()
        let opening = source.open(kind, rate: feed.rate, period: period, access: access, after: former)
        attempt = Attempt(kind: kind, opening: opening, owner: access.owner, began: now, cause: cause)
    }

    private func pollAttempt(_ now: UInt64) {
        guard let attempt else { return }
        guard let result = attempt.opening.result else {
            // The attempt is never given up: another one would wait for the same server.
            if !attempt.wasReported, now &- attempt.began > Self.reportTimeout {
                self.attempt?.wasReported = true
                report(.stalled(name: attempt.kind.name))
            }
            return
        }
        guard case .success(let driver) = result else {
            self.attempt = nil
            if attempt.cause != nil { report(.lost(name: attempt.kind.name)) }
            nextKind += 1
            // All kinds in turn, then a pause.
            nextTry = nextKind % kinds.count == 0 ? now + Self.retryInterval : now
            return
        }
        guard feed.gate.pass(to: attempt.owner) else { return }
        self.attempt = nil
        active = driver
        endTimer()
        nextKind = 0
        primary = RunningDriver(
            driver: driver, owner: attempt.owner, kind: attempt.kind,
            watch: StallWatch(blocks: driver.blocks, now: now), xruns: driver.xruns, second: now)
        reporter.restart(isFound: attempt.cause == nil)
        if let cause = attempt.cause {
            report(.enlarged(name: driver.name, period: driver.period, cause: cause))
        }
    }

    /// Stops all drivers, waiting at most `seconds`.
    func stop(within seconds: Double) {
        _ = feed.gate.pass(to: 0)
        attempt?.opening.abandon()
        timer?.driver.stop(within: seconds / 2)
        primary?.driver.stop(within: seconds / 2)
    }
}

extension DriverKind {
    /// The name for messages.
    var name: String {
        switch self {
        case .jack: "JACK"
        case .alsa(let device): "ALSA \(device)"
        }
    }
}
