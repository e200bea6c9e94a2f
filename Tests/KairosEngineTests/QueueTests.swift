import KairosControl
import KairosDSP
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

/// Queues of the audio thread: their order, and the work of their worst cases. Work is counted, not timed.
@Suite struct QueueTests {
    private static let timebase = Timebase.offline(sampleRate: 48_000)

    /// Removes all events in the order in which they act.
    private func drain(_ queue: inout EventQueue) -> [Event] {
        var events: [Event] = []
        while queue.first(before: .max) != nil {
            queue.stage(actsOnTick: true)
            if let next = queue.next { events.append(next.event) }
            queue.finish()
        }
        return events
    }

    /// Fails where events of several inputs act in another order than time stamp, input, arrival.
    @Test func `events act in the order of stamp, input and arrival`() {
        var queue = EventQueue()
        let rings = (0..<3).map { _ in Ring<Event>(capacity: 4096) }
        for ring in rings { queue.add(ring) }
        var state: UInt32 = 1
        var expected: [Event] = []
        for index in 0..<3000 {
            state = scrambled(state &+ 0x9e37_79b9)
            let input = Int(state % 3)
            let event = Event(
                .noteOn, stamp: UInt64(state >> 8 & 63) * 1000, number: UInt32(index), input: UInt8(2 - input)
            )
            rings[input].push(event)
            expected.append(event)
        }
        _ = withExtendedLifetime(rings) { queue.takeIn(Self.timebase, clock: 0, limit: .max) }
        // A stable sort: within one input the arrival decides.
        let order = expected.enumerated().sorted {
            ($0.element.stamp, $0.element.input, $0.offset) < ($1.element.stamp, $1.element.input, $1.offset)
        }
        let events = withExtendedLifetime(rings) { drain(&queue) }
        let difference = zip(events, order).first { $0 != $1.element }
        #expect(events.count == order.count && difference == nil)
    }

    /// Fails where a later event overtakes one whose frame is fixed.
    @Test func `no event overtakes the one that acts next`() {
        var queue = EventQueue()
        let ring = Ring<Event>(capacity: 4096)
        queue.add(ring)
        ring.push(Event(.noteOn, stamp: 1_000_000, number: 1))
        _ = queue.takeIn(Self.timebase, clock: 0, limit: .max)
        let first = queue.first(before: 100)
        #expect(first?.number == 1)
        queue.stage(actsOnTick: false)
        ring.push(Event(.noteOn, stamp: 500_000, number: 2))
        _ = withExtendedLifetime(ring) { queue.takeIn(Self.timebase, clock: 0, limit: .max) }
        let (next, other) = (queue.next?.event.number, queue.first(before: 100))
        #expect(next == 1 && other == nil)
        queue.finish()
        let last = queue.first(before: 100)
        #expect(last?.number == 2)
    }

    /// Fails where falling, rising or equal time stamps cost more than the logarithm of their number each: 4000 falling
    /// ones cost 8 million moves by insertion.
    @Test(arguments: ["falling", "rising", "equal", "mixed"]) func `sorting takes twelve steps an event`(
        stamps: String
    ) {
        for count in [1000, 4000] {
            var queue = EventQueue()
            let ring = Ring<Event>(capacity: 4096)
            queue.add(ring)
            for index in 0..<count {
                let stamp =
                    switch stamps {
                    case "falling": count - index
                    case "rising": index
                    case "equal": 0
                    default: Int(scrambled(UInt32(index)) % 1000)
                    }
                ring.push(Event(.panic, stamp: UInt64(stamp) * 10_000))
            }
            _ = withExtendedLifetime(ring) { queue.takeIn(Self.timebase, clock: 0, limit: .max) }
            let before = queue.steps
            #expect(before <= 13 * count, "\(before) steps to take in \(count)")
            let events = drain(&queue)
            let steps = queue.steps - before
            #expect(events.count == count && steps <= 13 * count, "\(steps) steps to take out \(count)")
        }
    }

    /// Fails where an input that sends far ahead fills the queue, so that keys are not heard.
    @Test func `an input that sends ahead does not block others`() {
        var queue = EventQueue()
        let rings = (0..<2).map { _ in Ring<Event>(capacity: 4096) }
        for ring in rings { queue.add(ring) }
        for _ in 0..<4 {
            for index in 0..<4096 {
                rings[0].push(Event(.noteOff, stamp: 3_600_000_000_000, number: UInt32(index % 128)))
            }
            _ = queue.takeIn(Self.timebase, clock: 0, limit: .max)
        }
        rings[1].push(Event(.noteOn, stamp: 0, number: 60))
        _ = withExtendedLifetime(rings) { queue.takeIn(Self.timebase, clock: 0, limit: .max) }
        let first = queue.first(before: 10)
        #expect(first?.kind == .noteOn)
    }

    /// Fails where a frame is computed by arithmetic that traps.
    @Test func `any time stamp is accepted`() {
        for clock in [0, 1 << 31, 1 << 32, 1 << 60] {
            var queue = EventQueue()
            let ring = Ring<Event>(capacity: 64)
            queue.add(ring)
            let stamps: [UInt64] = [0, 1, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max]
            for stamp in stamps { ring.push(Event(.panic, stamp: stamp)) }
            let rate = Timebase(stamp: 1 << 40, frame: clock, framesPerNanosecond: 48e-6)
            let taken = withExtendedLifetime(ring) { queue.takeIn(rate, clock: clock, limit: .max) }
            let events = drain(&queue)
            #expect(taken == stamps.count && events.map(\.stamp) == stamps)
        }
    }

    /// Fails where thousands of events on one frame delay later ones, or are lost.
    @Test(arguments: [1, 100, 8192]) func `ten thousand events on one frame delay nothing`(period: Int) throws
    {
        var events = (0..<10_000).map { index in
            Event(.tuneKey, stamp: 1_000_000, number: UInt32(index % 16_384), normalized: 60 << 14)
        }
        events.append(Event(.noteOn, stamp: 1_000_000, number: 60, normalized: .max))
        events += (0..<10_000).map { _ in Event(.noteOff, stamp: 2_000_000, number: 61) }
        events.append(Event(.noteOff, stamp: 2_000_000, number: 60))
        let rendering = Rendering(
            [Sound(try Timeline.patch("A"))], events, frames: 9600, periods: [period])
        #expect(rendering.left.firstIndex { $0 > 0 } == 48)
        #expect(rendering.left[96..<9600].allSatisfy { $0 == 0 })
    }

    /// Fails where adding a change searches all waiting ones.
    @Test func `a change is added and taken out in a few steps, however many wait`() {
        for count in [64, 512, 2048] {
            var queue = ControlQueue()
            for round in 0..<4 {
                for index in 0..<count {
                    let address = InstanceAddress(
                        place: .slot(UInt8(index % 64)), generation: UInt32(index / 64))
                    let change = ControlChange(
                        target: .parameter(address, Int32(index)), value: .number(Float(round)), due: 16)
                    let isTaken = queue.add(change)
                    #expect(isTaken)
                }
            }
            let before = queue.steps
            #expect(before < 8 * 4 * count, "\(before) steps for 4 × \(count) changes")
            let (first, none) = (queue.nextDue, queue.pop(dueBy: 15))
            #expect(first == 16 && none == 0)
            let (taken, rest) = (queue.pop(dueBy: 16), queue.nextDue)
            #expect(taken == count && rest == .max)
            let steps = queue.steps - before
            #expect(steps < 4 * count + 64, "\(steps)")
            var values: Set<ParamValue?> = []
            for index in 0..<count { values.insert(queue[index].value) }
            #expect(values == [3])
        }
    }

    /// Fails where the last value does not win, changes of different ticks are mixed, or an order is lost.
    @Test func `the last value for a tick counts, in the order of the first`() {
        var queue = ControlQueue()
        var expected: [Int: [(target: ControlTarget, value: ParamValue?)]] = [:]
        var state: UInt32 = 7
        for round in 0..<2000 {
            state = scrambled(state &+ 0x9e37_79b9)
            let due = 16 * Int(state % 4), target: ControlTarget
            switch (state >> 8) % 5 {
            case 0: target = .channel(.bend, state: UInt8((state >> 16) % 80))
            case 1: target = .strip(.volume, UInt8((state >> 16) % 17))
            case 2: target = .notePressure((state >> 16) % 100)
            case 3:
                target = .gate(
                    InstanceAddress(place: .masterEffects, generation: 3), Int32((state >> 16) % 9))
            default: target = .master(.tuning)
            }
            let isTaken = queue.add(ControlChange(target: target, value: .number(Float(round)), due: due))
            #expect(isTaken)
            var changes = expected[due, default: []]
            if let place = changes.firstIndex(where: { $0.target == target }) {
                changes[place].value = .number(Float(round))
            } else {
                changes.append((target, .number(Float(round))))
            }
            expected[due] = changes
        }
        for due in [0, 16, 32, 48] {
            let next = queue.nextDue
            #expect(next == due)
            var taken: [ControlChange] = []
            for index in 0..<queue.pop(dueBy: due) { taken.append(queue[index]) }
            #expect(taken.map(\.target) == expected[due]?.map(\.target))
            #expect(taken.map(\.value) == expected[due]?.map(\.value))
        }
    }

    /// Fails where the work of a live block grows with the number of events that its inputs have received.
    @Test func `a live block takes no more events than its length allows`() throws {
        var setup = EngineSetup(rig: Rig([Sound(try Timeline.patch("A"))]))
        setup.isLive = true
        let engine = Engine(setup), loader = Loader(engine)
        let rings = [engine.addInput(), engine.addInput()]
        engine.select(entry: 0, part: 0)
        loader.service()
        var left = [Float](repeating: 0, count: 64), right = left
        func render() {
            left.withUnsafeMutableBufferPointer { l in
                right.withUnsafeMutableBufferPointer { r in
                    if let l = l.baseAddress, let r = r.baseAddress {
                        engine.render(left: l, right: r, frames: 64, timebase: Self.timebase)
                    }
                }
            }
        }
        render()
        for _ in 0..<4000 { rings[0].push(Event(.noteOff, number: 61)) }
        rings[1].push(Event(.noteOn, stamp: 1, number: 60, normalized: .max, input: 1))
        var acted: [Int] = []
        for _ in 0..<40 {
            let before = engine.timing.events
            render()
            acted.append(engine.timing.events - before)
        }
        #expect(acted.allSatisfy { $0 <= 256 } && acted.reduce(0, +) == 4001, "\(acted)")
        #expect(engine.status.lateEvents == 4001)
        #expect(left[63] > 0)
    }
}
