import KairosDSP

/// Up to 32 notes that a stage has started, with the beats at which they end; the first to end is first. [audio]
struct ArpeggioNotes: BitwiseCopyable {
    private struct Note: BitwiseCopyable {
        var start: NoteEvent
        var end: Double
    }

    private var notes = InlineArray<32, Note>(
        repeating: Note(start: NoteEvent(.on, id: 0, key: 0, velocity: 0), end: 0))
    private var count = 0

    /// True if it has no room for another note.
    var isFull: Bool { count == notes.count }

    /// The beat at which the first note ends; nil for none.
    var firstEnd: Double? { count > 0 ? notes[0].end : nil }

    /// Adds a note behind those that end earlier or at the same beat. There must be room.
    mutating func add(_ start: NoteEvent, end: Double) {
        var place = count
        while place > 0, notes[place - 1].end > end {
            notes[place] = notes[place - 1]
            place -= 1
        }
        notes[place] = Note(start: start, end: end)
        count += 1
    }

    /// Removes the note that ends first, and returns its note-on. There must be one.
    mutating func removeFirst() -> NoteEvent {
        let first = notes[0].start
        count -= 1
        for index in 0..<count { notes[index] = notes[index + 1] }
        return first
    }

    /// Removes all notes.
    mutating func removeAll() { count = 0 }
}
