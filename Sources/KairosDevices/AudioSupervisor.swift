import KairosEngine

/// Decides what drives the engine: a sound server or card while it asks for sound, and else a timer.
///
/// It waits for nobody: drivers are opened and closed elsewhere, and it looks what came of it. It has no clock of its
/// own, so that tests decide what time it is.
///
/// > Thread: [supervisor]
final class AudioSupervisor {
    /// A driver with its number at the gate.
    private struct Player {
        let driver: any AudioDriver
        let owner: RenderGate.Owner
        /// Nil for the timer.
        var kind: DriverKind?
        var watch: StallWatch
        /// Whether the timer plays in its place.
        var isStill = false
        /// Interruptions at the beginning of the second that runs, and when it began.
        var xruns = 0
        var second: UInt64 = 0
    }

    private struct Attempt {
        let kind: DriverKind
        let opening: any OpeningDriver
        let owner: RenderGate.Owner
        let began: UInt64
        /// Why a larger buffer was asked for.
        var cause: AudioNotice.Cause?
        var wasTold = false
    }

    /// The largest period that a card is opened with, in frames.
    static let largestPeriod = 8192
    /// More interruptions than this within a second are answered with a larger buffer.
    static let xrunLimit = 10
    /// Nanoseconds after which an attempt that has not returned is told of, and those between two attempts.
    private static let patience: UInt64 = 2_000_000_000, pause: UInt64 = 1_000_000_000

    /// Nanoseconds for which a driver that stood still must go on before it is heard, doubled each time; and those
    /// after which the times before count no more.
    private static let steady: UInt64 = 20_000_000, calm: UInt64 = 3_000_000_000

    /// Nanoseconds for which a card may ask for nothing before it is opened again.
    private static let cardPatience: UInt64 = 1_000_000_000

    private let feed: EngineFeed
    private let source: any DriverSource
    /// What the player asked for, in this order; nothing where only a timer was.
    private let wanted: [DriverKind]
    private let tell: (AudioNotice) -> Void
    /// What drives the engine now.
    private var heard: any AudioDriver
    private var primary: Player?
    private var timer: Player?
    private var attempt: Attempt?
    /// What is tried next, and when.
    private var kinds: [DriverKind]
    private var nextKind = 0
    private var nextTry: UInt64
    private var period: Int
    /// How often a driver stood still, of late: it must go on for longer each time before it is heard again.
    private var stalls = 0
    private var statement: Statement
    /// Interruptions of drivers before.
    private var formerXruns = 0
    private let abandoned: AbandonedCalls

    /// Supervises `driver`, which has started with `access` and owns the gate. `kind` is nil for a timer; `wanted` is
    /// what is looked for then.
    init(
        _ driver: any AudioDriver, kind: DriverKind?, access: EngineAccess, source: any DriverSource,
        wanted: [DriverKind], now: UInt64, tell: @escaping (AudioNotice) -> Void
    ) {
        feed = access.feed
        self.source = source
        self.wanted = wanted
        heard = driver
        self.tell = tell
        kinds = kind.map { [$0] } ?? wanted
        period = max(1, driver.period)
        nextTry = now + Self.pause
        statement = Statement(tell)
        abandoned = AbandonedCalls()
        let player = Player(
            driver: driver, owner: access.owner, kind: kind,
            watch: StallWatch(blocks: driver.blocks, now: now), xruns: driver.xruns, second: now)
        if kind == nil { timer = player } else { primary = player }
    }

    /// What drives the engine now.
    var status: AudioStatus {
        let rate = heard.sampleRate
        return AudioStatus(
            heard, delay: feed.delay(rate: rate),
            xruns: formerXruns + (primary?.driver.xruns ?? 0) + (timer?.driver.xruns ?? 0),
            isTimer: heard === timer?.driver)
    }

    /// One look, some fifty times a second.
    func step(_ now: UInt64) {
        if feed.prepareMissing() != nil { statement.renew() }
        if primary != nil {
            lookAfterPrimary(now)
        } else if attempt != nil {
            lookAfterAttempt(now)
        } else if !kinds.isEmpty, now >= nextTry {
            begin(kinds[nextKind % kinds.count], now)
        }
        for name in abandoned.take() { tell(.abandoned(name: name, count: abandoned.count)) }
        statement.look(status, heard.outputs, engineRate: feed.rate, now: now)
    }

    // MARK: a driver that is there

    private func lookAfterPrimary(_ now: UInt64) {
        guard var player = primary else { return }
        let driver = player.driver
        if driver.hasDied { return lose(player, now) }
        let limit = StallWatch.limit(period: driver.period, rate: driver.sampleRate)
        player.watch.look(driver.blocks, now: now, limit: limit)
        primary = player
        if player.isStill {
            // A server thaws; a card that asks for nothing in a second has too small a buffer for what is behind it.
            if case .alsa = player.kind, player.watch.still > Self.cardPatience {
                return enlarge(player, .noBlocks, now)
            }
            goOnIfSteady(player, now)
        } else if player.watch.still > limit {
            guard takeOver(now) else { return }
            primary?.isStill = true
            stalls = min(5, stalls + 1)
            tell(.standsStill(name: driver.name))
        } else {
            countInterruptions(now)
        }
        if player.watch.moving > Self.calm { stalls = 0 }
    }

    /// A server that asks for sound again is heard again, once it has done so for a while.
    private func goOnIfSteady(_ player: Player, _ now: UInt64) {
        guard player.watch.moving > Self.steady << UInt64(stalls), feed.gate.pass(to: player.owner)
        else { return }
        heard = player.driver
        endTimer()
        primary?.isStill = false
        tell(.goesOn(name: player.driver.name))
    }

    private func countInterruptions(_ now: UInt64) {
        guard let player = primary, case .alsa = player.kind else { return }
        let count = player.driver.xruns - player.xruns
        if count > Self.xrunLimit { return enlarge(player, .interruptions(count), now) }
        if now &- player.second >= 1_000_000_000 {
            primary?.xruns = player.driver.xruns
            primary?.second = now
        }
    }

    /// Opens a card again with twice the buffer.
    private func enlarge(_ player: Player, _ cause: AudioNotice.Cause, _ now: UInt64) {
        guard let kind = player.kind, takeOver(now) else { return }
        let larger = min(Self.largestPeriod, 2 * max(1, player.driver.period))
        guard larger > player.driver.period else { return lose(player, now) }
        period = larger
        forget(player)
        begin(kind, now, after: player.driver, cause: cause)
    }

    private func lose(_ player: Player, _ now: UInt64) {
        guard takeOver(now) else { return }
        tell(.lost(name: player.driver.name))
        forget(player)
        close(player.driver)
        // What was lost comes back, not something else in its place: whatever takes a card keeps its server out.
        nextTry = now + Self.pause
    }

    private func forget(_ player: Player) {
        formerXruns += player.driver.xruns
        primary = nil
        kinds = player.kind.map { [$0] } ?? wanted
        nextKind = 0
    }

    private func close(_ driver: any AudioDriver) {
        source.close(driver) { [abandoned, name = driver.name] in abandoned.add(name) }
    }

    // MARK: the timer

    /// Lets the timer drive the engine. False where the driver's call has not ended; the next look tries again.
    private func takeOver(_ now: UInt64) -> Bool {
        if let timer { return feed.gate.owner == timer.owner || feed.gate.pass(to: timer.owner) }
        let access = feed.access()
        guard feed.gate.pass(to: access.owner) else { return false }
        let driver = source.timer(rate: feed.rate, period: min(period, 1024))
        try? driver.start(access)
        heard = driver
        timer = Player(
            driver: driver, owner: access.owner, watch: StallWatch(blocks: 0, now: now), xruns: 0)
        return true
    }

    private func endTimer() {
        guard let timer else { return }
        formerXruns += timer.driver.xruns
        close(timer.driver)
        self.timer = nil
    }

    // MARK: a driver that is looked for

    private func begin(
        _ kind: DriverKind, _ now: UInt64, after former: (any AudioDriver)? = nil,
        cause: AudioNotice.Cause? = nil
    ) {
        let access = feed.access()
        let opening = source.open(kind, rate: feed.rate, period: period, access: access, after: former)
        attempt = Attempt(kind: kind, opening: opening, owner: access.owner, began: now, cause: cause)
    }

    private func lookAfterAttempt(_ now: UInt64) {
        guard let attempt else { return }
        guard let result = attempt.opening.result else {
            // It is waited for as long as it takes: another would wait for the same server.
            if !attempt.wasTold, now &- attempt.began > Self.patience {
                self.attempt?.wasTold = true
                tell(.standsStill(name: attempt.kind.name))
            }
            return
        }
        guard case .success(let driver) = result else {
            self.attempt = nil
            if attempt.cause != nil { tell(.lost(name: attempt.kind.name)) }
            nextKind += 1
            // All kinds in turn, then a pause.
            nextTry = nextKind % kinds.count == 0 ? now + Self.pause : now
            return
        }
        guard feed.gate.pass(to: attempt.owner) else { return }
        self.attempt = nil
        heard = driver
        endTimer()
        nextKind = 0
        primary = Player(
            driver: driver, owner: attempt.owner, kind: attempt.kind,
            watch: StallWatch(blocks: driver.blocks, now: now), xruns: driver.xruns, second: now)
        statement.renew(isFound: attempt.cause == nil)
        if let cause = attempt.cause {
            tell(.enlarged(name: driver.name, period: driver.period, cause: cause))
        }
    }

    /// Ends everything within `seconds`, as far as it ends.
    func stop(within seconds: Double) {
        _ = feed.gate.pass(to: 0)
        attempt?.opening.abandon()
        timer?.driver.stop(within: seconds / 2)
        primary?.driver.stop(within: seconds / 2)
    }
}

extension DriverKind {
    /// For the player.
    var name: String {
        switch self {
        case .jack: "JACK"
        case .alsa(let device): "ALSA \(device)"
        }
    }
}
