import CRealtime
import Foundation
import Glibc
import KairosControl
import KairosTestSupport
import Synchronization
import Testing

@testable import KairosOSC

/// Limits of one command, messages that are never answered, and stopping without waiting.
@Suite(.serialized) struct OSCLimitTests {
    @Test func `patterns of many stars are answered at once`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let name = String(repeating: "a", count: 64)
        osc.ask("/patch/create", .string(name), .string("sine"))
        for stars in [1, 5, 16, 200, 400] {
            let pattern = String(repeating: "*a", count: stars) + "b"
            #expect(osc.refusal("/mod/\(pattern)/detune", .int(1))?.first == "unknown-name")
            #expect(osc.refusal("/mod/\(name)/\(pattern)", .int(1))?.first == "unknown-name")
            #expect(osc.refusal("/patch/\(pattern)")?.first == "unknown-command")
        }
        #expect(osc.ask("/mod/\(String(repeating: "*a", count: 60))/detune", .int(3))?.count == 3)
        #expect(osc.refusal("/mod/[a/detune", .int(1))?.first == "bad-pattern")
        #expect(osc.refusal("/mod/osc/{detune", .int(1))?.first == "bad-pattern")
        #expect(osc.refusal("/patch/[]")?.first == "bad-pattern")
        // A star does not match a slash.
        #expect(osc.refusal("/pa*it")?.first == "unknown-command")
    }

    @Test func `a pattern that matches too many parameters sets none, other patterns set all`() throws {
        let osc = try OSCRig([TonePatch.text()])
        for number in 0..<300 { osc.ask("/patch/create", .string("m\(number)"), .string("sine")) }
        let all = try #require(osc.ask("/mod/m*/*"))
        #expect(all.count / 3 > 1024, "\(all.count / 3) parameters")
        let answer = osc.dispatcher.answer(
            OSCMessage("/mod/m*/*/normalized", [.float(1), .string("#t")]), client: "test", stamp: 0)
        #expect(answer.values.first == .string("limit") && answer.values.last == .string("#t"))
        #expect(answer.values[1].text.contains("\(all.count / 3) parameters"))
        #expect(answer.values[1].text.contains("nothing was done"))
        #expect(osc.ask("/mod/m*/*") == all, "nothing was set")
        let some = try #require(osc.ask("/mod/m?9*/detune", .int(7)))
        #expect(some.count == 3 * 29)
        for (module, value) in [("m19", 7), ("m99", 7), ("m290", 7), ("m9", 0), ("m280", 0)]
            as [(String, Float)]
        {
            #expect(osc.ask("/mod/\(module)/detune")?.first == .float(value), "\(module)")
        }
        // A value that one parameter refuses is set in none.
        #expect(osc.refusal("/mod/{osc,env}/*", .int(7))?.first == "bad-value")
        #expect(osc.ask("/mod/osc/detune")?.first == .float(0))
    }

    @Test func `half a megabyte of text is refused quickly`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let long = OSCValue.string(String(repeating: "n", count: 500_000))
        let began = crt_now()
        for command in OSCDispatcher.commands where !command.address.contains("<") {
            for count in 1...3 {
                let values = Array(repeating: long, count: count)
                let answer = osc.dispatcher.answer(OSCMessage(command.address, values), client: "t", stamp: 0)
                #expect(
                    answer.address == "/error" && answer.values[1].text.utf8.count < 1100,
                    "\(command.address)")
            }
        }
        #expect(osc.refusal("/mod/osc/detune", long)?.first == "bad-value")
        // A hundred such commands once took minutes; now each scans its text once.
        #expect(crt_now() - began < 10_000_000_000)
    }

    @Test func `serial numbers wrap around`() throws {
        let osc = try OSCRig([TonePatch.text()])
        osc.dispatcher.serial.store(.max - 1, ordering: .relaxed)
        let serials = (0..<3).map { _ in
            osc.dispatcher.answer(OSCMessage("/status"), client: "t", stamp: 0).values[1]
        }
        #expect(serials == [.int(.max), .int(.min), .int(.min + 1)])
    }

    @Test func `replies are recognized, and commands with the same address are not replies`() throws {
        let osc = try OSCRig([TonePatch.text()])
        for topic in Topic.allCases { osc.ask("/subscribe", .string(topic.rawValue)) }
        osc.dispatcher.log("a line")
        var sent = osc.dispatcher.subscribers.dueMessages().map(\.message)
        for command in OSCDispatcher.commands where command.address != "/session/set" {
            sent.append(osc.dispatcher.answer(OSCMessage(command.address), client: "t", stamp: 0))
            sent.append(
                osc.dispatcher.answer(OSCMessage(command.address, [.string("x")]), client: "t", stamp: 0))
        }
        #expect(
            Set(sent.map(\.address)) == Set(OSCReply.allCases.map(\.rawValue)), "every kind of reply was sent"
        )
        for message in sent { #expect(OSCReply.isReply(message), "\(message)") }
        for command in OSCDispatcher.commands {
            for values in [[], [OSCValue.float(1)], [.float(1), .string("#t")]]
            where values.count <= 1 + command.arguments.count {
                #expect(!OSCReply.isReply(OSCMessage(command.address, values)), "\(command.address)")
            }
        }
        let wrong = OSCMessage("/meters", [.float(1), .int(1), .int(1), .string("#t")])
        #expect(!OSCReply.isReply(wrong), "an invalid command is answered")
        // An answer with more values than a received message may have is recognized by its address.
        let many = OSCMessage("/ok", Array(repeating: .int(1), count: 400)).bytes
        #expect(OSCPacket(many[...]).unread == OSCReply.ok.rawValue)
    }

    /// Fails if an edit waits for a crossfade that is not rendered.
    @Test func `edits after a panic are carried out at once and stay silent`() throws {
        let osc = try OSCRig([TonePatch.text()])
        for name in ["a", "b", "c"] {
            osc.ask("/patch/create", .string(name), .string("saw"))
            #expect(osc.ask("/patch/commit") != nil)
        }
        #expect(osc.frequency() > 0)
        osc.ask("/panic")
        osc.advance()
        for address in ["/patch/undo", "/patch/undo", "/patch/redo", "/patch/redo"] {
            let milliseconds = try #require(osc.ask(address)?.first?.number)
            #expect(milliseconds < 1000, "\(address)")
        }
        #expect(osc.frequency() == 0)
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
            return (bytes, OSCMessage(bytes))
        }
    }

    @Test func `returned replies are not answered`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let server = try OSCServer(osc.dispatcher, port: 0)
        server.start()
        defer { server.stop() }
        let client = Client(server.port)
        defer { close(client.socket) }
        for turn in 0..<20 {
            client.send(OSCMessage(turn % 2 == 0 ? "/status" : "/nix", [.string("#\(turn)")]).bytes)
            let answer = client.receive()
            #expect(
                answer.message?.values.last == .string("#\(turn)"), "a reply was answered before it")
            for reply in OSCReply.allCases {
                client.send(reply.message([.float(1), .int(2), .int(3), .int(4)]).bytes)
                client.send(reply.message(Array(repeating: .int(1), count: 300)).bytes)
            }
            client.send(answer.bytes)
        }
        client.send(OSCMessage("/meters", [.string("#end")]).bytes)
        #expect(client.receive().message?.values.last == .string("#end"))
    }

    @Test func `stopping does not wait for a command that is stuck`() throws {
        let isStuck = DispatchSemaphore(value: 0), proceed = DispatchSemaphore(value: 0)
        let osc = try OSCRig([TonePatch.text()]) { _ in
            isStuck.signal()
            proceed.wait()
            return ""
        }
        let server = try OSCServer(osc.dispatcher, port: 0)
        server.start()
        let client = Client(server.port)
        defer { close(client.socket) }
        client.send(OSCMessage("/learn/start", [.string("macro 1")]).bytes)
        #expect(isStuck.wait(timeout: .now() + .seconds(20)) == .success)
        let began = crt_now()
        server.stop()
        let spent = Double(crt_now() - began) / 1e9
        proceed.signal()
        // Half a second, plus what a busy machine adds; without a deadline it would block forever.
        #expect(spent < 5, "\(spent) s")
    }

    @Test func `a file is saved durably, after the existing file has been kept`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let path = try #require(osc.ask("/patch/save", .string("mine"))?.first?.text)
        let before = try String(contentsOfFile: path, encoding: .utf8)
        osc.ask("/mod/env/release", .string("1.5 s"))
        // A folder is in the place of the copy: nothing is written.
        try FileManager.default.createDirectory(atPath: path + "~/x", withIntermediateDirectories: true)
        #expect(osc.refusal("/patch/save", .string("mine")) == ["file", "mine"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
        try FileManager.default.removeItem(atPath: path + "~")
        #expect(osc.ask("/patch/save", .string("mine")) != nil)
        #expect(try String(contentsOfFile: path + "~", encoding: .utf8) == before)
        // A symbolic link is preserved: its target is written.
        let elsewhere = osc.folder + "/elsewhere"
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: osc.folder + "/linked.yaml", withDestinationPath: elsewhere + "/real.yaml")
        try before.write(toFile: elsewhere + "/real.yaml", atomically: true, encoding: .utf8)
        #expect(osc.ask("/patch/save", .string("linked")) != nil)
        #expect(
            (try? FileManager.default.destinationOfSymbolicLink(atPath: osc.folder + "/linked.yaml")) != nil)
        #expect(try String(contentsOfFile: elsewhere + "/real.yaml", encoding: .utf8).contains("1.5 s"))
        #expect(
            !(try FileManager.default.contentsOfDirectory(atPath: osc.folder).contains {
                $0.hasSuffix(".new")
            }))
    }
}
