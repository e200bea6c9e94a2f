/// Note-on or note-off on its way through the note stages of a patch. [audio]
@frozen public struct NoteEvent: BitwiseCopyable, Sendable, Equatable {
    /// Kind of the event.
    @frozen public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// Start of a note.
        case on
        /// End of a note.
        case off
    }

    /// Start or end.
    public var kind: Kind
    /// Index of the MIDI channel state whose bend, pressure and timbre the note follows.
    public var channelState: UInt8
    /// MIDI note number after transposition. A stage may leave 0…127; such a note is not played.
    public var key: Int16
    /// Number of the note. The note-off has that of its note-on; no two notes of a slot share it.
    public var id: UInt32
    /// Note-on: velocity, 0…1. Note-off: release velocity, 0…1.
    public var velocity: Float
    /// Gain of the layer for this note, 0…1.
    public var gain: Float
    /// Difference in semitones between the note's explicit pitch and the pitch of `key`; 0 for a note without one.
    public var detune: Float

    /// An event of a note.
    @inlinable public init(
        _ kind: Kind, id: UInt32, key: Int16, velocity: Float, gain: Float = 1, detune: Float = 0,
        channelState: UInt8 = 0
    ) {
        self.kind = kind
        self.id = id
        self.key = key
        self.velocity = velocity
        self.gain = gain
        self.detune = detune
        self.channelState = channelState
    }

    /// The note-off of this note, with a release velocity of 0…1.
    @inlinable public func off(velocity: Float = 0.5) -> NoteEvent {
        var event = self
        event.kind = .off
        event.velocity = velocity
        return event
    }
}
