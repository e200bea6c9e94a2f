import KairosDSP

/// The indices of one rig's entries, controls and names in the next rig. Made by the loader, read by the audio
/// thread.
struct RigIndexMaps: ~Copyable {
    private let entries: FixedArray<EntryID?>
    private let successors: FixedArray<EntryID?>
    /// The index of each control, or nil.
    let controls: FixedArray<Int32?>
    /// The index of each of the sixteen names of kept macros, or nil.
    private let names: FixedArray<Int8?>

    /// Indices in the next rig; nil where there is no counterpart. [loader]
    init(entries: [Int?] = [], successors: [Int?] = [], controls: [Int32?] = [], names: [Int8?] = []) {
        self.entries = FixedArray(copying: entries.map { $0.map { EntryID($0) } })
        self.successors = FixedArray(copying: successors.map { $0.map { EntryID($0) } })
        self.controls = FixedArray(copying: controls)
        self.names = FixedArray(copying: names)
    }

    /// The entry that `entry` is in the next rig, or nil.
    func entry(_ entry: EntryID) -> EntryID? { entries[entry.index] }

    /// The entry of the next rig that replaces `entry` where it plays, because its layers have changed, or nil.
    func successor(of entry: EntryID) -> EntryID? { successors[entry.index] }

    /// The index of a name of kept macros in the next rig, or nil.
    func name(_ index: Int) -> Int? { names[index].map(Int.init) }
}
