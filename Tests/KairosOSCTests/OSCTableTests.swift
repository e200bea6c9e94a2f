import CRealtime
import Foundation
import Glibc
import Testing

@testable import KairosOSC

/// The tables that clients fill: what has room, what makes room, and what is told. Time is given, not waited for.
@Suite struct OSCTableTests {
    private static let second: UInt64 = 1_000_000_000

    /// One end of a connection that is open, the other one for the table.
    private static func connection(now: UInt64) -> (Connection, Int32) {
        var pair: [Int32] = [0, 0]
        let failed = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        precondition(failed == 0)
        return (Connection(pair[0], now: now), pair[1])
    }

    @Test func `idle connections make room after a minute, and never before`() {
        var table = ConnectionTable(), ends: [Int32] = []
        defer { for end in ends { close(end) } }
        func admit(_ now: UInt64) -> Bool {
            let (new, end) = Self.connection(now: now)
            ends.append(end)
            return table.admit(new, now: now)
        }
        for place in 0..<32 { #expect(admit(UInt64(place) * Self.second)) }
        #expect(!admit(59 * Self.second), "the oldest is idle for 59 s")
        #expect(table.removeEnded() == [])
        let first = table.connections[0], second = table.connections[1]
        // The oldest speaks; half a packet is no speech.
        let whole: [UInt8] = [0, 0, 0, 4, 0x2f, 0x61, 0, 0]
        whole.withUnsafeBytes { first.take($0, now: 59 * Self.second) { _ in } }
        whole[..<6].withUnsafeBytes { second.take($0, now: 59 * Self.second) { _ in } }
        #expect(!admit(60 * Self.second), "the second is idle for 59 s")
        #expect(admit(61 * Self.second))
        #expect(second.isOver && !first.isOver)
        #expect(table.removeEnded() == [second.name] && table.connections.count == 32)
        // One after the other, every one that only holds its place is gone.
        for number in 0..<32 { #expect(admit((200 + UInt64(number)) * Self.second)) }
        _ = table.removeEnded()
        #expect(table.connections.count == 32)
        #expect(!admit(232 * Self.second))
    }

    @Test func `clients that are not used make room, at once where nothing is lost`() {
        var table = ClientTable()
        func enter(_ name: String, _ now: UInt64, drafts: Bool = true) -> ClientTable.Entry {
            table.enter(name, now: now * Self.second, hasDraft: { _ in drafts })
        }
        for number in 0..<64 { #expect(enter("c\(number)", UInt64(number)) == .entered(dismissed: nil)) }
        #expect(enter("late", 599) == .full, "every one has a draft, none is old")
        #expect(enter("c0", 599) == .entered(dismissed: nil))
        #expect(enter("late", 600) == .full)
        #expect(enter("late", 601) == .entered(dismissed: "c1"), "the one that was used last longest ago")
        #expect(
            table.use("c1", now: 602 * Self.second) == .dismissed && table.use("c1", now: 602) == .unknown)
        #expect(table.use("c0", now: 602 * Self.second) == .known)
        // Without a draft or a part nothing is lost, so nobody waits and nobody is told.
        table.choose(3, for: "c2")
        #expect(enter("now", 601, drafts: false) == .entered(dismissed: "c3"))
        #expect(table.use("c3", now: 602) == .unknown)
        #expect(table.layer(of: "c2") == 3 && table.layer(of: "c3") == 0)
        // Ten thousand invented senders later it has not grown, and the newest has a place.
        for number in 0..<10_000 { _ = enter("x\(number)", 700 + UInt64(number), drafts: false) }
        #expect(enter("me", 20_000) == .entered(dismissed: "c2"))
        #expect(table.use("c2", now: 0) == .dismissed)
    }

    private static func sender(_ name: String) -> Sender { Sender(tcp: named[name]!) }

    private static let named = Dictionary(
        uniqueKeysWithValues: ["a", "b", "c"].map { ($0, connection(now: 0).0) })

    @Test func `commands wait for their time in order, and so many only`() throws {
        var schedule = OSCSchedule()
        func job(_ client: String, _ stamp: UInt64, _ text: String = "") -> OSCJob {
            OSCJob(message: OSCMessage("/x", [.string(text)]), sender: Self.sender(client), stamp: stamp)
        }
        for stamp in [30, 10, 20, 10] as [UInt64] {
            try schedule.add(job("a", stamp, "\(stamp)"), now: 0)
        }
        #expect(schedule.next == 10)
        #expect(schedule.takeDue(20).map(\.stamp) == [10, 10, 20] && schedule.next == 30)
        #expect(schedule.takeDue(29).isEmpty && schedule.takeDue(30).count == 1 && schedule.next == nil)
        func refusal(_ job: OSCJob) -> String? {
            do {
                try schedule.add(job, now: 5)
                return nil
            } catch { return error.code }
        }
        #expect(refusal(job("a", 5 + 3600 * Self.second)) == nil)
        #expect(refusal(job("a", 6 + 3600 * Self.second)) == "limit" && refusal(job("a", .max)) == "limit")
        for _ in 1..<512 { #expect(refusal(job("a", 100)) == nil) }
        #expect(refusal(job("a", 100)) == "busy", "one client has half of the room")
        #expect(refusal(job("b", 100)) == nil)
        _ = schedule.takeDue(.max)
        let large = String(repeating: "x", count: 1 << 20)
        for _ in 0..<15 { #expect(refusal(job("a", 100, large)) == nil) }
        #expect(refusal(job("b", 100, large)) == "busy" && refusal(job("b", 100)) == nil)
    }

    @Test func `commands that wait to be carried out are bounded in number and size`() {
        var queue = OSCJobQueue()
        func add(_ text: String) -> Bool {
            queue.add(OSCJob(message: OSCMessage("/x", [.string(text)]), sender: Self.sender("c"), stamp: 0))
        }
        for number in 0..<1024 { #expect(add("\(number)")) }
        #expect(!add("one more"))
        for number in 0..<1024 { #expect(queue.next()?.message.values == [.string("\(number)")]) }
        #expect(queue.next() == nil)
        let large = String(repeating: "x", count: 1 << 20)
        var count = 0
        while add(large) { count += 1 }
        #expect(count == 15)
        while queue.next() != nil {}
        #expect(add(large), "what was taken out has its room back")
    }

    /// Fails where a frame that was cut off changes the first byte of the next.
    @Test func `an escape at the end of a SLIP frame is no part of the next`() {
        let (connection, other) = Self.connection(now: 0)
        defer { close(other) }
        let packet = OSCMessage("/panic").bytes
        var taken: [[UInt8]] = []
        ([0xc0, 1, 0xdb, 0xc0] + packet + [0xc0]).withUnsafeBytes {
            connection.take($0, now: 0) { taken.append($0) }
        }
        #expect(taken == [[1], packet])
    }

    @Test func `what is no message is told from one by its address, as far as it has one`() {
        func unread(_ bytes: [UInt8]) -> String? { bytes.withUnsafeBytes(OSCPacket.init).unread }
        let good = OSCMessage("/note/on", [.int(1), .int(60), .int(100)]).bytes
        #expect(unread(good) == nil)
        #expect(unread(good.dropLast(4)) == "/note/on")
        #expect(unread(Array("/ok\0,[i]\0\0\0\0".utf8)) == "/ok")
        #expect(unread(Array("/cut".utf8)) == "" && unread([]) == "" && unread([1, 2, 3, 4]) == "")
        #expect(unread(Array("#bundle\0".utf8) + [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 99]) == "#bundle")
    }

    /// OSC 1.0: older programs leave the type tags out. A panic from one of them is a panic.
    @Test func `a message without type tags has no values`() {
        for address in ["/a", "/ab", "/abc", "/panic", "/patch/undo"] {
            let bytes = Array(address.utf8) + [UInt8](repeating: 0, count: 4 - address.utf8.count % 4)
            #expect(bytes.withUnsafeBytes { OSCMessage($0) } == OSCMessage(address))
            #expect((bytes + [0, 0, 0, 0]).withUnsafeBytes { OSCMessage($0) } == nil)
        }
    }

    @Test func `a packet's messages are put in the order of their times`() {
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
        // Four thousand messages, the latest first, two of each time.
        let parts = (0..<2000).map { number in
            bundle(2000 - UInt64(number), ["a", "b"].map { OSCMessage("/\($0)/\(2000 - number)").bytes })
        }
        let packet = bundle(9, parts).withUnsafeBytes(OSCPacket.init)
        let now = crt_now(), found = OSCServer.inOrder(packet, now: now)
        #expect(found.count == 4000 && packet.unread == nil)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.stamp <= $1.stamp })
        let isInOrder = found.map(\.message.address) == (1...2000).flatMap { ["/a/\($0)", "/b/\($0)"] }
        #expect(isInOrder)
        #expect(Set(found.map(\.stamp)).count == 2000, "what has one time tag acts at one time")
        // What is over acts now, all at once, in the order of the packet.
        let past = bundle(0, [OSCMessage("/b").bytes, OSCMessage("/a").bytes]).withUnsafeBytes(OSCPacket.init)
        let over = OSCServer.inOrder(past, now: now)
        #expect(
            over.map(\.message.address) == ["/b", "/a"] && over[0].stamp == over[1].stamp
                && over[0].stamp > now)
    }
}
