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
    /// The channel strip whose volume, pan and expression it has, or ``Mixer/outgoing``.
    var strip: UInt8 = 0
    /// The entry that it plays for; nil where that has left the rig.
    var entry: EntryID?
    /// The sound that it plays or waits for.
    var sound: SoundID?
    /// The keys, velocities and channels that its layer plays, and its level.
    var rule = LayerRule()
    /// The instance that plays here, with the version of its sound; nil where it has none.
    var handoff: InstanceHandoff?
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
    /// The number of this use among all uses of all slots.
    var generation: UInt32 = 0
    /// The frame at which it stopped being active.
    var leftAt = 0
    /// Frames since its last gate fell, while it rings.
    var ringing = 0
    /// The gain of its fade, 1…0.
    var gain: Float = 1
    /// The decrease of the gain per frame while it fades.
    var fade: Float = 0
    /// Measured nanoseconds per frame; 0 while it was not measured.
    var cost: Float = 0
    /// Nanoseconds since the last end of 64 frames.
    var spent: UInt64 = 0

    /// The core of its instance, or nil.
    @inline(__always) var core: Reference<InstanceCore>? { handoff?.core }

    /// True while it rings or fades: its end comes by itself.
    @inline(__always) var isEnding: Bool { phase == .ringing || phase == .fading }

    /// True where it was heard, or would be without a note.
    var canBeHeard: Bool {
        hasPlayed || ((core?.pointee.schedule.soundsWithoutNotes ?? false) && !isSilenced)
    }
}
