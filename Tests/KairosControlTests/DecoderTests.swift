import KairosControl
import KairosTestSupport
import Testing

/// The state of a MIDI decoder, and what resets it.
@Suite struct DecoderTests {
    private func events(_ decoder: inout MIDIDecoder, _ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        for byte in bytes { decoder.decode(byte) { events.append($0) } }
        return events
    }

    /// Sets bank 130, RPN 0 and a velocity prefix on channel 1, then running status and an unfinished
    /// note-on.
    private let remembered: [UInt8] = [
        0xb0, 0, 1, 32, 2, 101, 0, 100, 0, 88, 5, 0x90, 60,
    ]

    private static let resets: [(name: String, bytes: [UInt8])] = [
        ("GM on", [0xf0, 0x7e, 0x7f, 9, 1, 0xf7]), ("GM2 on", [0xf0, 0x7e, 0x7f, 9, 3, 0xf7]),
        ("GS reset", [0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0, 0x41, 0xf7]),
        ("GS mode 1", [0xf0, 0x41, 0x00, 0x42, 0x12, 0, 0, 0x7f, 0, 1, 0xf7]),
        ("XG on", [0xf0, 0x43, 0x10, 0x4c, 0, 0, 0x7e, 0, 0xf7]),
        ("XG all parameters", [0xf0, 0x43, 0x1f, 0x4c, 0, 0, 0x7f, 0, 0xf7]), ("system reset", [0xff]),
    ]

    /// Fails where a reset reaches the engine but not the decoder: the next program change has the old bank.
    @Test(arguments: 0..<7) func `a reset in the stream forgets bank, parameter, prefix and running status`(
        _ index: Int
    ) {
        let (name, bytes) = Self.resets[index]
        var decoder = MIDIDecoder()
        #expect(events(&decoder, remembered).isEmpty)
        let reset = events(&decoder, bytes)
        #expect(reset.map(\.kind) == [name == "system reset" ? .sourceGone : .reset], "\(name)")
        let after = events(&decoder, [100, 0xc0, 3, 0xb0, 6, 7, 0x90, 60, 64])
        #expect(after.map(\.kind) == [.program, .control, .noteOn], "\(name)")
        #expect(after[0].number == 3 && after[2].normalized == NormalizedValue.scaled(64), "\(name)")
    }

    /// Fails where any vendor message is taken for a reset: a damaged one, or one that leaves the mode.
    @Test func `what only looks like a reset changes nothing`() {
        let others: [[UInt8]] = [
            [0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0x7f, 0x42, 0xf7],
            [0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0, 0x40, 0xf7],
            [0xf0, 0x41, 0x10, 0x42, 0x11, 0x40, 0, 0x7f, 0, 0x41, 0xf7],
            [0xf0, 0x43, 0x10, 0x4c, 0, 0, 0x7e, 1, 0xf7], [0xf0, 0x43, 0x10, 0x4c, 0, 0, 0x7d, 0, 0xf7],
            [0xf0, 0x43, 0x00, 0x4c, 0, 0, 0x7e, 0, 0xf7], [0xf0, 0x7e, 0x7f, 9, 2, 0xf7],
            [0xf0, 0x7e, 0x7f, 9, 1],
        ]
        for bytes in others {
            var decoder = MIDIDecoder()
            _ = events(&decoder, Array(remembered.dropLast(2)))
            #expect(events(&decoder, bytes).isEmpty)
            #expect(events(&decoder, [0xc0, 3]).first?.number == UInt32(130 * 128 + 3))
            #expect(events(&decoder, [0xb0, 6, 7]).first?.kind == .registered)
        }
    }

    /// RP-015: CC 121 deselects the parameter and keeps the bank.
    @Test func `reset all controllers forgets a channel's parameter and prefix, and keeps its bank`() {
        var decoder = MIDIDecoder()
        _ = events(&decoder, Array(remembered.dropLast(2)) + [0xb1, 101, 0, 100, 1])
        let after = events(&decoder, [0xb0, 121, 0, 6, 7, 0x90, 60, 64, 0xc0, 3, 0xb1, 6, 7])
        #expect(after.map(\.kind) == [.control, .control, .noteOn, .program, .registered])
        #expect(after[2].normalized == NormalizedValue.scaled(64) && after[3].number == 130 * 128 + 3)
    }

    /// Fails where a note-on with velocity 0 leaves the prefix before it for the next note.
    @Test func `a velocity prefix is for the next note message, whatever that is`() {
        for off: [UInt8] in [[0x80, 60, 64], [0x90, 60, 0]] {
            var decoder = MIDIDecoder()
            let taken = events(&decoder, [0xb0, 88, 100] + off + [0x90, 62, 64])
            #expect(
                taken.map(\.kind) == [.noteOff, .noteOn] && taken[1].normalized == NormalizedValue.scaled(64))
        }
    }

    @Test func `lost messages clear unfinished messages and keep the bank`() {
        var decoder = MIDIDecoder()
        _ = events(&decoder, remembered)
        decoder.forgetUnfinished()
        let after = events(&decoder, [100, 0xc0, 3, 0xb0, 6, 7])
        #expect(after.map(\.kind) == [.program, .control] && after[0].number == 130 * 128 + 3)
    }

    /// Fails where a 32-bit value selects another bank or parameter than its upper seven bits.
    @Test func `selecting controllers use the upper seven bits of a value, and others use all`() {
        var decoder = MIDIDecoder()
        var taken: [Event] = []
        func move(_ controller: UInt8, _ normalized: UInt32) {
            decoder.control(controller, at: normalized, channel: 2) { taken.append($0) }
        }
        for (controller, value) in [(0, 1), (32, 2), (99, 1), (98, 72)] as [(UInt8, UInt8)] {
            move(controller, NormalizedValue.scaled(value) + 1000)
        }
        #expect(taken.isEmpty)
        move(6, 0x1234_5678)
        move(96, 0)
        move(101, .max)
        move(100, .max)
        move(6, 0x1234_5678)
        move(64, 0x8765_4321)
        decoder.decode(0xc2, 9, 0) { taken.append($0) }
        #expect(taken.map(\.kind) == [.nonRegistered, .nonRegistered, .control, .control, .program])
        #expect(taken[0].parameter == 200 && taken[0].part == .whole && taken[0].normalized == 0x1234_5678)
        #expect(taken[1].part == .increment)
        #expect(taken[2].isWhole && taken[3].normalized == 0x8765_4321 && taken[4].number == 130 * 128 + 9)
    }

    /// Fails where the sequencer's 14-bit events act differently from the two messages they replace.
    @Test func `a 14-bit controller acts like its coarse and fine message`() {
        var decoder = MIDIDecoder()
        var taken: [Event] = []
        decoder.control14(0, 130, channel: 0) { taken.append($0) }
        decoder.decode(0xc0, 5, 0) { taken.append($0) }
        decoder.parameter(isRegistered: true, 1, 8192, channel: 0) { taken.append($0) }
        decoder.control14(6, 12_345, channel: 0) { taken.append($0) }
        decoder.control14(1, 12_345, channel: 0) { taken.append($0) }
        decoder.control14(64, 127, channel: 0) { taken.append($0) }
        #expect(taken.map(\.kind) == [.program, .registered, .registered, .control, .control])
        #expect(taken[0].number == 130 * 128 + 5)
        #expect(taken[2].parameter == 1 && taken[2].normalized == NormalizedValue.scaled(12_345, bits: 14))
        #expect(taken[3].isWhole && taken[3].normalized == taken[2].normalized)
        #expect(!taken[4].isWhole && taken[4].normalized == .max)
    }
}
