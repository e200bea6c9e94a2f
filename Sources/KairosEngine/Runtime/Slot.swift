import KairosCompiler
import KairosDSP

/// A place where a patch instance plays.
struct Slot: BitwiseCopyable {
    enum Phase: UInt8, BitwiseCopyable {
        case free
        /// It plays new notes.
        case active
        /// Its part has moved on; it hears only what ends its notes.
        case ringing
        /// It is faded out.
        case fading
        /// Its layer was silenced, and the new instance is not built yet.
        case awaiting
    }

    var phase = Phase.free
    var part: UInt8 = 0
    /// The index of its layer in its entry.
    var layer: UInt8 = 0
    /// The strip whose volume, pan and expression it has.
    var strip: UInt8 = 0
    var entry: EntryID?
    var sound: SoundID?
    /// The version of the sound.
    var version: Int32 = 0
    var rule = LayerRule()
    /// An unbalanced reference to its `PatchInstance`.
    var instance: UnsafeMutableRawPointer?
    var core: UnsafeMutablePointer<InstanceCore>?
    /// True while the instance is as it came from the standby pool: it can go back there.
    var isUntouched = true
    /// True once it had a note or an open gate.
    var hasPlayed = false
    /// True where it is not rendered before its next note, a gate that opens, or a program change.
    var isSilenced = false
    /// True where a new instance of the same sound has replaced it: its end is not reported.
    var isReplaced = false
    /// The frame from which its free phases count.
    var epoch = 0
    /// Tells one use of the slot from the next.
    var generation: UInt32 = 0
    /// The frame at which it stopped being active.
    var leftAt = 0
    /// Frames since its last gate fell, while it rings.
    var ringing = 0
    var gain: Float = 1
    /// What the gain loses per frame while it fades.
    var fade: Float = 0
    /// Measured nanoseconds per frame; 0 while it was not measured.
    var cost: Float = 0
    /// Nanoseconds since the last end of 64 frames.
    var spent: UInt64 = 0

    /// Its instance, to be sent back; nil where it has none.
    var handoff: InstanceHandoff? {
        guard let instance, let core, let sound else { return nil }
        return InstanceHandoff(instance: instance, core: core, sound: sound, version: version)
    }

    /// True where it was heard, or would be without a note.
    var canBeHeard: Bool { hasPlayed || ((core?.pointee.soundsWithoutNotes ?? false) && !isSilenced) }

    /// Lets an instance play here.
    mutating func set(_ handoff: InstanceHandoff) {
        instance = handoff.instance
        core = handoff.core
        version = handoff.version
    }
}
