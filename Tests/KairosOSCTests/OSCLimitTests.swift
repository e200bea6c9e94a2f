import CRealtime
import Foundation
import Glibc
import KairosControl
import KairosFiles
import KairosTestSupport
import Synchronization
import Testing

@testable import KairosOSC

/// What one command may do, what is never answered, and that the end does not wait.
@Suite(.serialized) struct OSCLimitTests {
    @Test func `many stars against a long name are answered at once`() throws {
        let desk = try Desk([TonePatch.text()])
        let name = String(repeating: "a", count: 64)
        desk.ask("/patch/create", .string(name), .string("sine"))
        for stars in [1, 5, 16, 200, 400] {
            let pattern = String(repeating: "*a", count: stars) + "b"
            #expect(desk.refusal("/mod/\(pattern)/detune", .int(1))?.first == "unknown-name")
            #expect(desk.refusal("/mod/\(name)/\(pattern)", .int(1))?.first == "unknown-name")
            #expect(desk.refusal("/patch/\(pattern)")?.first == "unknown-command")
        }
        #expect(desk.ask("/mod/\(String(repeating: "*a", count: 60))/detune", .int(3))?.count == 3)
        #expect(desk.refusal("/mod/[a/detune", .int(1))?.first == "bad-pattern")
        #expect(desk.refusal("/mod/osc/{detune", .int(1))?.first == "bad-pattern")
        #expect(desk.refusal("/patch/[]")?.first == "bad-pattern")
        // A star stays within its part of the address.
        #expect(desk.refusal("/pa*it")?.first == "unknown-command")
    }

    @Test func `a pattern of too many parameters sets none of them, one of few sets all`() throws {
        let desk = try Desk([TonePatch.text()])
        for number in 0..<300 { desk.ask("/patch/create", .string("m\(number)"), .string("sine")) }
        let all = try #require(desk.ask("/mod/m*/*"))
        #expect(all.count / 3 > 1024, "\(all.count / 3) parameters")
        let answer = desk.console.answer(
            OSCMessage("/mod/m*/*/position", [.float(1), .string("#t")]), client: "test", stamp: 0)
        #expect(answer.values.first == .string("limit") && answer.values.last == .string("#t"))
        #expect(answer.values[1].text.contains("\(all.count / 3) parameters"))
        #expect(answer.values[1].text.contains("nothing was done"))
        #expect(desk.ask("/mod/m*/*") == all, "nothing was set")
        let some = try #require(desk.ask("/mod/m?9*/detune", .int(7)))
        #expect(some.count == 3 * 29)
        for (module, value) in [("m19", 7), ("m99", 7), ("m290", 7), ("m9", 0), ("m280", 0)]
            as [(String, Float)]
        {
            #expect(desk.ask("/mod/\(module)/detune")?.first == .float(value), "\(module)")
        }
        // A value that one of them refuses is set in none.
        #expect(desk.refusal("/mod/{osc,env}/*", .int(7))?.first == "bad-value")
        #expect(desk.ask("/mod/osc/detune")?.first == .float(0))
    }

    @Test func `half a megabyte of anything is refused in no time`() throws {
        let desk = try Desk([TonePatch.text()])
        let long = OSCValue.string(String(repeating: "n", count: 500_000))
        let began = crt_now()
        for command in OSCDispatcher.commands where !command.address.contains("<") {
            for count in 1...3 {
                let values = Array(repeating: long, count: count)
                let answer = desk.console.answer(OSCMessage(command.address, values), client: "t", stamp: 0)
                #expect(
                    answer.address == "/error" && answer.values[1].text.utf8.count < 1100,
                    "\(command.address)")
            }
        }
        #expect(desk.refusal("/mod/osc/detune", long)?.first == "bad-value")
        // A hundred of them took minutes; each scans its text.
        #expect(crt_now() - began < 10_000_000_000)
    }

    @Test func `serial numbers begin again`() throws {
        let desk = try Desk([TonePatch.text()])
        desk.console.serial.store(.max - 1, ordering: .relaxed)
        let serials = (0..<3).map { _ in
            desk.console.answer(OSCMessage("/status"), client: "t", stamp: 0).values[1]
        }
        #expect(serials == [.int(.max), .int(.min), .int(.min + 1)])
    }

    @Test func `what Kairos sends is known as its own, and commands of the same address are not`() throws {
        let desk = try Desk([TonePatch.text()])
        for topic in Topic.allCases { desk.ask("/subscribe", .string(topic.rawValue)) }
        desk.console.note("a line")
        var sent = desk.console.due().map(\.message)
        for command in OSCDispatcher.commands where command.address != "/session/set" {
            sent.append(desk.console.answer(OSCMessage(command.address), client: "t", stamp: 0))
            sent.append(
                desk.console.answer(OSCMessage(command.address, [.string("x")]), client: "t", stamp: 0))
        }
        #expect(
            Set(sent.map(\.address)) == Set(OSCReply.allCases.map(\.rawValue)), "each reply was sent once")
        for message in sent { #expect(OSCReply.isReply(message), "\(message)") }
        for command in OSCDispatcher.commands {
            for values in [[], [OSCValue.float(1)], [.float(1), .string("#t")]]
            where values.count <= 1 + command.arguments.count {
                #expect(!OSCReply.isReply(OSCMessage(command.address, values)), "\(command.address)")
            }
        }
        let wrong = OSCMessage("/meters", [.float(1), .int(1), .int(1), .string("#t")])
        #expect(!OSCReply.isReply(wrong), "a mistake is answered")
        // An answer of more values than a message may have is none that is taken; it is known by its address.
        let many = OSCMessage("/ok", Array(repeating: .int(1), count: 400)).bytes
        #expect(many.withUnsafeBytes(OSCPacket.init).unread == OSCReply.ok.rawValue)
    }

    /// Fails where an edit waits for a fade of what is not rendered.
    @Test func `edits of what a panic has silenced are carried out at once, and are not heard`() throws {
        let desk = try Desk([TonePatch.text()])
        for name in ["a", "b", "c"] {
            desk.ask("/patch/create", .string(name), .string("saw"))
            #expect(desk.ask("/patch/commit") != nil)
        }
        #expect(desk.frequency() > 0)
        desk.ask("/panic")
        desk.pass()
        for address in ["/patch/undo", "/patch/undo", "/patch/redo", "/patch/redo"] {
            let milliseconds = try #require(desk.ask(address)?.first?.number)
            #expect(milliseconds < 1000, "\(address)")
        }
        #expect(desk.frequency() == 0)
    }

    /// A UDP client of a server in this process.
    private struct Client {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()

        init(_ port: Int) {
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        func send(_ bytes: [UInt8]) {
            var address = address
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(socket, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }

        func receive() -> (bytes: [UInt8], message: OSCMessage?) {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = max(0, recv(socket, &buffer, buffer.count, 0)), bytes = Array(buffer[..<count])
            return (bytes, bytes.withUnsafeBytes { OSCMessage($0) })
        }
    }

    @Test func `replies that come back are not answered`() throws {
        let desk = try Desk([TonePatch.text()])
        let server = try OSCServer(desk.console, port: 0)
        server.start()
        defer { server.stop() }
        let client = Client(server.port)
        defer { close(client.socket) }
        for turn in 0..<20 {
            client.send(OSCMessage(turn % 2 == 0 ? "/status" : "/nix", [.string("#\(turn)")]).bytes)
            let answer = client.receive()
            #expect(
                answer.message?.values.last == .string("#\(turn)"), "an answer to an answer came before it")
            for reply in OSCReply.allCases {
                client.send(reply.message([.float(1), .int(2), .int(3), .int(4)]).bytes)
                client.send(reply.message(Array(repeating: .int(1), count: 300)).bytes)
            }
            client.send(answer.bytes)
        }
        client.send(OSCMessage("/meters", [.string("#end")]).bytes)
        #expect(client.receive().message?.values.last == .string("#end"))
    }

    @Test func `the end does not wait for a command that is stuck`() throws {
        let isStuck = DispatchSemaphore(value: 0), goOn = DispatchSemaphore(value: 0)
        let desk = try Desk([TonePatch.text()]) { _ in
            isStuck.signal()
            goOn.wait()
            return ""
        }
        let server = try OSCServer(desk.console, port: 0)
        server.start()
        let client = Client(server.port)
        defer { close(client.socket) }
        client.send(OSCMessage("/learn/start", [.string("macro 1")]).bytes)
        #expect(isStuck.wait(timeout: .now() + .seconds(20)) == .success)
        let began = crt_now()
        server.stop()
        let spent = Double(crt_now() - began) / 1e9
        goOn.signal()
        // Half a second, and what a busy machine adds; without a deadline it is for ever.
        #expect(spent < 5, "\(spent) s")
    }

    @Test func `what is saved is kept by the durable way, and a former file is kept first`() throws {
        let desk = try Desk([TonePatch.text()])
        let path = try #require(desk.ask("/patch/save", .string("mine"))?.first?.text)
        let before = try String(contentsOfFile: path, encoding: .utf8)
        desk.ask("/mod/env/release", .string("1.5 s"))
        // A folder stands where the former file would be kept: nothing is written.
        try FileManager.default.createDirectory(atPath: path + "~/x", withIntermediateDirectories: true)
        #expect(desk.refusal("/patch/save", .string("mine")) == ["file", "mine"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
        try FileManager.default.removeItem(atPath: path + "~")
        #expect(desk.ask("/patch/save", .string("mine")) != nil)
        #expect(try String(contentsOfFile: path + "~", encoding: .utf8) == before)
        // A link goes on being one: the file it leads to is written.
        let elsewhere = desk.folder + "/elsewhere"
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: desk.folder + "/linked.yaml", withDestinationPath: elsewhere + "/real.yaml")
        try before.write(toFile: elsewhere + "/real.yaml", atomically: true, encoding: .utf8)
        #expect(desk.ask("/patch/save", .string("linked")) != nil)
        #expect(
            (try? FileManager.default.destinationOfSymbolicLink(atPath: desk.folder + "/linked.yaml")) != nil)
        #expect(try String(contentsOfFile: elsewhere + "/real.yaml", encoding: .utf8).contains("1.5 s"))
        #expect(
            !(try FileManager.default.contentsOfDirectory(atPath: desk.folder).contains {
                $0.hasSuffix(".new")
            }))
    }
}
