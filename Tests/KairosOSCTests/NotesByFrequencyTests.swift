import Foundation
import KairosControl
import KairosTestSupport
import Synchronization
import Testing

@testable import KairosOSC

/// `/note/hz`: each frequency is a note of its own, and ends by it.
@Suite(.serialized) struct NotesByFrequencyTests {
    private static let short = TonePatch.text(
        header: "level: -24 dB\nvoices: 64", envelope: "adsr, release: 1 ms")
    private let one = OSCValue.int(1)

    /// The voices that sound, once there are `expected` or two seconds are over.
    private func voices(_ desk: Desk, _ expected: Int) -> Int {
        for _ in 0..<200 where desk.voices != expected { usleep(10_000) }
        return desk.voices
    }

    @Test func `frequencies of one key are notes of their own, and end in any order`() throws {
        let desk = try Desk([Self.short])
        let low = OSCValue.float(438), high = OSCValue.float(442)
        #expect(desk.ask("/note/hz", one, low, .int(100)) == [.int(69)])
        #expect(desk.ask("/note/hz", one, high, .int(100)) == [.int(69)])
        #expect(voices(desk, 2) == 2)
        // The second ends first; the first sounds on, at its own frequency.
        #expect(desk.ask("/note/hz", one, high, .int(0)) == [.int(69)])
        #expect(voices(desk, 1) == 1)
        #expect(abs(desk.frequency() - 438) < 0.5)
        // Another frequency of the same key ends nothing.
        desk.ask("/note/hz", one, .float(439), .float(0))
        desk.pass()
        #expect(desk.voices == 1)
        #expect(desk.ask("/note/hz", one, .double(438), .float(0)) == [.int(69)])
        #expect(voices(desk, 0) == 0)
    }

    @Test func `a float and a double of one frequency are the same note`() throws {
        let desk = try Desk([Self.short])
        for frequency in [261.6255653005986, 432.1, 12_999.99, 8.0001] {
            desk.ask("/note/hz", one, .double(frequency), .int(100))
            #expect(voices(desk, 1) == 1)
            desk.ask("/note/hz", one, .float(Float(frequency)), .int(0))
            #expect(voices(desk, 0) == 0, "\(frequency)")
        }
    }

    @Test func `forty notes within two semitones begin and end one by one`() throws {
        let desk = try Desk([Self.short])
        let frequencies = (0..<40).map { Float(440 * exp2(Double($0) / 240)) }
        for frequency in frequencies { desk.ask("/note/hz", one, .float(frequency), .int(100)) }
        #expect(voices(desk, 40) == 40)
        // Every third one first.
        let order = (0..<3).flatMap { start in stride(from: start, to: 40, by: 3).map { frequencies[$0] } }
        for (count, frequency) in order.enumerated() {
            desk.ask("/note/hz", one, .float(frequency), .int(0))
            if count % 10 == 9 { #expect(voices(desk, 39 - count) == 39 - count) }
        }
        #expect(voices(desk, 0) == 0)
    }

    @Test func `each frequency has two open strokes at most, whatever else sounds on its key`() throws {
        let desk = try Desk([Self.short])
        for frequency in [440, 440, 441, 442, 443] as [Float] {
            desk.ask("/note/hz", one, .float(frequency), .int(100))
        }
        for _ in 0..<2 { desk.ask("/note/on", one, .int(69), .int(100)) }
        #expect(voices(desk, 7) == 7, "none ends another")
        // A third stroke ends the oldest of its own frequency, and of its own key.
        desk.ask("/note/hz", one, .float(440), .int(100))
        desk.ask("/note/on", one, .int(69), .int(100))
        desk.pass()
        #expect(voices(desk, 7) == 7)
        for _ in 0..<2 { desk.ask("/note/hz", one, .float(440), .int(0)) }
        for _ in 0..<2 { desk.ask("/note/off", one, .int(69)) }
        #expect(voices(desk, 3) == 3)
        for frequency in [441, 442, 443] as [Float] { desk.ask("/note/hz", one, .float(frequency), .int(0)) }
        #expect(voices(desk, 0) == 0)
    }

    @Test func `a plain note and one by frequency on one key are told apart`() throws {
        let desk = try Desk([Self.short])
        desk.ask("/note/hz", one, .float(441), .int(100))
        desk.ask("/note/on", one, .int(69), .int(100))
        #expect(voices(desk, 2) == 2)
        desk.ask("/note/off", one, .int(69))
        #expect(voices(desk, 1) == 1)
        #expect(abs(desk.frequency() - 441) < 0.5, "the plain one ended")
        // By its key, as the answer says.
        desk.ask("/note/off", one, .int(69))
        #expect(voices(desk, 0) == 0)
    }

    /// Fails where the prefix is lost on the note after it, or kept for a later one.
    @Test func `a velocity prefix is for the next note, by frequency too`() throws {
        let desk = try Desk([Self.short], plays: false)
        func velocities(_ velocity: OSCValue) -> [UInt32] {
            desk.ask("/cc", one, .int(88), .int(100))
            desk.ask("/note/hz", one, .float(440), velocity)
            desk.ask("/note/on", one, .int(60), .int(64))
            return desk.console.playing.withLock { ring in
                var found: [UInt32] = []
                while let event = ring.pop() { found.append(event.position) }
                return found
            }
        }
        let plain = Position.scaled(64)
        #expect(velocities(.int(64)) == [Position.scaled(64 << 7 | 100, bits: 14), plain])
        #expect(velocities(.float(0.5)) == [Position.centre, plain])
        #expect(velocities(.int(0)) == [0, plain])
    }

    @Test func `a table of notes matches by pitch where one is named`() {
        var table = NoteTable()
        defer { table.free() }
        func note(_ serial: UInt32, _ pitch: Float?) -> NoteTable.Note {
            NoteTable.Note(serial: serial, source: 3, channel: 1, key: 60, namedPitch: pitch)
        }
        for (serial, pitch) in [(1, 60.1), (2, nil), (3, 59.9), (4, 60.1)] as [(UInt32, Float?)] {
            _ = table.add(note(serial, pitch))
        }
        func off(_ pitch: Float?) -> UInt32? {
            table.keyUp(source: 3, channel: 1, key: 60, pitch: pitch, velocity: 0)?.serial
        }
        #expect(off(60) == nil && off(59.9) == 3 && off(59.9) == nil)
        #expect(off(nil) == 2, "the one without a pitch, though it is not the oldest")
        #expect(off(nil) == 1, "then the oldest")
        #expect(off(60.1) == 4 && off(60.1) == nil && off(nil) == nil)
    }
}
