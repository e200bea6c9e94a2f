import Foundation
import KairosControl
import KairosTestSupport
import Synchronization
import Testing

@testable import KairosOSC

/// `/note/hz`: each frequency is a separate note, and ends by its frequency.
@Suite(.serialized) struct NotesByFrequencyTests {
    private static let short = TonePatch.text(
        header: "level: -24 dB\nvoices: 64", envelope: "adsr, release: 1 ms")
    private let one = OSCValue.int(1)

    /// The number of sounding voices, as soon as it is `expected`, or after two seconds.
    private func voices(_ osc: OSCRig, _ expected: Int) -> Int {
        for _ in 0..<200 where osc.voices != expected { usleep(10_000) }
        return osc.voices
    }

    @Test func `frequencies next to one key are separate notes and end in any order`() throws {
        let osc = try OSCRig([Self.short])
        let low = OSCValue.float(438), high = OSCValue.float(442)
        #expect(osc.ask("/note/hz", one, low, .int(100)) == [.int(69)])
        #expect(osc.ask("/note/hz", one, high, .int(100)) == [.int(69)])
        #expect(voices(osc, 2) == 2)
        // The second ends first; the first continues at its own frequency.
        #expect(osc.ask("/note/hz", one, high, .int(0)) == [.int(69)])
        #expect(voices(osc, 1) == 1)
        #expect(abs(osc.frequency() - 438) < 0.5)
        // Another frequency next to the same key ends no note.
        osc.ask("/note/hz", one, .float(439), .float(0))
        osc.advance()
        #expect(osc.voices == 1)
        #expect(osc.ask("/note/hz", one, .double(438), .float(0)) == [.int(69)])
        #expect(voices(osc, 0) == 0)
    }

    @Test func `a float and a double of one frequency are the same note`() throws {
        let osc = try OSCRig([Self.short])
        for frequency in [261.6255653005986, 432.1, 12_999.99, 8.0001] {
            osc.ask("/note/hz", one, .double(frequency), .int(100))
            #expect(voices(osc, 1) == 1)
            osc.ask("/note/hz", one, .float(Float(frequency)), .int(0))
            #expect(voices(osc, 0) == 0, "\(frequency)")
        }
    }

    @Test func `forty notes within two semitones begin and end one by one`() throws {
        let osc = try OSCRig([Self.short])
        let frequencies = (0..<40).map { Float(440 * exp2(Double($0) / 240)) }
        for frequency in frequencies { osc.ask("/note/hz", one, .float(frequency), .int(100)) }
        #expect(voices(osc, 40) == 40)
        // Every third note first.
        let order = (0..<3).flatMap { start in stride(from: start, to: 40, by: 3).map { frequencies[$0] } }
        for (count, frequency) in order.enumerated() {
            osc.ask("/note/hz", one, .float(frequency), .int(0))
            if count % 10 == 9 { #expect(voices(osc, 39 - count) == 39 - count) }
        }
        #expect(voices(osc, 0) == 0)
    }

    @Test func `each frequency has at most two open notes, whatever else sounds on its key`() throws {
        let osc = try OSCRig([Self.short])
        for frequency in [440, 440, 441, 442, 443] as [Float] {
            osc.ask("/note/hz", one, .float(frequency), .int(100))
        }
        for _ in 0..<2 { osc.ask("/note/on", one, .int(69), .int(100)) }
        #expect(voices(osc, 7) == 7, "no note ends another")
        // A third note-on ends the oldest note of its own frequency, or of its own key.
        osc.ask("/note/hz", one, .float(440), .int(100))
        osc.ask("/note/on", one, .int(69), .int(100))
        osc.advance()
        #expect(voices(osc, 7) == 7)
        for _ in 0..<2 { osc.ask("/note/hz", one, .float(440), .int(0)) }
        for _ in 0..<2 { osc.ask("/note/off", one, .int(69)) }
        #expect(voices(osc, 3) == 3)
        for frequency in [441, 442, 443] as [Float] { osc.ask("/note/hz", one, .float(frequency), .int(0)) }
        #expect(voices(osc, 0) == 0)
    }

    @Test func `a plain note and a note by frequency on one key are separate`() throws {
        let osc = try OSCRig([Self.short])
        osc.ask("/note/hz", one, .float(441), .int(100))
        osc.ask("/note/on", one, .int(69), .int(100))
        #expect(voices(osc, 2) == 2)
        osc.ask("/note/off", one, .int(69))
        #expect(voices(osc, 1) == 1)
        #expect(abs(osc.frequency() - 441) < 0.5, "the plain note ended")
        // Ends the note by frequency, by the key in its answer.
        osc.ask("/note/off", one, .int(69))
        #expect(voices(osc, 0) == 0)
    }

    /// Fails if the note after the prefix does not use it, or if a later note does.
    @Test func `a velocity prefix applies to the next note, also by frequency`() throws {
        let osc = try OSCRig([Self.short], isRunning: false)
        func velocities(_ velocity: OSCValue) -> [UInt32] {
            osc.ask("/cc", one, .int(88), .int(100))
            osc.ask("/note/hz", one, .float(440), velocity)
            osc.ask("/note/on", one, .int(60), .int(64))
            return osc.dispatcher.inputs.notes.withLock { ring in
                var found: [UInt32] = []
                while let event = ring.pop() { found.append(event.normalized) }
                return found
            }
        }
        let plain = NormalizedValue.scaled(64)
        #expect(velocities(.int(64)) == [NormalizedValue.scaled(64 << 7 | 100, bits: 14), plain])
        #expect(velocities(.float(0.5)) == [NormalizedValue.centre, plain])
        #expect(velocities(.int(0)) == [0, plain])
    }

    @Test func `a note table matches by pitch if one is given`() {
        var table = NoteTable()
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
        #expect(off(nil) == 2, "the note without a pitch, though it is not the oldest")
        #expect(off(nil) == 1, "then the oldest")
        #expect(off(60.1) == 4 && off(60.1) == nil && off(nil) == nil)
    }
}
