/// Voice allocation of a patch: polyphony, glide, unison and bend range.
public struct Voicing: Sendable, Equatable {
    /// Polyphony mode: the effect of a second note while the first is held.
    public enum Mode: String, Sendable, CaseIterable {
        /// It takes another voice.
        case poly
        /// The single voice restarts on the newest key.
        case mono
        /// The single voice moves to the newest key without retriggering.
        case legato
    }

    /// Effect of a second note.
    public var mode = Mode.poly
    /// Polyphony, 1…256 notes; 1 unless `mode` is `poly`.
    public var voices = 16
    /// Glide time in seconds from one key's pitch to the next; 0 is off.
    public var glide: Float = 0
    /// Unison voices per note, 1…16; each takes one lane.
    public var unison = 1
    /// Detune spread between the outermost unison voices, in semitones.
    public var unisonDetune: Float = 0.15
    /// Pitch-bend range in semitones, to each side.
    public var bendRange: Float = 2

    /// Creates the default: sixteen voices, no glide, no unison.
    public init() {}
}
