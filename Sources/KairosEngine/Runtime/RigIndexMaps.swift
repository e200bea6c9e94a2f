import KairosDSP

/// The indices of one rig's entries, controls and names in the next rig. Made by the loader, read by the audio thread.
struct RigIndexMaps: ~Copyable {
    private let entries: FixedArray<EntryID?>
    private let successors: FixedArray<EntryID?>
    /// The index of each control, or −1.
    let controls: FixedArray<Int32>
    /// The index of each of the sixteen names of kept macros, or nil.
    private let names: FixedArray<Int8?>

    init(entries: [Int] = [], successors: [Int] = [], controls: [Int32] = [], names: [Int8] = []) {
        // −1 is none in the loader's lists.
        func ids(_ indices: [Int]) -> FixedArray<EntryID?> {
            FixedArray(copying: indices.map { $0 >= 0 ? EntryID($0) : nil })
        }
        self.entries = ids(entries)
        self.successors = ids(successors)
        self.controls = FixedArray(copying: controls)
        self.names = FixedArray(copying: names.map { $0 >= 0 ? $0 : nil })
    }

    /// The entry that `entry` is in the next rig, or nil.
    func entry(_ entry: EntryID) -> EntryID? { entries[entry.index] }

    /// The entry of the next rig that replaces `entry` where it plays, because its layers have changed, or nil.
    func successor(of entry: EntryID) -> EntryID? { successors[entry.index] }

    /// The index of a name of kept macros in the next rig, or nil.
    func name(_ index: Int) -> Int? { names[index].map(Int.init) }
}
