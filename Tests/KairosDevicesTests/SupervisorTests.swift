import Foundation
import KairosEngine
import Synchronization
import Testing

@testable import KairosDevices

/// What drives the engine when servers die, freeze, thaw and return. The test decides what time it is and when a
/// driver asks for a block.
@Suite struct Supervision {
    private static let millisecond: UInt64 = 1_000_000

    /// A driver that asks for blocks when the test says so.
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

        /// One block; whether the engine played it.
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

    /// Opens nothing by itself: the test answers.
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

        func close(_ driver: any AudioDriver, ifStuck told: @escaping @Sendable () -> Void) {
            if let driver = driver as? FakeDriver { closed.append(driver) }
        }

        func timer(rate: Int, period: Int) -> any AudioDriver {
            let timer = FakeDriver()
            timer.name = "timer"
            timer.period = period
            timers.append(timer)
            return timer
        }

        /// The attempt that was begun last opens `driver`.
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

        /// Looks every 10 ms for `milliseconds`; `asking` asks for blocks meanwhile.
        func run(_ milliseconds: Int, asking: FakeDriver? = nil) {
            for _ in 0..<milliseconds / 10 {
                now += 10 * Supervision.millisecond
                asking?.ask()
                supervisor.step(now)
            }
        }

        func told() -> [AudioNotice] {
            defer { log.notices = [] }
            return log.notices.filter { if case .sound = $0 { false } else { true } }
        }
    }

    @Test func `a server that dies is replaced by the timer at the next look`() throws {
        let rig = try Rig()
        rig.run(500, asking: rig.driver)
        #expect(rig.told().isEmpty && rig.source.timers.isEmpty)
        rig.driver.hasDied = true
        rig.run(10)
        #expect(rig.told() == [.lost(name: "JACK")])
        #expect(rig.source.timers.first?.ask() == true)
        // Its thread may come back from the dead: it is not heard.
        #expect(!rig.driver.ask())
        #expect(rig.source.closed.first === rig.driver)
    }

    @Test
    func `a server that freezes is noticed after four periods and 100 ms, and heard again when it thaws`()
        throws
    {
        let rig = try Rig()
        rig.driver.period = 1024
        rig.run(200, asking: rig.driver)
        // 4 × 1024 frames are 85.3 ms.
        rig.run(180)
        #expect(rig.source.timers.isEmpty)
        rig.run(20)
        #expect(rig.told() == [.standsStill(name: "JACK")])
        let timer = try #require(rig.source.timers.first)
        #expect(timer.ask() && !rig.driver.ask())
        // Nobody closes it, and nothing is opened while it is there.
        rig.run(5000)
        #expect(rig.source.closed.isEmpty && rig.source.openings.isEmpty && rig.told().isEmpty)
        rig.run(40, asking: rig.driver)
        #expect(rig.told().isEmpty)
        rig.run(20, asking: rig.driver)
        #expect(rig.told() == [.goesOn(name: "JACK")])
        #expect(rig.driver.ask() && !timer.ask())
        #expect(rig.source.closed.first === timer)
    }

    @Test func `a frozen server that is killed is lost, and its successor is used`() throws {
        let rig = try Rig()
        rig.run(100, asking: rig.driver)
        rig.run(300)
        rig.driver.hasDied = true
        rig.run(1000)
        #expect(rig.told() == [.standsStill(name: "JACK"), .lost(name: "JACK")])
        rig.run(20)
        #expect(rig.source.openings.count == 1)
        let next = FakeDriver()
        try rig.source.answer(next)
        rig.run(10)
        #expect(rig.told() == [.found(name: "JACK")])
        #expect(next.ask() && rig.source.timers.first?.ask() == false)
    }

    @Test func `an attempt that hangs is told once, waited for, and not repeated`() throws {
        let rig = try Rig()
        rig.driver.hasDied = true
        rig.run(60_000)
        #expect(rig.source.openings.count == 1)
        #expect(rig.told() == [.lost(name: "JACK"), .standsStill(name: "JACK")])
        rig.source.openings[0].opening.result = .failure(DeviceError("no"))
        rig.run(2500)
        #expect(rig.source.openings.count == 2)
        #expect(rig.told().isEmpty)
    }

    @Test func `what was lost is looked for, and nothing in its place`() throws {
        let rig = try Rig(.jack, kinds: [.jack, .alsa("default")])
        rig.driver.hasDied = true
        for _ in 0..<20 {
            rig.run(500)
            rig.source.openings.last?.opening.result = .failure(DeviceError("no"))
        }
        #expect(rig.source.openings.count >= 5 && rig.source.openings.allSatisfy { $0.kind == .jack })
        // Where there was nothing, everything is tried in turn.
        let none = try Rig(nil, kinds: [.jack, .alsa("default")])
        for _ in 0..<20 {
            none.run(500)
            none.source.openings.last?.opening.result = .failure(DeviceError("no"))
        }
        #expect(Set(none.source.openings.map(\.kind.name)) == ["JACK", "ALSA default"])
    }

    @Test func `a process that was stopped has not seen its server stand still`() throws {
        let rig = try Rig()
        rig.run(200, asking: rig.driver)
        rig.now += 10_000 * Self.millisecond
        rig.run(10)
        rig.run(200, asking: rig.driver)
        #expect(rig.told().isEmpty && rig.source.timers.isEmpty)
    }

    @Test func `a card that asks for nothing is opened again with twice the buffer, until it asks`() throws {
        let rig = try Rig(.alsa("default"), kinds: [.alsa("default")])
        rig.driver.name = "ALSA default"
        for period in [256, 512, 1024] {
            rig.run(1000)
            // The timer plays at once; the card has a second.
            #expect(rig.source.openings.last?.period != period && rig.source.timers.last?.ask() == true)
            #expect(rig.told() == [.standsStill(name: "ALSA default")])
            rig.run(100)
            let last = try #require(rig.source.openings.last)
            #expect(last.period == period && last.former != nil)
            // The timer plays meanwhile.
            #expect(rig.source.timers.last?.ask() == true)
            let card = FakeDriver()
            card.name = "ALSA default"
            card.period = period
            try rig.source.answer(card)
            rig.run(10)
            #expect(rig.told() == [.enlarged(name: "ALSA default", period: period, cause: .noBlocks)])
            if period == 1024 {
                rig.run(2000, asking: card)
                #expect(rig.source.openings.count == 3 && card.ask() && rig.told().isEmpty)
            }
        }
    }

    @Test func `interruptions that follow each other enlarge the buffer, and few do not`() throws {
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
        // JACK's own interruptions are its server's to answer.
        let jack = try Rig()
        for _ in 0..<200 {
            jack.driver.xruns += 1
            jack.run(10, asking: jack.driver)
        }
        #expect(jack.source.openings.isEmpty && jack.source.timers.isEmpty)
    }

    @Test func `a card that cannot be opened again is lost, and found when it returns`() throws {
        let rig = try Rig(.alsa("default"), kinds: [.alsa("default")])
        rig.run(1200)
        rig.source.openings[0].opening.result = .failure(DeviceError("no"))
        rig.run(2000)
        #expect(rig.told().last == .lost(name: "ALSA default"))
        let card = FakeDriver()
        card.name = "ALSA default"
        try rig.source.answer(card)
        rig.run(10)
        #expect(rig.told() == [.found(name: "ALSA default")] && card.ask())
    }

    @Test func `a buffer is not enlarged for ever`() throws {
        let rig = try Rig(.alsa("default"), kinds: [.alsa("default")])
        rig.driver.period = 8192
        rig.run(3000)
        #expect(rig.told().contains(.lost(name: "JACK")))
        #expect(rig.source.openings.allSatisfy { $0.period <= 8192 && $0.former == nil })
    }

    @Test func `another sample rate is converted, and told once`() throws {
        let rig = try Rig()
        rig.run(500, asking: rig.driver)
        _ = rig.told()
        rig.driver.sampleRate = 44_100
        // No block at that rate before there is a converter.
        #expect(!rig.driver.ask())
        let before = rig.feed.engine.clock
        rig.run(10)
        #expect(rig.driver.ask() && rig.feed.engine.clock > before)
        let clock = rig.feed.engine.clock
        for _ in 0..<1000 { rig.driver.ask() }
        // 128 frames at 44.1 kHz are 139.3 at 48 kHz.
        #expect(abs(Double(rig.feed.engine.clock - clock) - 128_000 * 48 / 44.1) < 2)
        rig.run(3000, asking: rig.driver)
        #expect(rig.told() == [.converted(name: "JACK", rate: 44_100, engineRate: 48_000)])
        rig.driver.sampleRate = 48_000
        rig.run(1000, asking: rig.driver)
        #expect(rig.told().isEmpty)
    }

    @Test func `latency and connections are stated, and again when they change`() throws {
        let rig = try Rig()
        rig.driver.outputLatency = 512
        rig.driver.outputs = .ports([])
        func sounds() -> [Double] {
            rig.log.notices.compactMap { if case .sound(_, _, _, let latency) = $0 { latency } else { nil } }
        }
        rig.run(600, asking: rig.driver)
        // 128 + 512 frames.
        #expect(sounds() == [13.3])
        rig.driver.outputs = .ports(["system:playback_1"])
        rig.driver.outputLatency = 1024
        rig.run(500, asking: rig.driver)
        #expect(sounds() == [13.3, 24])
        rig.driver.outputs = .ports([])
        rig.run(900, asking: rig.driver)
        #expect(rig.told() == [.connected(name: "JACK", ports: ["system:playback_1"])])
        rig.run(5000, asking: rig.driver)
        #expect(rig.told() == [.unconnected(name: "JACK")])
        #expect(sounds() == [])
    }
}

/// Who may call the engine.
@Suite struct Gate {
    @Test func `one owner at a time, and none while a call is under way`() {
        let gate = RenderGate()
        let first = gate.newOwner(), second = gate.newOwner()
        #expect(!gate.enter(first) && gate.pass(to: first))
        #expect(gate.enter(first) && !gate.enter(second) && !gate.enter(first))
        #expect(!gate.pass(to: second, within: 1_000_000) && gate.owner == first)
        gate.leave(first)
        #expect(gate.pass(to: second) && !gate.enter(first) && gate.enter(second))
        gate.leave(second)
    }

    /// What the threads of the test below share.
    private final class Contest: Sendable {
        let gate = RenderGate()
        let inside = Atomic<Int>(0), clashes = Atomic<Int>(0), calls = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
        let finished = DispatchSemaphore(value: 0)

        /// Drives as fast as it may, until it is over.
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

    /// Two threads that both believe they drive, and a third that passes the gate to and fro.
    @Test func `Threads never call the engine at the same time`() {
        let contest = Contest()
        let owners = [contest.gate.newOwner(), contest.gate.newOwner()]
        for owner in owners { Thread { contest.drive(owner) }.start() }
        for turn in 0..<200 {
            #expect(contest.gate.pass(to: owners[turn % 2], within: 10_000_000_000))
            // Each owner gets so far as to call before the gate is passed on.
            let before = contest.calls.load(ordering: .relaxed)
            while contest.calls.load(ordering: .relaxed) == before { sched_yield() }
        }
        contest.isOver.store(true, ordering: .relaxed)
        for _ in owners { contest.finished.wait() }
        #expect(contest.clashes.load(ordering: .relaxed) == 0 && contest.calls.load(ordering: .relaxed) > 0)
    }
}
