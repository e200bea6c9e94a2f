import KairosControl
import KairosTestSupport
import Testing

@testable import KairosOSC

/// The values that commands accept: any number type, buttons; and those that are refused.
@Suite(.serialized) struct OSCValueTests {
    /// The commands that take no values.
    private static let buttons = OSCDispatcher.commands.filter {
        $0.arguments.isEmpty && !$0.address.contains("<")
    }

    @Test func `a button's press runs a command without values, and its release does nothing`()
        throws
    {
        #expect(Self.buttons.count > 15 && Self.buttons.contains { $0.address == "/panic" })
        let presses: [OSCValue] = [
            .int(1), .int(127), .int(-1), .long(1), .float(1), .float(0.5), .double(1), .bool(true), .impulse,
            .null,
        ]
        let releases: [OSCValue] = [.int(0), .long(0), .float(0), .float(-0.0), .double(0), .bool(false)]
        let wrong: [OSCValue] = [
            .string("1"), .string(""), .float(.nan), .float(.infinity), .double(-.infinity),
        ]
        for command in Self.buttons {
            for value in presses { #expect(try command.use([value]) == .act, "\(command.address) \(value)") }
            for value in releases {
                #expect(try command.use([value]) == .release, "\(command.address) \(value)")
            }
            for value in wrong {
                #expect(throws: OSCError.self, "\(command.address) \(value)") { try command.use([value]) }
            }
            #expect(throws: OSCError.self) { try command.use([.int(1), .int(1)]) }
        }
        // As a control surface sends them: the release of an undo button is not a second undo.
        let osc = try OSCRig([TonePatch.text()])
        for name in ["a", "b"] {
            osc.ask("/patch/create", .string(name), .string("saw"))
            #expect(osc.ask("/patch/commit", .float(1))?.count == 2)
            #expect(osc.ask("/patch/commit", .float(0)) == [])
        }
        #expect(osc.ask("/patch/undo", .float(1))?.count == 1)
        #expect(osc.ask("/patch/undo", .float(0)) == [])
        let modules = try #require(osc.ask("/mod", .int(1)))
        #expect(modules.contains(.string("a")) && !modules.contains(.string("b")))
        #expect(osc.ask("/{panic,next}", .bool(false)) == [])
    }

    @Test func `whole numbers are accepted as any number type without a fraction`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let whole: [(Int) -> OSCValue] = [
            { .int(Int32($0)) }, { .long(Int64($0)) }, { .float(Float($0)) }, { .double(Double($0)) },
        ]
        for value in whole {
            #expect(osc.ask("/note/on", value(16), value(60), .int(100)) == [])
            #expect(osc.ask("/note/off", value(16), value(60)) == [])
            #expect(osc.ask("/cc", value(1), value(127), value(90)) == [])
            #expect(osc.ask("/pressure", value(1), value(64), value(127)) == [])
            #expect(osc.ask("/program", value(0)) == [] && osc.ask("/program", value(0), value(0)) == [])
            #expect(osc.ask("/patch/layer", value(1)) == [])
            #expect(osc.ask("/subscribe", .string("state"), value(5)) == [.int(5)])
        }
        let wrong: [OSCValue] = [
            .float(60.5), .double(59.999), .float(.nan), .float(.infinity), .double(-.infinity), .float(128),
            .float(-1), .double(1e300), .long(.max), .long(.min), .string("60"), .string(""), .bool(true),
            .impulse,
            .null,
        ]
        for value in wrong {
            #expect(osc.refusal("/note/on", .int(1), value, .int(100))?.first == "bad-arguments", "\(value)")
            #expect(osc.refusal("/note/off", value, .int(60))?.first == "bad-arguments", "\(value)")
            #expect(osc.refusal("/cc", .int(1), value, .int(1))?.first == "bad-arguments", "\(value)")
            #expect(osc.refusal("/program", value)?.first == "bad-arguments", "\(value)")
        }
        let answer = osc.dispatcher.answer(
            OSCMessage("/note/on", [.int(1), .string("60"), .int(1)]), client: "test", stamp: 0)
        #expect(answer.values[1].text.contains("send it as a number"))
    }

    @Test func `a name is a text or a number and nothing else`() throws {
        let osc = try OSCRig([TonePatch.text()])
        for wrong: OSCValue in [
            .bool(true), .bool(false), .float(.nan), .double(.infinity), .impulse, .null, .other("b"),
        ] {
            for address in ["/patch/create", "/patch/connect", "/patch/rename"] {
                #expect(
                    osc.refusal(address, wrong, .string("sine"))?.first == "bad-arguments",
                    "\(address) \(wrong)")
            }
            for address in ["/patch/layer", "/patch/load", "/patch/save", "/preset/save", "/learn/start"] {
                #expect(osc.refusal(address, wrong)?.first == "bad-arguments", "\(address) \(wrong)")
            }
        }
        #expect(osc.refusal("/patch/abort")?.first == "nothing-to-do", "no draft was created")
        #expect(osc.refusal("/preset/load", .float(2.5)) == ["unknown-name", "2.5"])
    }

    /// A blob or a time tag is refused like every invalid value: with the command and the client's tag in the
    /// error.
    @Test func `a value of an unsupported type is named by its type`() throws {
        let osc = try OSCRig([TonePatch.text()])
        for (type, data) in [
            ("b", [0, 0, 0, 1, 9, 0, 0, 0]), ("t", [0, 0, 0, 0, 0, 0, 0, 1]), ("m", [0, 1, 2, 3]),
        ]
            as [(String, [UInt8])]
        {
            let bytes =
                Array("/bend\0\0\0,i\(type)s\0\0\0\0".utf8) + [0, 0, 0, 1] + data + Array("#1\0\0".utf8)
            let message = try #require(OSCMessage(bytes), "\(type)")
            let answer = osc.dispatcher.answer(message, client: "test", stamp: 0)
            #expect(answer.address == "/error" && answer.values[0] == .string("bad-arguments"))
            #expect(answer.values[1].text.hasSuffix("and this is a value of OSC type '\(type)'"))
            #expect(answer.values[3] == .string("/bend") && answer.values.last == .string("#1"))
            for command in Self.buttons {
                #expect(throws: OSCError.self) { try command.use([.other(Character(type))]) }
            }
            #expect(osc.refusal("/mod/osc/detune", .other(Character(type)))?.first == "bad-value")
            #expect(
                osc.refusal("/mod/osc/detune/normalized", .other(Character(type)))?.first == "bad-arguments")
        }
    }

    @Test func `velocities and controllers are MIDI numbers, or normalized floats up to 1`() throws {
        func value(_ value: OSCValue) throws -> MIDIValue { try MIDIValue(value, name: "v", in: "/x") }
        for number in 0...127 {
            let seven = MIDIValue.seven(UInt8(number))
            #expect(try value(.int(Int32(number))) == seven && value(.long(Int64(number))) == seven)
            guard number > 1 else { continue }
            #expect(try value(.float(Float(number))) == seven && value(.double(Double(number))) == seven)
        }
        #expect(try value(.int(1)).normalized == NormalizedValue.scaled(1))
        #expect(try value(.float(1)).normalized == .max && value(.double(1)).normalized == .max)
        #expect(
            try value(.float(0)).normalized == 0 && value(.float(0.5)).normalized == NormalizedValue.centre)
        #expect(try value(.bool(true)).normalized == .max && value(.bool(false)).normalized == 0)
        // Rising from 0 to 1, and again above it.
        for (low, high) in [(0.0, 1.0), (1.0.nextUp, 127.0)] {
            var before: UInt32 = 0
            for step in 0...5000 {
                let position = try value(.double(low + (high - low) * Double(step) / 5000)).normalized
                #expect(position >= before)
                before = position
            }
            #expect(before == .max)
        }
        for wrong: OSCValue in [
            .int(128), .int(-1), .long(.max), .float(127.5), .float(-0.1), .float(.nan), .float(.infinity),
            .double(.nan), .double(1e300), .string("64"), .impulse, .null,
        ] { #expect(throws: OSCError.self, "\(wrong)") { try value(wrong) } }
    }
}

extension MIDIValue {
    fileprivate static func seven(_ number: UInt8) -> MIDIValue? {
        try? MIDIValue(.int(Int32(number)), name: "v", in: "/x")
    }
}
