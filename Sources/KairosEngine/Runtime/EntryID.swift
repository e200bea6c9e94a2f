/// The index of an entry among the rig's entries, those that have left the list included.
public struct EntryID: Hashable, BitwiseCopyable, Sendable {
    private let raw: Int32

    /// An entry by its index, 0 or greater.
    init(_ index: Int) { raw = Int32(truncatingIfNeeded: index) }

    /// The index.
    public var index: Int { Int(raw) }
}
