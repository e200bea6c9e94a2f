import KairosControl
import KairosDSP
import KairosTestSupport
import Testing

/// The other messages of the MIDI Tuning Standard, and incomplete ones.
@Suite struct Dumps {
    /// A tuning program's dump: head, name, data, checksum.
    private func dump(_ head: [UInt8], _ data: [UInt8]) -> [UInt8] {
        let body = head + Array("Sixteen letters.".utf8) + data
        return [0xf0] + body + [body.reduce(0, ^) & 0x7f, 0xf7]
    }

    @Test func `a bulk dump into a bank's program`() throws {
        let data = (UInt8(0)..<128).flatMap { [$0, 0x20, 0] as [UInt8] }
        let bytes = dump([0x7e, 0x7f, 8, 4, 0, 3], data)
        let values = try Probe("pitch").values(at: [3000]) {
            $0.bytes(500, bytes)
            $0.registered(600, 3, coarse: 3, fine: 0, channel: 1)
            $0.on(1000, 60)
            $0.on(1000, 64, channel: 1)
        }
        #expect(values == [60 + 64.25])
    }

    /// Fails where the twelve offsets apply to the wrong keys, or where sounding notes move.
    @Test func `a dump of twelve offsets, one byte and two, for every octave`() throws {
        var one = [UInt8](repeating: 64, count: 12)
        one[0] = 64 + 25
        var two = [UInt8](repeating: 0, count: 24)
        for name in 0..<12 { two[2 * name] = 64 }
        two[8] = 96
        let values = try Probe("pitch").values(at: [3000, 5000, 7000]) { [one, two] in
            $0.on(1000, 60)
            $0.bytes(2000, dump([0x7e, 0x7f, 8, 5, 0, 0], one))
            $0.on(4000, 72)
            $0.off(6000, 60)
            $0.off(6000, 72)
            $0.bytes(6100, dump([0x7e, 0x7f, 8, 6, 0, 0], two))
            $0.on(6200, 64)
        }
        #expect(values[0] == 60 && abs(values[1] - 132.25) < 1e-3 && values[2] == 64.5)
    }

    @Test func `single notes in a bank: at once, or from the next note-on`() throws {
        func values(_ id: UInt8) throws -> [Float] {
            try Probe("pitch").values(at: [3000, 5000]) {
                $0.on(1000, 60)
                $0.bytes(2000, [0xf0, id, 0x7f, 8, 7, 0, 0, 1, 60, 61, 0x40, 0, 0xf7])
                $0.off(4000, 60)
                $0.on(4000, 60)
            }
        }
        #expect(try values(0x7f) == [61.5, 61.5])
        #expect(try values(0x7e) == [60, 61.5])
    }

    @Test func `a damaged or short dump changes nothing`() {
        var good = dump([0x7e, 0x7f, 8, 5, 0, 0], [UInt8](repeating: 70, count: 12))
        func events(_ bytes: [UInt8]) -> Int {
            var decoder = MIDIDecoder(), count = 0
            for byte in bytes { decoder.decode(byte) { _ in count += 1 } }
            return count
        }
        #expect(events(good) == 128)
        good[30] ^= 1
        #expect(events(good) == 0)
        #expect(events(dump([0x7e, 0x7f, 8, 6, 0, 0], [1, 2, 3])) == 0)
    }

    @Test func `system reset releases the device's keys`() {
        var decoder = MIDIDecoder(), kinds: [Event.Kind] = []
        decoder.decode(0xff) { kinds.append($0.kind) }
        #expect(kinds == [.sourceGone])
    }

    @Test func `clock, start, continue, stop and song position`() {
        var decoder = MIDIDecoder(), events: [Event] = []
        for byte: UInt8 in [0xfa, 0xf8, 0xfc, 0xf2, 0x02, 0x01, 0xfb] {
            decoder.decode(byte) { events.append($0) }
        }
        #expect(events.map(\.kind) == [.start, .clock, .stop, .songPosition, .resume])
        #expect(events[3].number == 130)
    }

    private func said(_ bytes: [UInt8]) -> Int {
        var decoder = MIDIDecoder(), count = 0
        for byte in bytes { decoder.decode(byte) { _ in count += 1 } }
        return count + (decoder.wantsIdentity ? 1 : 0)
    }

    /// Fails where a message is decoded as a similar one.
    @Test func `universal messages for other devices have no effect`() {
        let understood: [(id: UInt8, first: UInt8, second: UInt8)] = [
            (0x7e, 6, 1), (0x7e, 8, 1), (0x7e, 8, 4), (0x7e, 8, 5), (0x7e, 8, 6), (0x7e, 9, 1), (0x7e, 9, 3),
            (0x7f, 4, 1), (0x7f, 4, 2), (0x7f, 4, 3), (0x7f, 4, 4), (0x7f, 8, 2),
            (0x7e, 8, 7), (0x7f, 8, 7), (0x7e, 8, 8), (0x7f, 8, 8), (0x7e, 8, 9), (0x7f, 8, 9),
        ]
        func message(_ id: UInt8, _ first: UInt8, _ second: UInt8, _ length: Int) -> [UInt8] {
            let body = [id, 0x7f, first, second] + [UInt8](repeating: 1, count: length)
            return [0xf0] + body + [body.reduce(0, ^) & 0x7f, 0xf7]
        }
        // One length for each kind of message that makes it valid.
        var lengths: [[Bool]: Int] = [:]
        for length in 0...420 {
            let speak = understood.map { said(message($0.id, $0.first, $0.second, length)) > 0 }
            if speak.contains(true), lengths[speak] == nil { lengths[speak] = length }
        }
        #expect(lengths.count >= 6)
        var taken: [[UInt8]] = []
        for id: UInt8 in [0x7e, 0x7f] {
            for first in UInt8(0)..<128 {
                for second in UInt8(0)..<128
                where !understood.contains(where: { $0 == (id, first, second) }) {
                    for length in lengths.values where said(message(id, first, second, length)) > 0 {
                        taken.append(message(id, first, second, length))
                    }
                }
            }
        }
        #expect(taken.isEmpty, "\(taken.prefix(3))")
    }

    @Test func `undefined status bytes say nothing, and end nothing but running status`() {
        #expect(said([0x90, 60, 0xf9, 100, 0xfd]) == 1)
        #expect(said([0x90, 60, 100, 0xf4, 61, 100, 0xf5, 62, 100, 0xf7]) == 1)
    }
}
