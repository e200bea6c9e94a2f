import KairosDSP

/// The receiver of program changes: one for all channels, or one for each channel in `multi`.
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

    /// The entry that new notes play, or nil.
    var entry: EntryID?
    /// The change to come, or nil.
    var change: Change?
}
