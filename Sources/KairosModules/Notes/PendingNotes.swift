import KairosDSP

/// Up to 64 events that wait for their frames; the first to act is first. Of equal frames, the first to arrive is. [audio]
struct PendingNotes: BitwiseCopyable {
    private struct Entry: BitwiseCopyable {
        var event: NoteEvent
        var frame: Int
    }

    private var entries = InlineArray<64, Entry>(
        repeating: Entry(event: NoteEvent(.off, id: 0, key: 0, velocity: 0), frame: 0))
    private var count = 0

    /// The frame of the first event; nil for none.
    var firstFrame: Int? { count > 0 ? entries[0].frame : nil }

    /// Adds an event that acts at `frame`. False where there is no room.
    mutating func add(_ event: NoteEvent, at frame: Int) -> Bool {
        guard count < entries.count else { return false }
        var place = count
        while place > 0, entries[place - 1].frame > frame {
            entries[place] = entries[place - 1]
            place -= 1
        }
        entries[place] = Entry(event: event, frame: frame)
        count += 1
        return true
    }

    /// Removes the first event. There must be one.
    mutating func removeFirst() -> NoteEvent {
        let first = entries[0].event
        remove(at: 0)
        return first
    }

    /// Removes the note-on with a number. False where it does not wait.
    mutating func removeStart(of id: UInt32) -> Bool {
        for index in 0..<count where entries[index].event.id == id && entries[index].event.kind == .on {
            remove(at: index)
            return true
        }
        return false
    }

    /// Removes all events.
    mutating func removeAll() { count = 0 }

    private mutating func remove(at place: Int) {
        count -= 1
        for index in place..<max(place, count) { entries[index] = entries[index + 1] }
    }
}
