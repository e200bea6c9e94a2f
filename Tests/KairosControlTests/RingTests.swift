import Foundation
import KairosControl
import KairosDSP
import KairosTestSupport
import Synchronization
import Testing

/// Rings between threads. Also run under ThreadSanitizer.
@Suite struct RingTests {
    @Test func `values pushed by one thread are popped by another, in order and intact`() {
        let ring = Ring<Event>(capacity: 64)
        let count: UInt32 = 200_000
        @Sendable func event(_ number: UInt32) -> Event {
            let key = UInt64(number) << 32 | UInt64(~number)
            return Event(.setParam(key: key, of: .layer(1), to: 0.5), stamp: UInt64(number), source: 7)
        }
        // A thread, not a task: a task may have to wait for other long-running tests.
        Thread {
            var next: UInt32 = 0
            while next < count {
                if ring.push(event(next)) {
                    next += 1
                } else {
                    sched_yield()
                }
            }
        }.start()
        var expected: UInt32 = 0
        var unreadable = 0
        while expected < count {
            guard let popped = ring.pop() else {
                sched_yield()
                continue
            }
            if popped != event(expected) { unreadable += 1 }
            expected += 1
        }
        #expect(unreadable == 0 && ring.pop() == nil)
    }

    @Test func `a full ring refuses values and counts the refusals`() {
        let ring = Ring<Int>(capacity: 4)
        for value in 0..<6 { ring.push(value) }
        #expect(ring.count == 4 && ring.refusals == 2)
        #expect((0..<4).allSatisfy { ring.pop() == $0 })
    }

    /// Fails where a value that owns memory is lost, or destroyed twice: popped, refused, or left in the ring.
    @Test func `what is left in a ring is destroyed with it, what is refused is not`() {
        struct Owner: ~Copyable, Sendable {
            let destroyed: Counter
            deinit { destroyed.count.add(1, ordering: .relaxed) }
        }
        final class Counter: Sendable { let count = Atomic<Int>(0) }
        let counter = Counter()
        do {
            let ring = Ring<Owner>(capacity: 2)
            for turn in 0..<3 {
                var owner = Optional(Owner(destroyed: counter))
                let isTaken = ring.push(from: &owner), isLeft = owner != nil
                #expect(isTaken == (turn < 2) && isLeft == (turn == 2))
            }
            #expect(counter.count.load(ordering: .relaxed) == 1, "the third was refused")
            let first = ring.pop()
            #expect(counter.count.load(ordering: .relaxed) == 1)
            _ = consume first
            #expect(counter.count.load(ordering: .relaxed) == 2)
        }
        #expect(counter.count.load(ordering: .relaxed) == 3, "the second was left")
    }
}

@Suite struct PositionTests {
    @Test func `0, the centre and full scale are exact from 7 and 14 bits`() {
        #expect(
            NormalizedValue.scaled(0) == 0 && NormalizedValue.scaled(64) == NormalizedValue.centre
                && NormalizedValue.scaled(127) == .max)
        #expect(
            NormalizedValue.scaled(8192, bits: 14) == NormalizedValue.centre
                && NormalizedValue.scaled(16_383, bits: 14) == .max)
        #expect(
            NormalizedValue.fraction(0) == 0 && NormalizedValue.fraction(NormalizedValue.centre) == 0.5
                && NormalizedValue.fraction(.max) == 1)
    }

    @Test(arguments: [UInt32(7), 14]) func `scaling is monotonic and reversible`(bits: UInt32) {
        for value in 1..<UInt32(1 << bits) {
            #expect(NormalizedValue.scaled(value, bits: bits) > NormalizedValue.scaled(value - 1, bits: bits))
        }
        for value in UInt8(0)..<128 {
            #expect(NormalizedValue.sevenBits(NormalizedValue.scaled(value)) == value)
        }
    }
}

@Suite struct ByteStreamTests {
    private func events(_ bytes: [UInt8]) -> [Event] {
        var decoder = MIDIDecoder()
        var events: [Event] = []
        for byte in bytes { decoder.decode(byte) { events.append($0) } }
        return events
    }

    @Test func `running status, with a clock in the middle of a message`() {
        let events = events([0x93, 60, 0xf8, 100, 62, 0xfe, 0, 64, 1])
        #expect(events.map(\.kind) == [.clock, .noteOn, .noteOff, .noteOn])
        #expect(events.map(\.number) == [0, 60, 62, 64] && events[1...].allSatisfy { $0.channel == 3 })
    }

    @Test func `unknown system exclusive is ignored and ends running status`() {
        #expect(events([0x90, 60, 1, 0xf0, 1, 2, 3, 0xf7, 61, 1]).count == 1)
    }

    @Test func `a bank waits for its program`() {
        let events = events([0xb0, 0, 1, 0xb0, 32, 2, 0xc0, 5, 0xc1, 5])
        #expect(
            events.map(\.kind) == [.program, .program] && events.map(\.number) == [(128 + 2) * 128 + 5, 5])
    }
}
