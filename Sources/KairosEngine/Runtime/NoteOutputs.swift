import KairosControl

/// The notes of one instance that its note stages have started, in the order of their starts. [audio]
///
/// It lies in the instance's region and is a part of its image.
struct NoteOutputs: BitwiseCopyable {
    /// The greatest number of notes.
    private static let capacity = 256

    private let notes: RegionTable<NoteTable.Note>
    private let countReference: Reference<Int>

    /// An empty table; without room where the patch has no note stages. [loader]
    init(hasStages: Bool, _ arena: inout Arena) {
        notes = arena.place(hasStages ? Self.capacity : 0, repeating: NoteTable.Note())
        countReference = arena.reference(to: 0)
    }

    /// The number of notes.
    var count: Int { countReference.pointee }

    /// A note by its index, 0..<``count``; the oldest is first.
    subscript(_ index: Int) -> NoteTable.Note { notes[index] }

    /// Adds a note. Returns the oldest one where there is no room for both: the caller ends it.
    func add(_ note: NoteTable.Note) -> NoteTable.Note? {
        let evicted = count == notes.count ? remove(at: 0) : nil
        notes[count] = note
        countReference.pointee += 1
        return evicted
    }

    /// Removes the note with a serial number; nil where there is none.
    func remove(_ serial: UInt32) -> NoteTable.Note? {
        for index in 0..<count where notes[index].serial == serial { return remove(at: index) }
        return nil
    }

    /// Removes all notes.
    func removeAll() { countReference.pointee = 0 }

    /// Copies the notes of the instance that this one replaces.
    func succeed(_ old: NoteOutputs) {
        guard old.notes.count == notes.count else { return }
        for index in 0..<old.count { notes[index] = old.notes[index] }
        countReference.pointee = old.count
    }

    /// Records that the voice of the note `former` plays the note `serial`: `former` waits for it.
    func give(voiceOf former: UInt32, to serial: UInt32) {
        for old in 0..<count where notes[old].serial == former {
            for new in 0..<count where notes[new].serial == serial { notes[new].voice = notes[old].voice }
        }
    }

    /// The newest note that shares the voice `voice`; nil for none.
    func newest(voice: UInt32) -> NoteTable.Note? {
        var index = count
        while index > 0 {
            index -= 1
            if notes[index].voice == voice { return notes[index] }
        }
        return nil
    }

    private func remove(at index: Int) -> NoteTable.Note {
        let note = notes[index]
        for later in index + 1..<max(count, index + 1) { notes[later - 1] = notes[later] }
        countReference.pointee -= 1
        return note
    }
}
