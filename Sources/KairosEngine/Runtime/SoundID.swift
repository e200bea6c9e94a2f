/// The index of a sound among the rig's sounds.
public struct SoundID: Hashable, BitwiseCopyable, Sendable {
    private let raw: Int32

    /// A sound by its index, 0 or greater.
    init(_ index: Int) { raw = Int32(truncatingIfNeeded: index) }

    /// The index.
    public var index: Int { Int(raw) }
}
