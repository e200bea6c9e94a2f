import Foundation
import KairosControl
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

/// MIDI files with faults: they are read as far as possible, each fault is one warning with its byte offset,
/// and strict reading refuses the file.
@Suite struct LenientMIDIFiles {
    private static let end: [UInt8] = [0, 0xff, 0x2f, 0]
    /// Key 60 down at tick 0, up at tick 96.
    private static let note: [UInt8] = [0, 0x90, 60, 100, 96, 0x80, 60, 64]

    private func chunk(_ tag: String, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
        let count = length ?? body.count
        return Array(tag.utf8) + (0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
            + body
    }

    private func track(_ body: [UInt8], length: Int? = nil) -> [UInt8] { chunk("MTrk", body, length: length) }

    private func file(
        _ chunks: [UInt8]..., format: UInt8 = 1, count: UInt8? = nil, division: [UInt8] = [0, 96]
    ) -> [UInt8] {
        chunk("MThd", [0, format, 0, count ?? UInt8(chunks.count)] + division) + chunks.flatMap { $0 }
    }

    /// Reads a file. Records an issue if strict reading does not refuse it, or if it has other warnings.
    @discardableResult
    private func song(
        _ bytes: [UInt8], warns warnings: [String], at location: SourceLocation = #_sourceLocation
    ) throws -> StandardMIDIFile {
        let song = try StandardMIDIFile.parse(bytes, file: "f")
        #expect(
            song.warnings.count == warnings.count, "\(song.warnings.map(\.message))", sourceLocation: location
        )
        for (found, expected) in zip(song.warnings, warnings) {
            #expect(found.message.hasPrefix(expected), sourceLocation: location)
        }
        let strict = try? StandardMIDIFile.parse(bytes, file: "f", strict: true)
        #expect((strict == nil) == !warnings.isEmpty, sourceLocation: location)
        return song
    }

    private func isNote(_ song: StandardMIDIFile, times: Int = 1) -> Bool {
        song.events.map(\.kind) == Array(repeating: [.noteOn, .noteOff], count: times).flatMap { $0 }
    }

    // MARK: Tracks and chunks

    @Test func `a track without an end-of-track event`() throws {
        let song = try song(file(track(Self.note)), warns: ["byte 30: track 1: ends without an end-of-track"])
        #expect(isNote(song) && song.length == 500_000_000)
    }

    @Test func `a chunk length that is too short, too long, 0, or beyond the file`() throws {
        let body = Self.note + Self.end
        for length in [0, 3, 8, 10, 13, 18, 5000, 0xffff_ffff] {
            let bytes = file(track(body, length: length), track(Self.note + Self.end))
            let song = try song(bytes, warns: ["byte 18: track 1: the chunk's length is \(length)"])
            #expect(song.events.filter { $0.kind == .noteOn }.count == 2)
        }
        // The length is that of both tracks together: the second begins where the first ends.
        #expect(
            isNote(
                try song(
                    file(track(body, length: 12 + 20), track([0x60] + Self.note.dropFirst() + Self.end)),
                    warns: ["byte 18: track 1: the chunk's length is 32"]), times: 2))
    }

    @Test func `a length that is too short, without an end-of-track event`() throws {
        try song(
            file(track(Self.note, length: 4), track(Self.note + Self.end)),
            warns: ["byte 18: track 1: the chunk's length", "byte 30: track 1: ends without"])
    }

    @Test func `wrong track counts, and format 0 with two tracks`() throws {
        let one = track(Self.end), two = track(Self.note + Self.end)
        for (format, count) in [(UInt8(1), UInt8(1)), (1, 5), (1, 0), (0, 1), (0, 2)] {
            let song = try song(
                file(one, two, format: format, count: count),
                warns: [
                    "byte 10: "
                        + (format == 0 ? "format 0" : "the number of tracks is \(count) in the header")
                ])
            #expect(isNote(song))
        }
    }

    @Test func `chunks of other kinds are skipped without a warning, bytes between chunks with one`() throws {
        let two = track(Self.note + Self.end)
        #expect(isNote(try song(file(chunk("XFIH", [1, 2, 3]), two, count: 1), warns: [])))
        #expect(
            isNote(
                try song(
                    file(track(Self.end), [0, 0, 0], two, count: 2),
                    warns: ["byte 26: 3 bytes outside any chunk"])))
        #expect(
            isNote(try song(file(two) + [0, 0, 0, 0, 0], warns: ["byte 34: 5 bytes after the last track"])))
        #expect(
            isNote(
                try song(
                    file(chunk("JUNK", [1, 2], length: 9999), two, count: 1),
                    warns: ["byte 14: 10 bytes outside any chunk"])))
    }

    @Test func `a container with a wrong size is read to the end of the file`() throws {
        let inner = file(track(Self.note + Self.end)),
            odd = file(track(Self.note + [0, 0xff, 1, 0] + Self.end))
        let info: [UInt8] = Array("LIST".utf8) + [4, 0, 0, 0] + Array("INFO".utf8)
        for song1 in [inner, odd] {
            for size in [0, 1, 13, 14, 20, song1.count - 1, song1.count, song1.count + 1, 0xffff_ffff] {
                let little = (0..<4).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) }
                let container = Array("RIFF".utf8) + [0, 0, 0, 0] + Array("RMIDdata".utf8) + little + song1
                #expect(isNote(try song(container, warns: ["byte 0: a RIFF container (RMID)"])))
                guard size == song1.count else { continue }
                // With and without the padding byte.
                for padding in [[], [0]] as [[UInt8]] {
                    #expect(
                        isNote(
                            try song(container + padding + info, warns: ["byte 0: a RIFF container (RMID)"])))
                }
            }
        }
    }

    @Test func `the tag of a header in the bytes before the header is ignored`() throws {
        let song = try song(
            Array("MThd is missing".utf8) + file(track(Self.note + Self.end)),
            warns: ["byte 0: 15 bytes before the header"])
        #expect(isNote(song) && song.length == 500_000_000)
    }

    @Test func `bytes after the end of a track`() throws {
        try song(
            file(track(Self.note + Self.end + [1, 2, 3]), track(Self.end)),
            warns: ["byte 34: track 1: 3 bytes after the end-of-track"])
    }

    @Test func `the tracks of format 2 play one after the other, each at its own tempo`() throws {
        // 60 quarter notes per minute in the first, 120 in the second.
        let first: [UInt8] = [0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40] + Self.note + Self.end
        let single = try song(file(track(first), format: 2), warns: ["byte 8: format 2"])
        #expect(isNote(single) && single.length == 1_000_000_000)
        let both = try song(
            file(track(first), track(Self.note + Self.end), format: 2), warns: ["byte 8: format 2"])
        #expect(both.events.map(\.stamp) == [0, 1_000_000_000, 1_000_000_000, 1_500_000_000])
    }

    @Test func `an unknown format, a long header and a short one`() throws {
        let two = track(Self.note + Self.end)
        #expect(isNote(try song(file(two, format: 7), warns: ["byte 8: format 7"])))
        let long = chunk("MThd", [0, 1, 0, 1, 0, 96, 9, 9])
        #expect(isNote(try song(long + two, warns: [])))
        for length in [0, 4, 7, 255] {
            let header = chunk("MThd", [0, 1, 0, 1, 0, 96], length: length)
            #expect(isNote(try song(header + two, warns: ["byte 4: a header of \(length) bytes"])))
        }
    }

    @Test func `a RIFF container, and bytes before the header`() throws {
        let inner = file(track(Self.note + Self.end))
        var size = inner.count
        let little = (0..<4).map { _ in
            defer { size >>= 8 }
            return UInt8(size & 255)
        }
        let riff =
            Array("RIFF".utf8) + [0, 0, 0, 0] + Array("RMIDdata".utf8) + little + inner
            + Array("LIST".utf8) + [4, 0, 0, 0, 1, 2, 3, 4]
        #expect(isNote(try song(riff, warns: ["byte 0: a RIFF container"])))
        // MacBinary: 128 bytes before the file, zeros after it.
        let before = [UInt8](repeating: 0, count: 128)
        #expect(isNote(try song(before + inner, warns: ["byte 0: 128 bytes before the header"])))
        try song(
            before + inner + [0, 0, 0],
            warns: ["byte 0: 128 bytes before", "byte 162: 3 bytes after the last"])
    }

    @Test func `invalid divisions`() throws {
        let two = track(Self.note + Self.end)
        #expect(
            isNote(try song(file(two, division: [0, 0]), warns: ["byte 12: a division of 0 ticks; 480"])))
        #expect(
            isNote(
                try song(file(two, division: [0xe7, 0]), warns: ["byte 12: a division of 0 ticks per frame"]))
        )
        #expect(isNote(try song(file(two, division: [0x80, 4]), warns: ["byte 12: 128 frames per second"])))
        for frames: UInt8 in [24, 25, 29, 30] {
            #expect(isNote(try song(file(two, division: [0 &- frames, 40]), warns: [])))
        }
    }

    // MARK: Events

    @Test func `running status after meta, exclusive and system events`() throws {
        for event: [UInt8] in [[0xff, 1, 1, 65], [0xf0, 2, 0x41, 0xf7], [0xf7, 1, 0xfe], [0xf6]] {
            var warnings = ["byte \(28 + event.count): track 1: running status after"]
            if event[0] == 0xf6 { warnings.insert("byte 27: track 1: the system message 0xf6", at: 0) }
            let song = try song(
                file(track([0, 0x90, 60, 100, 0] + event + [96, 60, 0] + Self.end)), warns: warnings)
            #expect(isNote(song))
        }
    }

    @Test func `repeated faults in a track are one warning with their number`() throws {
        let again: [UInt8] = [0, 0xff, 1, 0, 0, 60, 0]
        let song = try song(
            file(track([0, 0x90, 60, 100] + again + again + again + Self.end)),
            warns: ["byte 31: track 1: running status after a meta event"])
        #expect(song.warnings[0].message.hasSuffix("(and 2 more in this track)"))
    }

    @Test func `real-time and system bytes between and within messages`() throws {
        let between: [UInt8] = [0, 0x90, 60, 100, 10, 0xf8, 86, 0x80, 60, 0]
        let song1 = try song(
            file(track(between + Self.end)), warns: ["byte 27: track 1: the real-time message 0xf8"])
        #expect(isNote(song1) && song1.events[1].stamp == 500_000_000)
        let within: [UInt8] = [0, 0x90, 0xfe, 60, 100, 96, 0x80, 60, 0xfa, 0]
        #expect(isNote(try song(file(track(within + Self.end)), warns: ["byte 24: track 1: the real-time"])))
        for message: [UInt8] in [[0xf1, 5], [0xf2, 1, 2], [0xf3, 1], [0xf4], [0xf5], [0xf6]] {
            let bytes = file(track(Self.note + [0] + message + [0, 0x90, 60, 1, 0, 0x80, 60, 0] + Self.end))
            #expect(isNote(try song(bytes, warns: ["byte 31: track 1: the system message"]), times: 2))
        }
    }

    @Test func `data without a status byte, and data bytes above 0x7f`() throws {
        #expect(
            isNote(
                try song(
                    file(track([0, 60, 100] + Self.note + Self.end)),
                    warns: ["byte 23: track 1: data (0x3c) without a status"])))
        let loud: [UInt8] = [0, 0x90, 60, 200, 96, 0x80, 60, 0]
        let song1 = try song(file(track(loud + Self.end)), warns: ["byte 23: track 1: the data byte 0xc8"])
        #expect(isNote(song1) && song1.events[0].normalized == UInt32.max)
        let key: [UInt8] = [0, 0x90, 200, 1]
        #expect(
            isNote(
                try song(file(track(key + Self.note + Self.end)), warns: ["byte 23: track 1: the data byte"]))
        )
    }

    @Test func `delta times of more than four bytes`() throws {
        let padded: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0, 0x90, 60, 100, 96, 0x80, 60, 0]
        #expect(
            isNote(
                try song(file(track(padded + Self.end)), warns: ["byte 22: track 1: a delta time of 5 bytes"])
            ))
        // An impossible delta time: the events before it and the other track play.
        let endless = Self.note + [0xff, 0xff, 0xff, 0xff, 0x7f] + Self.note
        let song1 = try song(
            file(track(endless + Self.end), track(Self.note + Self.end)),
            warns: ["byte 30: track 1: a delta time of 5 bytes"])
        #expect(song1.events.filter { $0.kind == .noteOn }.count == 2)
    }

    @Test func `tempo events of 0 and of the wrong size`() throws {
        for tempo: [UInt8] in [[3, 0, 0, 0], [2, 1, 1], [0]] {
            let song = try song(
                file(track([0, 0xff, 0x51] + tempo + Self.note + Self.end)),
                warns: ["byte 23: track 1: a tempo event of"])
            #expect(isNote(song) && song.length == 500_000_000)
        }
    }

    @Test func `a meta event that extends beyond its track`() throws {
        let text: [UInt8] = [0, 0xff, 1, 100, 65, 66]
        let song = try song(
            file(track(Self.note + text), track(Self.note + Self.end)),
            warns: ["byte 31: track 1: ends within an event"])
        #expect(song.events.filter { $0.kind == .noteOn }.count == 2)
    }

    @Test func `faults beyond the limit are counted, not listed`() throws {
        let bad = track([0, 60, 100])
        let bytes =
            chunk("MThd", [0, 1, 0, 1, 0, 96]) + (0..<500).flatMap { _ in bad } + track(Self.note + Self.end)
        let song = try StandardMIDIFile.parse(bytes, file: "f")
        #expect(song.warnings.count == 101 && song.warnings[100].message.contains("more faults"))
    }

    /// The time to read a file grows linearly with its length, also for files made to be read repeatedly.
    @Test func `a large file of faults is read in linear time`() throws {
        let count = 200_000
        let header: [UInt8] = chunk("MThd", [0, 1, 0xff, 0xff, 0, 96])
        let last: [UInt8] = track(Self.note + Self.end)
        func repeated(_ bytes: [UInt8]) -> [UInt8] { (0..<count).flatMap { _ in bytes } }
        // Tracks without an end, and tracks with a length that ends in the zeros after them.
        let endless: [UInt8] = repeated(chunk("MTrk", [0, 0xf0, 0xff, 0xff, 0x7f, 1], length: 0xff0000))
        let zeros: [UInt8] = repeated(chunk("MTrk", Self.end, length: 0x400000))
        // Very many devices, and repeated note-offs.
        var devices: [UInt8] = [], modes: [UInt8] = []
        for index in 0..<count {
            devices += [0, 0xff, 9, 3, UInt8(index & 127), UInt8(index >> 7 & 127), UInt8(index >> 14)]
            devices += Self.note
            modes += [0, 0x90, UInt8(index & 127), 1, 0, 0xb0 | UInt8(index & 15), 123, 0]
        }
        let padding = [UInt8](repeating: 0, count: 8 << 20)
        var files: [[UInt8]] = [header + endless + last]
        files.append(header + zeros + last + padding)
        files.append(header + track(devices + Self.end))
        files.append(header + track(modes + Self.end))
        for bytes in files { #expect(try !StandardMIDIFile.parse(bytes, file: "f").events.isEmpty) }
    }

    // MARK: System exclusive packets

    @Test func `a system exclusive message may be split into any number of packets`() throws {
        let message: [UInt8] = [0x7f, 0x7f, 4, 1, 0, 0x40, 0xf7]
        for first in 0..<message.count {
            for second in first...message.count {
                var body: [UInt8] = [0, 0xf0, UInt8(first)] + message[..<first]
                body += [10, 0xf7, UInt8(second - first)] + message[first..<second]
                body += [10, 0xf7, UInt8(message.count - second)] + message[second...]
                let song = try StandardMIDIFile.parse(file(track(body + Self.end)), file: "f", strict: true)
                #expect(song.events.map(\.kind) == [.master])
                let ticks = first == message.count ? 0 : second == message.count ? 10 : 20
                #expect(song.events.first?.stamp == UInt64((Double(ticks) * 500e6 / 96).rounded()))
            }
        }
    }

    @Test func `notes between packets sound, and a message without 0xf7 is completed`() throws {
        let between: [UInt8] = [0, 0xf0, 4, 0x7f, 0x7f, 4, 1] + Self.note + [0, 0xf7, 3, 0, 0x40, 0xf7]
        let song1 = try song(file(track(between + Self.end)), warns: [])
        #expect(song1.events.map(\.kind) == [.noteOn, .noteOff, .master])
        let open: [UInt8] = [0, 0xf0, 6, 0x7f, 0x7f, 4, 1, 0, 0x40] + Self.note
        let song2 = try song(
            file(track(open + Self.end)), warns: ["byte 23: track 1: a system exclusive message without"])
        #expect(song2.events.map(\.kind) == [.master, .noteOn, .noteOff])
    }

    @Test func `escapes carry any message; MIDI clock messages are ignored`() throws {
        let escapes: [UInt8] = [
            0, 0xf7, 3, 0x90, 60, 100, 0, 0xf7, 1, 0xfa, 0, 0xf7, 1, 0xf8, 0, 0xf7, 3, 0xf2, 1, 0,
            96, 0xf7, 2, 0x80, 60, 0, 0xf7, 1, 0,
        ]
        let song = try song(file(track(escapes + Self.end)), warns: [])
        #expect(song.events.map(\.kind) == [.noteOn, .start, .songPosition, .noteOff])
    }

    @Test func `bytes of F7 events that form no message are reported`() throws {
        for lost in [
            [0, 0xf7, 2, 1, 2], [0, 0xf7, 2, 0x91, 60], [0, 0xf7, 3, 0x91, 60, 0xf7],
            [0, 0xf7, 4, 0x91, 60, 0xf1, 0],
        ] as [[UInt8]] {
            let song = try song(
                file(track(Self.note + lost + Self.end)),
                warns: ["byte 31: track 1: 2 bytes in F7 events do not form a complete message"])
            #expect(isNote(song) || song.events.count == 3)
        }
        // A status byte in an F7 event ends the message, which is complete.
        let ended: [UInt8] = [0, 0xf0, 6, 0x7f, 0x7f, 4, 1, 0, 0x40, 0, 0xf7, 3, 0x90, 60, 100]
        let song = try song(
            file(track(ended + Self.end)), warns: ["byte 23: track 1: a system exclusive message without"])
        #expect(song.events.prefix(2).map(\.kind) == [.master, .noteOn])
    }

    @Test func `a length field of too many bytes, and a length beyond the track`() throws {
        let long: [UInt8] = [0, 0xff, 1, 0x80, 0x80, 0x80, 0x80, 1, 65]
        #expect(
            isNote(
                try song(
                    file(track(long + Self.note + Self.end)), warns: ["byte 23: track 1: a length field of 5"]
                )
            ))
        // The message ends at its 0xf7.
        let open: [UInt8] = [0, 0xf0, 0xff, 0x7f, 0x7f, 0x7f, 4, 1, 0, 0x40, 0xf7]
        let song = try song(
            file(track(open + Self.note + Self.end)),
            warns: ["byte 23: track 1: a system exclusive message of 16383 bytes, beyond the end"])
        #expect(song.events.map(\.kind) == [.master, .noteOn, .noteOff])
    }

    // MARK: Ports, and the end of the file

    @Test func `a port event of a wrong length, and too many ports, are reported`() throws {
        #expect(
            isNote(
                try song(
                    file(track([0, 0xff, 0x21, 0, 0, 0xff, 0x21, 2, 1, 1] + Self.note + Self.end)),
                    warns: ["byte 23: track 1: a port event of 0 bytes"])))
        let tracks = (0..<8).flatMap { track([0, 0xff, 0x21, 1, $0] + Self.note + Self.end) }
        let found = try song(
            file(tracks, count: 8), warns: ["byte \(14 + 5 * 25 + 9): port 5 is merged with another port"])
        #expect(found.events.filter { $0.kind == .noteOn }.count == 8)
        #expect(found.warnings[0].message.hasSuffix("(and 2 more)"))
    }

    @Test func `two ports or devices are two sources, unless they have no channel in common`()
        throws
    {
        func sources(_ first: [UInt8], _ second: [UInt8], channel: UInt8 = 0) throws -> [UInt16] {
            let other: [UInt8] = [0, 0x90 | channel, 72, 100, 96, 0x80 | channel, 72, 64]
            let song = try song(
                file(track(first + Self.note + Self.end), track(second + other + Self.end)), warns: [])
            return [60, 72].map { key in song.events.first { $0.number == key }?.source ?? 99 }
        }
        let further = FixedSource.filePorts.lowerBound
        let port: [[UInt8]] = [[0, 0xff, 0x21, 1, 0], [0, 0xff, 0x21, 1, 1]]
        let device: [[UInt8]] = [[0, 0xff, 9, 1, 65], [0, 0xff, 9, 1, 66]]
        #expect(try sources(port[0], port[1]) == [0, further])
        #expect(try sources([], port[1]) == [0, further])
        #expect(try sources(port[1], port[1]) == [0, 0])
        #expect(try sources(port[0], port[1], channel: 1) == [0, 0])
        #expect(try sources(device[0], device[1]) == [0, further])
        #expect(try sources(device[0], []) == [0, 0])
    }

    @Test func `a bank select at one port does not affect another`() throws {
        let first: [UInt8] = [0, 0xff, 0x21, 1, 0, 0, 0xb0, 0, 1],
            second: [UInt8] = [0, 0xff, 0x21, 1, 1, 0, 0xc0, 3]
        let song = try song(file(track(first + Self.note + Self.end), track(second + Self.end)), warns: [])
        #expect(song.events.first { $0.kind == .program }?.number == 3)
    }

    @Test func `notes and pedals held at the end are counted and released there`() throws {
        func held(_ body: [UInt8], releases: Int) throws -> String? {
            let song = try song(file(track(body + [96] + Self.end.dropFirst())), warns: [])
            #expect(
                song.events.filter { $0.kind == .sourceGone && $0.stamp == song.length }.count == releases)
            return song.heldAtEnd
        }
        #expect(try held(Self.note, releases: 0) == nil)
        #expect(try held([0, 0x90, 60, 1], releases: 1) == "1 note was still held at the end")
        // The third note-on of a key ends the first note.
        let third: [UInt8] = [0, 0x90, 60, 1, 0, 60, 1, 0, 60, 1, 0, 62, 1]
        #expect(try held(third, releases: 1) == "3 notes were still held at the end")
        let pedals: [UInt8] = [0, 0x90, 60, 1, 0, 0xb0, 64, 127, 0, 66, 127, 0, 69, 127]
        #expect(try held(pedals, releases: 1) == "1 note and 3 pedals were still held at the end")
        #expect(try held([0, 0xb0, 64, 127, 0, 64, 0], releases: 0) == nil)
        #expect(try held([0, 0x90, 60, 1, 0, 0xb0, 64, 127, 0, 123, 0, 0, 121, 0], releases: 0) == nil)
        #expect(try held([0, 0x90, 60, 1, 0, 0xb0, 120, 0], releases: 0) == nil)
        #expect(try held([0, 0x90, 60, 1, 0, 0xf0, 5, 0x7e, 0x7f, 9, 1, 0xf7], releases: 0) == nil)
    }

    // MARK: Time

    @Test func `times that no time stamp can hold are clamped`() throws {
        let wait: [UInt8] = [0xff, 0xff, 0xff, 0x7f, 0xff, 1, 0]
        let slow: [UInt8] = [0, 0xff, 0x51, 3, 0xff, 0xff, 0xff]
        for (waits, isAll) in [(1, false), (4, false), (5, true), (4000, true), (40_000, true)] {
            let body = slow + (0..<waits).flatMap { _ in wait } + Self.note + Self.end
            let song = try StandardMIDIFile.parse(
                file(track(body), division: [0, 1]), file: "f", strict: true)
            #expect((song.length == .max) == isAll, "\(waits)")
            #expect(song.clocked.count == song.events.count + song.clock.count)
            #expect(zip(song.events, song.events.dropFirst()).allSatisfy { $0.stamp <= $1.stamp })
            let code = try StandardMIDIFile.parse(
                file(track(body), division: [0xe8, 1]), file: "f", strict: true)
            #expect(code.length >= UInt64(min(waits, 4)) * 268_435_455 / 24 * 1_000_000_000)
        }
    }
}
