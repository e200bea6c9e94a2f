import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosTestSupport
import Testing

@testable import KairosOSC

/// Damaged packets and random commands: each is answered or refused, nothing crashes, and the sound
/// continues.
///
/// `KAIROS_FUZZ_INPUTS` is the total number of inputs. The seeds are fixed, so that failures are
/// reproducible.
@Suite(.serialized) struct OSCFuzzTests {
    private static let inputs =
        ProcessInfo.processInfo.environment["KAIROS_FUZZ_INPUTS"].flatMap(Int.init) ?? 100_000

    private static func bundle(_ contents: [[UInt8]], time: UInt64 = 1) -> [UInt8] {
        func word(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.bigEndian, Array.init)
        }
        return Array("#bundle\0".utf8) + word(time) + contents.flatMap { word(UInt32($0.count)) + $0 }
    }

    private static func damaged(_ original: [UInt8], _ draw: inout FuzzDraw) -> [UInt8] {
        var bytes = original
        for _ in 0...draw(4) {
            let at = draw(bytes.count + 1)
            switch draw(6) {
            case 0 where !bytes.isEmpty: bytes[min(at, bytes.count - 1)] ^= UInt8(1 << draw(8))
            case 1 where !bytes.isEmpty: bytes[min(at, bytes.count - 1)] = UInt8(draw(256))
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + 4 * draw(6)))
            case 3: bytes.insert(contentsOf: (0..<4).map { _ in UInt8(draw(3) == 0 ? draw(256) : 0) }, at: at)
            case 4:
                bytes.insert(
                    contentsOf: bytes[min(at, bytes.count)..<min(bytes.count, at + draw(40))],
                    at: draw(bytes.count + 1))
            default:
                bytes =
                    draw(2) == 0 ? bundle([bytes, original]) : bundle([bytes], time: UInt64(draw(9)) << 32)
            }
        }
        return bytes
    }

    private static let values: [OSCValue] = [
        .int(0), .int(-1), .int(.max), .int(.min), .int(60), .long(.max), .long(.min), .float(.nan),
        .float(.infinity), .float(-.infinity), .float(0.5), .float(1e38), .double(.nan), .double(1e300),
        .double(-.infinity), .bool(true), .string(""), .string("#"), .string("#tag"), .string("osc"),
        .string("osc.output"), .string("vca"), .string("../../x"), .string("nan"), .string("-inf dB"),
        .string("1e999 Hz"), .string("2 kHz"), .string("\u{202e}\u{0}x"), .string("😀"), .string("macro 1"),
        .string("values"), .string("keys"), .string("saw"), .string("x"), .string("y"), .string("{a,b"),
        .string(String(repeating: "[", count: 300)), .string(String(repeating: "y", count: 5000)), .impulse,
        .null,
        .bool(false), .int(1), .float(1), .float(0), .float(100), .double(64.5),
    ]

    /// A random pattern of up to some five hundred characters, many of them stars.
    private static func pattern(_ draw: inout FuzzDraw) -> String {
        let units = [
            "*", "*a", "*?", "?", "[a-z]", "[!a]*", "{a,aa}", "{,a}*", "a", "m", "[", "{", "]", "}", "**",
        ]
        return (0..<draw(160)).map { _ in draw.one(units) }.joined()
    }

    @Test func `patterns of many stars match names of 64 letters within the bound`() throws {
        var draw = FuzzDraw(state: 13), most = 0.0
        for _ in 0..<Self.inputs / 20 {
            let text = Self.pattern(&draw)
            guard let pattern = try? OSCPattern(text) else { continue }
            let name = String((0..<64).map { _ in draw.one(Array("aaaaaab")) })
            var budget = Int.max
            _ = pattern.matches(name, &budget)
            let bound = 5 * (text.utf8.count + 1) * 65
            #expect(Int.max - budget <= bound, "\(text) \(name)")
            most = max(most, Double(Int.max - budget) / Double(bound))
        }
        #expect(most > 0.1)
    }

    @Test func `damaged packets are parsed or refused`() {
        var draw = FuzzDraw(state: 11)
        let good = [
            OSCMessage("/patch/create", [.string("osc1"), .string("sine")]),
            OSCMessage("/mod/osc1/frequency", [.float(880), .string("#tag")]),
            OSCMessage("/note/on", [.int(1), .int(60), .int(100)]),
            OSCMessage("/x", [.long(1), .double(2), .bool(true), .string("text")]),
        ].map(\.bytes)
        var read = 0
        for _ in 0..<Self.inputs / 2 {
            let original = draw(3) == 0 ? Self.bundle([draw.one(good), draw.one(good)]) : draw.one(good)
            let bytes = Self.damaged(original, &draw)
            let packet = OSCPacket(bytes[...])
            read += packet.items.count
            #expect(packet.items.count <= OSCPacket.itemLimit)
            // A parsed message can be formatted, and parses as the same message.
            if let item = packet.items.first, !item.message.values.contains(where: \.isOther), draw(20) == 0 {
                let again = OSCPacket(item.message.bytes[...])
                let isSame = again.items.first.map { "\($0.message)" == "\(item.message)" } ?? false
                #expect(isSame, "\(item.message)")
            }
        }
        #expect(read > Self.inputs / 8, "most packets had no message")
    }

    @Test func `random commands are answered`() throws {
        let osc = try OSCRig([TonePatch.text(oscillator: "saw")])
        var draw = FuzzDraw(state: 12)
        let fixed = OSCDispatcher.commands.map(\.address).filter { !$0.contains("<") }
        // Saving and loading files have a test of their own.
        let plain = fixed.filter { $0 != "/patch/save" && $0 != "/patch/load" }
        var answered = 0, refused = 0
        for turn in 0..<Self.inputs / 2 {
            var address = draw.one(plain)
            switch draw(10) {
            case 0:
                let names = [
                    "osc", "vca", "o*", "{osc,env}", "[!x]*", "", "..", "nix", "?sc", Self.pattern(&draw),
                ]
                address = "/mod/" + draw.one(names)
                if draw(3) > 0 {
                    address += "/" + draw.one(["detune", "ratio", "*", "gain", "release", "", "normalized"])
                }
                if draw(3) == 0 { address += "/" + draw.one(["normalized", "normalize", ""]) }
            case 3: address = "/" + Self.pattern(&draw) + (draw(2) == 0 ? "" : "/" + Self.pattern(&draw))
            case 1: address = "/modules/" + draw.one(["saw", "", "*", "/", "nix"])
            case 2:
                var bytes = Array(address.utf8)
                bytes[draw(bytes.count)] = draw.one(Array("*?[]{}/-!,a".utf8))
                address = String(decoding: bytes, as: UTF8.self)
            default: break
            }
            // A snapshot of all values takes a block of real time, so there are few of them.
            if address.hasPrefix("/mod"), draw(20) > 0 {
                address = draw.one(["/patch/create", "/patch/connect"])
            }
            // A commit waits for the loader, so there are few of them.
            if ["/patch/commit", "/patch/undo", "/patch/redo"].contains(address), draw(10) > 0 {
                address = "/patch/check"
            }
            let values = (0..<draw(4)).map { _ in draw.one(Self.values) }
            let answer = osc.dispatcher.answer(
                OSCMessage(address, values), client: draw.one(["a", "b", "c"]), stamp: UInt64(draw(3)))
            if answer.address == "/ok" { answered += 1 } else { refused += 1 }
            if answer.address == "/error", case .string(let code)? = answer.values.first {
                #expect(OSCError.reference.contains { $0.code == code }, "\(address): \(code)")
                #expect(answer.values.count >= 5 && answer.values[1].text.utf8.count < 2000)
            }
            if turn % 64 == 0 { _ = osc.dispatcher.subscribers.dueMessages() }
        }
        #expect(answered > 1000 && refused > 1000)
        // The instrument still plays: drafts are discarded, and a key sounds.
        for client in ["a", "b", "c"] { osc.ask("/patch/abort", client: client) }
        osc.ask("/panic")
        osc.advance()
        osc.ask("/patch/load", .string("slow-tide"), client: "d")
        #expect(osc.ask("/patch/commit", client: "d") != nil)
        osc.advance()
        osc.ask("/note/on", .int(1), .int(60), .int(100))
        osc.advance()
        #expect(osc.rig.engine.voices > 0)
    }
}

extension OSCValue {
    fileprivate var isOther: Bool { if case .other = self { true } else { false } }
}
