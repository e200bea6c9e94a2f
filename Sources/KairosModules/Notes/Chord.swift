public import KairosDSP

/// Chord: each note becomes the root of a chord.
public struct Chord: NoteStage {
    /// Type name and description.
    public static let info = ModuleInfo("chord", "Chord on each note: the note is the root.")

    /// Parameters.
    public enum Param: Int, ParamKey {
        case shape, inversion, level, note1, note2, note3, note4
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .shape:
                .choice(
                    "Notes of the chord; custom: the root and note1 … note4.",
                    ChordShape.allCases.map { "\($0)" }, default: ChordShape.major.rawValue)
            case .inversion:
                ParamSpec(
                    "Number of notes, from the lowest, that sound an octave higher.", kind: .int,
                    range: 0...3, default: 0)
            case .level:
                .fixedRatio("Velocity of the added notes, in relation to that of the root.", default: 1)
            case .note1, .note2, .note3, .note4:
                ParamSpec(
                    "Interval of an added note of a custom chord, in semitones; 0 for none.", kind: .int,
                    range: -36...36, default: 0)
            }
        }
    }

    /// Numbers of the notes that were added to one note.
    private struct Added: BitwiseCopyable {
        var root: UInt32 = 0
        var count = 0
        var ids = SIMD4<UInt32>(repeating: 0)
    }

    /// The chords that sound.
    private var chords = InlineArray<32, Added>(repeating: Added())
    private var count = 0

    /// Creates the stage. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Forgets all notes. [audio, loader]
    public mutating func reset() { count = 0 }

    /// Sends the notes of a chord, or their ends. The root keeps its number. [audio]
    public mutating func receive(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        switch event.kind {
        case .on: start(event, io)
        case .off:
            io.send(event)
            end(event, io)
        }
    }

    private mutating func start(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        let intervals = intervals(io), size = intervals.count + 1
        let inversion = min(io.choice(.inversion), size - 1)
        var root = event
        if inversion > 0 { root.key += 12 }
        io.send(root)
        // Without room for their numbers nothing is added: nothing would end them.
        guard count < chords.count else { return }
        var added = Added()
        added.root = event.id
        for index in 0..<intervals.count {
            var note = event
            note.id = io.newID()
            note.key += Int16(intervals.notes[index]) + (index + 1 < inversion ? 12 : 0)
            note.velocity *= io[.level]
            added.ids[index] = note.id
            added.count += 1
            io.send(note)
        }
        chords[count] = added
        count += 1
    }

    private mutating func end(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        for index in 0..<count where chords[index].root == event.id {
            for place in 0..<chords[index].count {
                var note = event
                note.id = chords[index].ids[place]
                io.send(note)
            }
            count -= 1
            chords[index] = chords[count]
            return
        }
    }

    /// The intervals of the present shape from the root, in semitones.
    private func intervals(_ io: NoteStageIO<Self>) -> (notes: SIMD4<Int32>, count: Int) {
        let shape = ChordShape(rawValue: io.choice(.shape)) ?? .major
        if shape != .custom { return (shape.notes, shape.count) }
        let all = SIMD4(
            Int32(io[.note1]), Int32(io[.note2]), Int32(io[.note3]), Int32(io[.note4]))
        var notes = SIMD4<Int32>(repeating: 0), count = 0
        for index in 0..<4 where all[index] != 0 {
            notes[count] = all[index]
            count += 1
        }
        return (notes, count)
    }
}
