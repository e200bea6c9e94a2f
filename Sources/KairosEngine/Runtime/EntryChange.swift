/// A change of a part to another entry.
public struct EntryChange: Sendable, BitwiseCopyable {
    /// The part: the channel in `multi` mode, else 0.
    public let part: UInt8
    /// The entry that plays from now on.
    public let entry: EntryID
    /// The frame of the change.
    public let frame: Int
    /// The number of frames after the frame at which it was due.
    public let delay: Int
    /// The number of slots of the former entry that ring on.
    public let ringing: Int
    /// The time that it took on the audio thread, in nanoseconds; 0 offline.
    public let nanoseconds: UInt64
}
