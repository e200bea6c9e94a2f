import Foundation
import KairosControl
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

@Suite struct MIDIFiles {
    private static let messages: [(tick: Int, bytes: [UInt8])] = [
        (0, [0xb0, 0, 2]), (0, [0xb0, 32, 1]), (0, [0xc0, 5]), (96, [0x90, 60, 100]), (480, [0x90, 60, 0]),
        (481, [0xe1, 0, 64]),
    ]

    private static func file() -> [UInt8] {
        var writer = StandardMIDIFile.Writer(ticksPerQuarter: 96)
        writer.add([
            (0, StandardMIDIFile.Writer.tempo(beatsPerMinute: 150)),
            (192, [0xff, 0x51, 3, 0x0a, 0x2c, 0x2b]),
        ])
        writer.add(messages)
        return writer.bytes
    }

    @Test func `events have exact times`() throws {
        let song = try StandardMIDIFile.parse(Self.file(), file: "test")
        #expect(song.events.map(\.kind) == [.program, .noteOn, .noteOff, .pitchBend])
        #expect(song.events[0].number == UInt32((2 * 128 + 1) * 128 + 5))
        // 150 beats per minute up to tick 192: 400 ms per beat; then 666 667 µs per beat.
        #expect(song.events[1].stamp == 400_000_000)
        #expect(song.events[2].stamp == 800_000_000 + 3 * 666_667_000)
        let late = 800_000_000.0 + 289.0 / 96 * 666_667_000
        #expect(abs(Double(song.events[3].stamp) - late) <= 0.5)
        #expect(song.events[3].normalized == NormalizedValue.centre && song.events[3].channel == 1)
    }

    @Test func `a day of ticks does not drift`() throws {
        var writer = StandardMIDIFile.Writer(ticksPerQuarter: 480)
        // A tempo with a fractional number of nanoseconds per tick, and a note every quarter.
        writer.add(
            [(0, [0xff, 0x51, 3, 0x07, 0xa1, 0x21])] + (1...20_000).map { ($0 * 480, [0x90, 60, 1]) })
        let song = try StandardMIDIFile.parse(writer.bytes, file: "test")
        #expect(song.events.last?.stamp == 20_000 * 500_001_000)
    }

    @Test func `running status and time code`() throws {
        let track: [UInt8] = [0, 0x90, 60, 100, 10, 62, 100, 0, 0xff, 0x2f, 0]
        // 25 frames per second with 40 ticks each: a tick is a millisecond.
        let bytes: [UInt8] =
            Array("MThd".utf8) + [0, 0, 0, 6, 0, 0, 0, 1, 0xe7, 40] + Array("MTrk".utf8) + [
                0, 0, 0, UInt8(track.count),
            ] + track
        let song = try StandardMIDIFile.parse(bytes, file: "test")
        // Both keys are held at the end of the file, and released there.
        let notes = song.events.filter { $0.kind == .noteOn }
        #expect(notes.map(\.stamp) == [0, 10_000_000] && notes.map(\.number) == [60, 62])
    }

    @Test func `a truncated file is refused by strict reading, else played as far as possible`() throws {
        let whole = Self.file(), events = try StandardMIDIFile.parse(whole, file: "cut").events
        var played = 0
        for count in 0..<whole.count {
            let bytes = Array(whole[..<count])
            #expect(throws: Diagnostics.self, "\(count) bytes") {
                try StandardMIDIFile.parse(bytes, file: "cut", strict: true)
            }
            do throws(Diagnostics) {
                let song = try StandardMIDIFile.parse(bytes, file: "cut")
                played += 1
                #expect(!song.warnings.isEmpty && song.warnings.allSatisfy { $0.message.hasPrefix("byte ") })
                let own = song.events.filter { $0.kind != .sourceGone }
                #expect(own.map(\.kind) == events.prefix(own.count).map(\.kind))
            } catch { #expect(error.description.hasPrefix("cut: ")) }
        }
        #expect(played > 10)
    }

    @Test func `the error of a file without anything to play gives the reason`() {
        func message(_ bytes: [UInt8]) -> String {
            do throws(Diagnostics) {
                _ = try StandardMIDIFile.parse(bytes, file: "f")
                return "good"
            } catch { return error.description }
        }
        let header = Array("MThd".utf8) + [0, 0, 0, 6]
        #expect(message([]).contains("the file is empty"))
        #expect(message(Array("hello to you all\n".utf8)).contains("not a Standard MIDI File"))
        #expect(message(Array("RIFFxxxxxxxxxxxx".utf8)).contains("not a Standard MIDI File"))
        #expect(
            message(header + [0, 1]).contains("byte 10: the file is truncated: it ends within its header"))
        #expect(
            message(header + [0, 1, 0, 9, 0, 96]).contains("announces 9 tracks, but the file contains none"))
        #expect(
            message(header + [0, 0, 0, 1, 0, 96] + Array("MTrk".utf8) + [0, 0, 0, 3, 0, 60, 1]).contains(
                "nothing in this file can be played"))
    }
}

/// System exclusive messages in MIDI files.
@Suite struct ExclusiveInFiles {
    @Test func `a file can set the master volume`() throws {
        var writer = StandardMIDIFile.Writer(ticksPerQuarter: 96)
        writer.add([(96, [0xf0, 7, 0x7f, 0x7f, 4, 1, 0, 0x40, 0xf7]), (200, [0xf0, 2, 0x41, 0xf7])])
        let song = try StandardMIDIFile.parse(writer.bytes, file: "test")
        #expect(song.events.map(\.kind) == [.master])
        #expect(
            song.events.first?.stamp == 500_000_000 && song.events.first?.normalized == NormalizedValue.centre
        )
    }
}
