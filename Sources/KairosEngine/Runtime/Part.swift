import KairosDSP

/// What a program change acts on: one for all channels, or one for each channel in `multi`.
struct Part: BitwiseCopyable {
    /// The number of parts in `multi`.
    static let count = 16
    /// The greatest number of layers of an entry.
    static let layerLimit = 16

    /// A change to another entry that was requested and has not happened.
    struct Change: BitwiseCopyable {
        /// The entry to come.
        var entry: EntryID
        /// The frame from which its delay counts.
        var since: Int
        /// True while it waits for its moment (a beat, a release), false where it waits for the loader.
        var waitsForMoment: Bool
        /// True where everything was silenced since the request: the entry is silent until its first note.
        var startsSilent = false
    }

    /// The entry that new notes play.
    var entry: EntryID?
    /// The change to come.
    var change: Change?
    /// Where the kept macros were left, as normalized values, by the index of their name.
    var keptMacros = InlineArray<16, Float?>(repeating: nil)
}
