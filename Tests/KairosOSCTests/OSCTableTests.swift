import CRealtime
import Foundation
import Glibc
import Testing

@testable import KairosOSC

/// The tables that clients fill: capacity, replacement and order. Times are passed in, nothing waits.
@Suite struct OSCTableTests {
    private static let second: UInt64 = 1_000_000_000

    /// An open connection for the table, and the socket of its other end.
    private static func connection(now: UInt64) -> (Connection, Int32) {
        var pair: [Int32] = [0, 0]
        let failed = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        precondition(failed == 0)
        return (Connection(pair[0], now: now), pair[1])
    }

    @Test func `idle connections are replaced after a minute and never before`() {
        var table = ConnectionTable(), ends: [Int32] = []
        defer { for end in ends { close(end) } }
        func add(_ now: UInt64) -> Bool {
            let (new, end) = Self.connection(now: now)
            ends.append(end)
            return table.add(new, now: now)
        }
        for place in 0..<32 { #expect(add(UInt64(place) * Self.second)) }
        #expect(!add(59 * Self.second), "the oldest is idle for 59 s")
        #expect(table.removeClosed() == [])
        let first = table.connections[0], second = table.connections[1]
        // The oldest connection sends a packet; half a packet does not count.
        let whole: [UInt8] = [0, 0, 0, 4, 0x2f, 0x61, 0, 0]
        first.append(whole, now: 59 * Self.second) { _ in }
        second.append(whole[..<6], now: 59 * Self.second) { _ in }
        #expect(!add(60 * Self.second), "the second is idle for 59 s")
        #expect(add(61 * Self.second))
        #expect(second.isClosed && !first.isClosed)
        #expect(table.removeClosed() == [second.name] && table.connections.count == 32)
        // Every idle connection is replaced, one after the other.
        for number in 0..<32 { #expect(add((200 + UInt64(number)) * Self.second)) }
        _ = table.removeClosed()
        #expect(table.connections.count == 32)
        #expect(!add(232 * Self.second))
    }

    @Test func `idle clients are replaced, at once if they lose nothing`() {
        var table = ClientTable()
        func enter(_ name: String, _ now: UInt64, drafts: Bool = true) -> ClientTable.Entry {
            table.enter(name, now: now * Self.second, hasDraft: { _ in drafts })
        }
        for number in 0..<64 { #expect(enter("c\(number)", UInt64(number)) == .entered(dismissed: nil)) }
        #expect(enter("late", 599) == .full, "every client has a draft, and none is idle long enough")
        #expect(enter("c0", 599) == .entered(dismissed: nil))
        #expect(enter("late", 600) == .full)
        #expect(enter("late", 601) == .entered(dismissed: "c1"), "the client that has been idle longest")
        #expect(
            table.recordUse("c1", now: 602 * Self.second) == .dismissed
                && table.recordUse("c1", now: 602) == .unknown)
        #expect(table.recordUse("c0", now: 602 * Self.second) == .known)
        // A client without a draft and a layer loses nothing: it is replaced at once and gets no error.
        table.setLayer(3, for: "c2")
        #expect(enter("now", 601, drafts: false) == .entered(dismissed: "c3"))
        #expect(table.recordUse("c3", now: 602) == .unknown)
        #expect(table.layer(of: "c2") == 3 && table.layer(of: "c3") == 0)
        // After ten thousand invented senders the table has not grown, and a new client is added.
        for number in 0..<10_000 { _ = enter("x\(number)", 700 + UInt64(number), drafts: false) }
        #expect(enter("me", 20_000) == .entered(dismissed: "c2"))
        #expect(table.recordUse("c2", now: 0) == .dismissed)
    }

    private static func sender(_ name: String) -> Sender { Sender(tcp: named[name]!) }

    private static let named = Dictionary(
        uniqueKeysWithValues: ["a", "b", "c"].map { ($0, connection(now: 0).0) })

    @Test func `scheduled commands are ordered by time and bounded in number and size`() throws {
        var schedule = OSCSchedule()
        func job(_ client: String, _ stamp: UInt64, _ text: String = "") -> OSCJob {
            OSCJob(message: OSCMessage("/x", [.string(text)]), sender: Self.sender(client), stamp: stamp)
        }
        for stamp in [30, 10, 20, 10] as [UInt64] {
            try schedule.insert(job("a", stamp, "\(stamp)"), now: 0)
        }
        #expect(schedule.next == 10)
        #expect(schedule.popDue(20).map(\.stamp) == [10, 10, 20] && schedule.next == 30)
        #expect(schedule.popDue(29).isEmpty && schedule.popDue(30).count == 1 && schedule.next == nil)
        func refusal(_ job: OSCJob) -> String? {
            do {
                try schedule.insert(job, now: 5)
                return nil
            } catch { return error.code }
        }
        #expect(refusal(job("a", 5 + 3600 * Self.second)) == nil)
        #expect(refusal(job("a", 6 + 3600 * Self.second)) == "limit" && refusal(job("a", .max)) == "limit")
        for _ in 1..<512 { #expect(refusal(job("a", 100)) == nil) }
        #expect(refusal(job("a", 100)) == "busy", "one client may use half of the schedule")
        #expect(refusal(job("b", 100)) == nil)
        _ = schedule.popDue(.max)
        let large = String(repeating: "x", count: 1 << 20)
        for _ in 0..<15 { #expect(refusal(job("a", 100, large)) == nil) }
        #expect(refusal(job("b", 100, large)) == "busy" && refusal(job("b", 100)) == nil)
    }

    @Test func `queued commands are bounded in number and size`() {
        var queue = OSCJobQueue()
        func add(_ text: String) -> Bool {
            queue.append(
                OSCJob(message: OSCMessage("/x", [.string(text)]), sender: Self.sender("c"), stamp: 0))
        }
        for number in 0..<1024 { #expect(add("\(number)")) }
        #expect(!add("one more"))
        for number in 0..<1024 { #expect(queue.pop()?.message.values == [.string("\(number)")]) }
        #expect(queue.pop() == nil)
        let large = String(repeating: "x", count: 1 << 20)
        var count = 0
        while add(large) { count += 1 }
        #expect(count == 15)
        while queue.pop() != nil {}
        #expect(add(large), "popped commands free their room")
    }

    /// Fails if a truncated frame changes the first byte of the next one.
    @Test func `an escape at the end of a SLIP frame does not affect the next frame`() {
        let (connection, other) = Self.connection(now: 0)
        defer { close(other) }
        let packet = OSCMessage("/panic").bytes
        var taken: [[UInt8]] = []
        connection.append([0xc0, 1, 0xdb, 0xc0] + packet + [0xc0], now: 0) { taken.append($0) }
        #expect(taken == [[1], packet])
    }

    @Test func `an invalid message is reported with its address if it has one`() {
        func unread(_ bytes: [UInt8]) -> String? { OSCPacket(bytes[...]).unread }
        let good = OSCMessage("/note/on", [.int(1), .int(60), .int(100)]).bytes
        #expect(unread(good) == nil)
        #expect(unread(good.dropLast(4)) == "/note/on")
        #expect(unread(Array("/ok\0,[i]\0\0\0\0".utf8)) == "/ok")
        #expect(unread(Array("/cut".utf8)) == "" && unread([]) == "" && unread([1, 2, 3, 4]) == "")
        #expect(unread(Array("#bundle\0".utf8) + [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 99]) == "#bundle")
    }

    /// OSC 1.0: older senders omit the type tags. Their messages without values are accepted.
    @Test func `a message without type tags has no values`() {
        for address in ["/a", "/ab", "/abc", "/panic", "/patch/undo"] {
            let bytes = Array(address.utf8) + [UInt8](repeating: 0, count: 4 - address.utf8.count % 4)
            #expect(OSCMessage(bytes) == OSCMessage(address))
            #expect(OSCMessage(bytes + [0, 0, 0, 0]) == nil)
        }
    }

    @Test func `the messages of a packet are ordered by time`() {
        func word(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.bigEndian, Array.init)
        }
        var real = timespec()
        clock_gettime(CLOCK_REALTIME, &real)
        let seconds = UInt64(real.tv_sec) + 2_208_988_800
        func bundle(_ ahead: UInt64, _ contents: [[UInt8]]) -> [UInt8] {
            Array("#bundle\0".utf8) + word((seconds + ahead) << 32)
                + contents.flatMap { word(UInt32($0.count)) + $0 }
        }
        // Four thousand messages, the latest first, two for each time.
        let parts = (0..<2000).map { number in
            bundle(2000 - UInt64(number), ["a", "b"].map { OSCMessage("/\($0)/\(2000 - number)").bytes })
        }
        let packet = OSCPacket(bundle(9, parts)[...])
        let now = crt_now(), found = OSCServer.timeOrdered(packet, now: now)
        #expect(found.count == 4000 && packet.unread == nil)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.stamp <= $1.stamp })
        let isInOrder = found.map(\.message.address) == (1...2000).flatMap { ["/a/\($0)", "/b/\($0)"] }
        #expect(isInOrder)
        #expect(Set(found.map(\.stamp)).count == 2000, "equal time tags give equal stamps")
        // Messages with times in the past act now, at one time, in the order of the packet.
        let past = OSCPacket(bundle(0, [OSCMessage("/b").bytes, OSCMessage("/a").bytes])[...])
        let over = OSCServer.timeOrdered(past, now: now)
        #expect(
            over.map(\.message.address) == ["/b", "/a"] && over[0].stamp == over[1].stamp
                && over[0].stamp > now)
    }
}
