import KairosControl

/// What the audio thread tells the control side: one plain value. Lossy by design.
public struct Report: Sendable, BitwiseCopyable {
    /// What happened.
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// An event did what `outcome` says.
        case event
        /// A part's sound changed to `entry`, `value` frames after the event was due.
        case changed
        /// `entry` was asked for and is not built yet; the old sound plays on.
        case wanted
        /// A module made something that is not finite: `index` is its node, `entry` its patch.
        case notFinite
        /// A slot was faded to make room, or because it rang too long.
        case evicted
        /// A source's notes and pedals were let go.
        case sourceGone
    }

    /// What became of an event.
    public enum Outcome: UInt8, Sendable, BitwiseCopyable {
        /// It started or ended a note, or moved what every instrument has (pedal, bend, volume).
        case performed
        /// It moved parameter `index` to `value`.
        case mapped
        /// It moved a gate.
        case gated
        /// No control listens to it.
        case unmapped
        /// No entry has this bank and program.
        case unknownProgram
        /// The part has this entry already.
        case sameEntry
        /// A note-off that belongs to no note.
        case noSuchNote
        /// No patch sounds yet, so nothing can play it.
        case noEntry
    }

    /// What happened.
    public var kind: Kind
    /// What became of the event.
    public var outcome: Outcome = .performed
    /// The part it concerns.
    public var part: UInt8 = 0
    /// The slot it concerns.
    public var slot: Int16 = -1
    /// The entry it concerns, or −1.
    public var entry: Int32 = -1
    /// A parameter or node.
    public var index: Int32 = -1
    /// A value in the parameter's unit, or a number of frames.
    public var value: Float = 0
    /// The engine's frame at which it happened.
    public var frame: Int = -1
    /// The event.
    public var event = Event(.panic)
}

/// A program on its way to the audio thread.
struct Delivery: @unchecked Sendable, BitwiseCopyable {
    var program: UnsafeMutableRawPointer
    var core: UnsafeMutablePointer<ProgramCore>
    var entry: Int32
}
