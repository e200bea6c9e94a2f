/// Up to 32 notes in the order of their arrival: what a note stage remembers. [any]
public struct NoteList: BitwiseCopyable, Sendable {
    /// The greatest number of notes.
    public static var capacity: Int { 32 }

    private var notes = InlineArray<32, NoteEvent>(
        repeating: NoteEvent(.on, id: 0, key: 0, velocity: 0))
    /// The number of notes.
    public private(set) var count = 0

    /// An empty list.
    public init() {}

    /// True if it has no note.
    public var isEmpty: Bool { count == 0 }
    /// True if it has no room for another note.
    public var isFull: Bool { count == Self.capacity }

    /// The note-on at an index, 0..<``count``; the oldest is first.
    public subscript(_ index: Int) -> NoteEvent { notes[index] }

    /// Adds a note-on. False where there is no room.
    @discardableResult
    public mutating func add(_ note: NoteEvent) -> Bool {
        guard count < Self.capacity else { return false }
        notes[count] = note
        count += 1
        return true
    }

    /// Removes the note with a number, and returns its note-on; nil where there is none.
    @discardableResult
    public mutating func remove(_ id: UInt32) -> NoteEvent? {
        for index in 0..<count where notes[index].id == id {
            let note = notes[index]
            count -= 1
            for later in index..<count { notes[later] = notes[later + 1] }
            return note
        }
        return nil
    }

    /// Removes all notes.
    public mutating func removeAll() { count = 0 }

    /// The note with `rank` lower ones, 0..<``count``. Of equal keys, the older one is lower.
    public func ranked(_ rank: Int) -> NoteEvent {
        for index in 0..<count {
            var lower = 0
            for other in 0..<count
            where notes[other].key < notes[index].key
                || (notes[other].key == notes[index].key && other < index)
            {
                lower += 1
            }
            if lower == rank { return notes[index] }
        }
        return notes[0]
    }
}
