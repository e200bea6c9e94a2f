import KairosControl
import KairosFiles

/// The demo tune: about a minute, with program changes while chords are held.
enum DemoTune {
    /// The tune, parsed from `bytes`.
    static var song: StandardMIDIFile {
        var score = DemoScore()
        score.compose()
        // Parsing cannot fail: the writer produces valid files.
        guard let song = try? StandardMIDIFile.parse(score.bytes, file: "demo") else {
            return StandardMIDIFile()
        }
        return song
    }

    /// The tune as a Standard MIDI File.
    static var bytes: [UInt8] {
        var score = DemoScore()
        score.compose()
        return score.bytes
    }
}

private struct DemoScore {
    private var messages: [(tick: Int, bytes: [UInt8])] = []
    private static let beat = 480
    private static let bar = 4 * 480

    var bytes: [UInt8] {
        var writer = StandardMIDIFile.Writer(ticksPerQuarter: Self.beat)
        let name = Array("Kairos demo".utf8)
        writer.add([
            (0, StandardMIDIFile.Writer.tempo(beatsPerMinute: 88)),
            (0, [0xff, 0x03, UInt8(name.count)] + name),
        ])
        writer.add(messages)
        return writer.bytes
    }

    private mutating func program(_ tick: Int, _ channel: UInt8, _ number: UInt8) {
        messages.append((tick, [0xc0 | channel, number]))
    }

    private mutating func control(_ tick: Int, _ channel: UInt8, _ number: UInt8, _ value: UInt8) {
        messages.append((tick, [0xb0 | channel, number, value]))
    }

    private mutating func note(_ tick: Int, _ length: Int, _ key: Int, _ velocity: UInt8, _ channel: UInt8) {
        messages.append((tick, [0x90 | channel, UInt8(key), velocity]))
        messages.append((tick + length, [0x80 | channel, UInt8(key), 64]))
    }

    /// Am9, F△9, C9, G6/9 or close to them: MIDI keys, the bass note first.
    private static let chords = [
        [57, 64, 67, 71, 72], [53, 60, 64, 67, 69], [48, 60, 64, 67, 74], [55, 59, 62, 64, 69],
    ]
    private static let roots = [33, 29, 36, 31]

    mutating func compose() {
        let bar = Self.bar, beat = Self.beat
        for index in 0..<20 {
            let chord = Self.chords[index % 4], root = Self.roots[index % 4], start = index * bar
            chords(start, index, chord)
            if index >= 4, index < 18 { bass(start, root, busy: index >= 8) }
            if index >= 8, index < 16 { arpeggio(start, chord) }
            if index >= 12, index < 18 { lead(start, index - 12) }
        }
        // A last chord, held through four program changes.
        let end = 20 * bar
        for (offset, number) in [(0, UInt8(0)), (2 * beat, 6), (4 * beat, 2), (6 * beat, 7)] {
            program(end + offset, 0, number)
            for key in [45, 60, 64, 71] {
                note(end + offset + 10, 8 * beat - offset, key + offset / beat, 84, 0)
            }
        }
    }

    private mutating func chords(_ start: Int, _ index: Int, _ chord: [Int]) {
        // The keys of a bar are still held at the program change of the next bar.
        let programs: [UInt8] = [0, 0, 0, 0, 2, 2, 0, 2, 1, 1, 2, 2, 2, 7, 2, 7, 1, 2, 6, 6]
        program(start, 0, programs[index])
        for (index, key) in chord.enumerated() {
            note(start + 20 + index * 18, Self.bar + 200, key, UInt8(92 - index * 4), 0)
        }
        if programs[index] == 0 {
            for step in 0..<4 { note(start + 960 + step * 240, 200, chord[step + 1] + 12, 70, 0) }
        }
        if index == 4 { for step in 0..<32 { control(start + step * 60, 0, 74, UInt8(20 + step * 3)) } }
    }

    private mutating func bass(_ start: Int, _ root: Int, busy: Bool) {
        program(start, 1, 4)
        let pattern = busy ? [0, 3, 4, 6, 8, 11, 12, 14] : [0, 6, 8, 14]
        for (index, step) in pattern.enumerated() {
            note(start + step * 120, 105, root + (index % 4 == 3 ? 12 : 0), 100, 1)
        }
    }

    private mutating func arpeggio(_ start: Int, _ chord: [Int]) {
        program(start, 2, 5)
        for step in 0..<16 {
            let key = chord[1 + (step * 3) % 4] + (step % 8 < 4 ? 12 : 24)
            note(start + step * 120, 100, key, UInt8(58 + (step * 7) % 30), 2)
        }
    }

    private mutating func lead(_ start: Int, _ index: Int) {
        program(start, 3, 3)
        let phrases: [[(at: Int, length: Int, key: Int)]] = [
            [(0, 7, 76), (6, 4, 79), (10, 6, 84)], [(0, 8, 83), (8, 5, 81), (12, 4, 79)],
            [(0, 10, 76), (10, 3, 74), (13, 3, 72)], [(0, 16, 74)],
            [(0, 5, 79), (4, 5, 81), (8, 9, 88)], [(0, 16, 86)],
        ]
        for note in phrases[index % phrases.count] {
            self.note(start + note.at * 120, note.length * 120 + 40, note.key, 96, 3)
        }
        control(start, 3, 1, UInt8(index >= 3 ? 70 : 25))
    }
}
