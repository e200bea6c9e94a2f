import Foundation
import KairosCompiler
import KairosEngine
import Synchronization
import Testing

@testable import KairosDevices

/// The selection of the driver when servers die, freeze, resume and return. The test controls the time and
/// when a driver asks for a block.
@Suite struct SupervisorTests {
    private static let millisecond: UInt64 = 1_000_000

    /// A driver that asks for a block when the test calls ``ask()``.
    private final class FakeDriver: AudioDriver, @unchecked Sendable {
        var name = "JACK"
        var sampleRate = 48_000
        var period = 128
        var latency: Int { period }
        var outputLatency = 0
        var xruns = 0
        var blocks = 0
        var hasDied = false
        var outputs = AudioOutputs.fixed
        var priorityError: Int32 = 0
        var access: EngineAccess?
        var stops = 0
        private let left = UnsafeMutablePointer<Float>.allocate(capacity: 8192)
        private let right = UnsafeMutablePointer<Float>.allocate(capacity: 8192)

        deinit {
            left.deallocate()
            right.deallocate()
        }

        func start(_ access: EngineAccess) throws { self.access = access }

        @discardableResult func stop(within seconds: Double) -> Bool {
            stops += 1
            return true
        }

        /// Asks for one block. Returns whether the engine rendered it.
        @discardableResult func ask() -> Bool {
            blocks += 1
            let time = BlockTime(stamp: 0, latency: period, framesPerNanosecond: Double(sampleRate) * 1e-9)
            return access?.render(left, right, period, rate: sampleRate, time) ?? false
        }
    }

    private final class Opening: OpeningDriver, @unchecked Sendable {
        var result: Result<any AudioDriver, DeviceError>?
        var isAbandoned = false
        func abandon() { isAbandoned = true }
    }

    /// A source whose attempts to open are answered by the test.
    private final class FakeSource: DriverSource, @unchecked Sendable {
        var openings:
            [(kind: DriverKind, period: Int, access: EngineAccess, former: FakeDriver?, opening: Opening)] =
                []
        var closed: [FakeDriver] = []
        var timers: [FakeDriver] = []

        func open(
            _ kind: DriverKind, rate: Int, period: Int, access: EngineAccess, after former: (any AudioDriver)?
        ) -> any OpeningDriver {
            let opening = Opening()
            openings.append((kind, period, access, former as? FakeDriver, opening))
            return opening
        }

        func close(_ driver: any AudioDriver, ifStuck report: @escaping @Sendable () -> Void) {
            if let driver = driver as? FakeDriver { closed.append(driver) }
        }

        func timer(rate: Int, period: Int) -> any AudioDriver {
            let timer = FakeDriver()
            timer.name = "timer"
            timer.period = period
            timers.append(timer)
            return timer
        }

        /// Lets the latest attempt open `driver`.
        func answer(_ driver: FakeDriver) throws {
            let last = try #require(openings.last)
            try driver.start(last.access)
            last.opening.result = .success(driver)
        }
    }

    private final class Log {
        var notices: [AudioNotice] = []
    }

    private final class Rig {
        let feed = EngineFeed(Engine(EngineSetup()))
        let source = FakeSource()
        let driver = FakeDriver()
        var supervisor: AudioSupervisor!
        let log = Log()
        var now: UInt64 = 1_000_000_000

        init(_ kind: DriverKind? = .jack, kinds: [DriverKind] = [.jack]) throws {
            let access = feed.access()
            #expect(feed.gate.pass(to: access.owner))
            try driver.start(access)
            supervisor = AudioSupervisor(
                driver, kind: kind, access: access, source: source,
                wanted: kinds,
                now: now
            ) { [log] in log.notices.append($0) }
        }

        /// Polls every 10 ms for `milliseconds`, while the driver `asking` asks for blocks.
        func run(_ milliseconds: Int, asking: FakeDriver? = nil) {
            for _ in 0..<milliseconds / 10 {
                now += 10 * SupervisorTests.millisecond
                asking?.ask()
                supervisor.step(now)
            }
        }

        /// Returns the notices since the last call, without `.sound`.
        func popNotices() -> [AudioNotice] {
            defer { log.notices = [] }
            return log.notices.filter { if case .sound = $0 { false } else { true } }
        }
    }

    @Test func `a server that dies is replaced by the timer at the next poll`() throws {
        let rig = try Rig()
        rig.run(500, asking: rig.driver)
        #expect(rig.popNotices().isEmpty && rig.source.timers.isEmpty)
        rig.driver.hasDied = true
        rig.run(10)
        #expect(rig.popNotices() == [.lost(name: "JACK")])
        #expect(rig.source.timers.first?.ask() == true)
        // Its thread may still call: it renders silence.
        #expect(!rig.driver.ask())
        #expect(rig.source.closed.first === rig.driver)
    }

    @Test
    func `a server that freezes is replaced after four periods and 100 ms, and used again when it resumes`()
        throws
    {
        let rig = try Rig()
        rig.driver.period = 1024
        rig.run(200, asking: rig.driver)
        // 4 × 1024 frames are 85.3 ms.
        rig.run(180)
        #expect(rig.source.timers.isEmpty)
        rig.run(20)
        #expect(rig.popNotices() == [.stalled(name: "JACK")])
        let timer = try #require(rig.source.timers.first)
        #expect(timer.ask() && !rig.driver.ask())
        // It is not closed, and nothing else is opened.
        rig.run(5000)
        #expect(rig.source.closed.isEmpty && rig.source.openings.isEmpty && rig.popNotices().isEmpty)
        rig.run(40, asking: rig.driver)
        #expect(rig.popNotices().isEmpty)
        rig.run(20, asking: rig.driver)
        #expect(rig.popNotices() == [.resumed(name: "JACK")])
        #expect(rig.driver.ask() && !timer.ask())
        #expect(rig.source.closed.first === timer)
    }

    @Test func `a frozen server that is killed is reported as lost, and its successor is used`() throws {
        let rig = try Rig()
        rig.run(100, asking: rig.driver)
        rig.run(300)
        rig.driver.hasDied = true
        rig.run(1000)
        #expect(rig.popNotices() == [.stalled(name: "JACK"), .lost(name: "JACK")])
        rig.run(20)
        #expect(rig.source.openings.count == 1)
        let next = FakeDriver()
        try rig.source.answer(next)
        rig.run(10)
        #expect(rig.popNotices() == [.found(name: "JACK")])
        #expect(next.ask() && rig.source.timers.first?.ask() == false)
    }

    @Test func `an attempt that hangs is reported once and not repeated`() throws {
        let rig = try Rig()
        rig.driver.hasDied = true
        rig.run(60_000)
        #expect(rig.source.openings.count == 1)
        #expect(rig.popNotices() == [.lost(name: "JACK"), .stalled(name: "JACK")])
        rig.source.openings[0].opening.result = .failure(DeviceError("no"))
        rig.run(2500)
        #expect(rig.source.openings.count == 2)
        #expect(rig.popNotices().isEmpty)
    }

    @Test func `only the kind of driver that was lost is tried again`() throws {
        let rig = try Rig(.jack, kinds: [.jack, .alsa("default")])
        rig.driver.hasDied = true
        for _ in 0..<20 {
            rig.run(500)
            rig.source.openings.last?.opening.result = .failure(DeviceError("no"))
        }
        #expect(rig.source.openings.count >= 5 && rig.source.openings.allSatisfy { $0.kind == .jack })
        // Where no driver was open, all kinds are tried in turn.
        let none = try Rig(nil, kinds: [.jack, .alsa("default")])
        for _ in 0..<20 {
            none.run(500)
            none.source.openings.last?.opening.result = .failure(DeviceError("no"))
        }
        #expect(Set(none.source.openings.map(\.kind.name)) == ["JACK", "ALSA default"])
    }

    @Test func `time in which the process was stopped does not count as a stall`() throws {
        let rig = try Rig()
        rig.run(200, asking: rig.driver)
        rig.now += 10_000 * Self.millisecond
        rig.run(10)
        rig.run(200, asking: rig.driver)
        #expect(rig.popNotices().isEmpty && rig.source.timers.isEmpty)
    }

    @Test func `a card that asks for nothing is reopened with twice the buffer until it asks`() throws {
        let rig = try Rig(.alsa("default"), kinds: [.alsa("default")])
        rig.driver.name = "ALSA default"
        for period in [256, 512, 1024] {
            rig.run(1000)
            // The timer takes over at once; the card is reopened after a second.
            #expect(rig.source.openings.last?.period != period && rig.source.timers.last?.ask() == true)
            #expect(rig.popNotices() == [.stalled(name: "ALSA default")])
            rig.run(100)
            let last = try #require(rig.source.openings.last)
            #expect(last.period == period && last.former != nil)
            // The timer runs the engine meanwhile.
            #expect(rig.source.timers.last?.ask() == true)
            let card = FakeDriver()
            card.name = "ALSA default"
            card.period = period
            try rig.source.answer(card)
            rig.run(10)
            #expect(rig.popNotices() == [.enlarged(name: "ALSA default", period: period, cause: .noBlocks)])
            if period == 1024 {
                rig.run(2000, asking: card)
                #expect(rig.source.openings.count == 3 && card.ask() && rig.popNotices().isEmpty)
            }
        }
    }

    @Test func `frequent interruptions enlarge the buffer, and rare ones do not`() throws {
        let rig = try Rig(.alsa("default"), kinds: [.alsa("default")])
        for _ in 0..<100 {
            rig.driver.xruns += 1
            rig.run(100, asking: rig.driver)
        }
        #expect(rig.source.openings.isEmpty)
        for _ in 0..<20 {
            rig.driver.xruns += 1
            rig.run(50, asking: rig.driver)
        }
        #expect(rig.source.openings.count == 1 && rig.source.openings[0].period == 256)
        // Interruptions of a JACK server have no effect here.
        let jack = try Rig()
        for _ in 0..<200 {
            jack.driver.xruns += 1
            jack.run(10, asking: jack.driver)
        }
        #expect(jack.source.openings.isEmpty && jack.source.timers.isEmpty)
    }

    @Test func `a card that cannot be reopened is reported as lost, and used when it returns`() throws {
        let rig = try Rig(.alsa("default"), kinds: [.alsa("default")])
        rig.run(1200)
        rig.source.openings[0].opening.result = .failure(DeviceError("no"))
        rig.run(2000)
        #expect(rig.popNotices().last == .lost(name: "ALSA default"))
        let card = FakeDriver()
        card.name = "ALSA default"
        try rig.source.answer(card)
        rig.run(10)
        #expect(rig.popNotices() == [.found(name: "ALSA default")] && card.ask())
    }

    @Test func `a buffer is not enlarged beyond the limit`() throws {
        let rig = try Rig(.alsa("default"), kinds: [.alsa("default")])
        rig.driver.period = 8192
        rig.run(3000)
        #expect(rig.popNotices().contains(.lost(name: "JACK")))
        #expect(rig.source.openings.allSatisfy { $0.period <= 8192 && $0.former == nil })
    }

    @Test func `another sample rate is converted and reported once`() throws {
        let rig = try Rig()
        rig.run(500, asking: rig.driver)
        _ = rig.popNotices()
        rig.driver.sampleRate = 44_100
        // Blocks are silent until there is a converter for that rate.
        #expect(!rig.driver.ask())
        let before = rig.feed.engine.clock
        rig.run(10)
        #expect(rig.driver.ask() && rig.feed.engine.clock > before)
        let clock = rig.feed.engine.clock
        for _ in 0..<1000 { rig.driver.ask() }
        // 128 frames at 44.1 kHz are 139.3 at 48 kHz.
        #expect(abs(Double(rig.feed.engine.clock - clock) - 128_000 * 48 / 44.1) < 2)
        rig.run(3000, asking: rig.driver)
        #expect(rig.popNotices() == [.converted(name: "JACK", rate: 44_100, engineRate: 48_000)])
        rig.driver.sampleRate = 48_000
        rig.run(1000, asking: rig.driver)
        #expect(rig.popNotices().isEmpty)
    }

    @Test func `latency and connections are reported, and again when they change`() throws {
        let rig = try Rig()
        rig.driver.outputLatency = 512
        rig.driver.outputs = .ports([])
        func sounds() -> [Double] {
            rig.log.notices.compactMap { if case .sound(_, _, _, let latency) = $0 { latency } else { nil } }
        }
        rig.run(600, asking: rig.driver)
        // 128 + 512 frames, and 76 of the limiter.
        #expect(sounds() == [14.9])
        rig.driver.outputs = .ports(["system:playback_1"])
        rig.driver.outputLatency = 1024
        rig.run(500, asking: rig.driver)
        #expect(sounds() == [14.9, 25.6])
        rig.driver.outputs = .ports([])
        rig.run(900, asking: rig.driver)
        #expect(rig.popNotices() == [.connected(name: "JACK", ports: ["system:playback_1"])])
        rig.run(5000, asking: rig.driver)
        #expect(rig.popNotices() == [.unconnected(name: "JACK")])
        #expect(sounds() == [])
    }
}

/// The gate that lets one driver call the engine.
@Suite struct RenderGateTests {
    @Test func `one owner at a time, and no change while a call runs`() {
        let gate = RenderGate()
        let first = gate.newOwner(), second = gate.newOwner()
        #expect(!gate.enter(first) && gate.pass(to: first))
        #expect(gate.enter(first) && !gate.enter(second) && !gate.enter(first))
        #expect(!gate.pass(to: second, within: 1_000_000) && gate.owner == first)
        gate.leave(first)
        #expect(gate.pass(to: second) && !gate.enter(first) && gate.enter(second))
        gate.leave(second)
    }

    /// The state shared by the threads of the test below.
    private final class Contest: Sendable {
        let gate = RenderGate()
        let inside = Atomic<Int>(0), clashes = Atomic<Int>(0), calls = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
        let finished = DispatchSemaphore(value: 0)

        /// Enters the gate as often as possible until the test is over.
        func drive(_ owner: RenderGate.Owner) {
            while !isOver.load(ordering: .relaxed) {
                guard gate.enter(owner) else { continue }
                if inside.wrappingAdd(1, ordering: .relaxed).oldValue != 0 {
                    clashes.wrappingAdd(1, ordering: .relaxed)
                }
                calls.wrappingAdd(1, ordering: .relaxed)
                inside.wrappingSubtract(1, ordering: .relaxed)
                gate.leave(owner)
            }
            finished.signal()
        }
    }

    /// Two threads try to enter, and a third passes the gate to and fro.
    @Test func `Threads never call the engine at the same time`() {
        let contest = Contest()
        let owners = [contest.gate.newOwner(), contest.gate.newOwner()]
        for owner in owners { Thread { contest.drive(owner) }.start() }
        for turn in 0..<200 {
            #expect(contest.gate.pass(to: owners[turn % 2], within: 10_000_000_000))
            // Each owner makes a call before the gate is passed on.
            let before = contest.calls.load(ordering: .relaxed)
            while contest.calls.load(ordering: .relaxed) == before { sched_yield() }
        }
        contest.isOver.store(true, ordering: .relaxed)
        for _ in owners { contest.finished.wait() }
        #expect(contest.clashes.load(ordering: .relaxed) == 0 && contest.calls.load(ordering: .relaxed) > 0)
    }
}
