import KairosControl

/// What the audio thread tells the control side: one plain value. Lossy by design.
public struct Report: Sendable, BitwiseCopyable {
    /// What happened.
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// An event did what `outcome` says.
        case event
        /// A part's sound changed to `entry`, `value` frames after it was due, in `nanoseconds`; `index` slots
        /// of the sound before ring on.
        case changed
        /// What played `entry` before a change has rung out, `value` frames after it.
        case rangOut
        /// `entry` was waited for and turned out broken; the old sound plays on.
        case failed
        /// A slot was faded because the change to come would have been too much for the machine.
        case shortened
        /// `entry` was asked for and is not built yet; the old sound plays on.
        case wanted
        /// A module made something that is not finite: `index` is its node, `sound` its patch.
        case notFinite
        /// A slot was faded to make room, or because it rang too long.
        case evicted
        /// A source's notes and pedals were let go.
        case sourceGone
        /// What plays `sound` is at version `index` of it now.
        case edited
    }

    /// What became of an event.
    public enum Outcome: UInt8, Sendable, BitwiseCopyable {
        /// It started or ended a note, or moved what every instrument has (pedal, bend, volume).
        case performed
        /// It moved parameter `index` to `value`.
        case mapped
        /// It moved a gate.
        case gated
        /// Its mapping says that it does nothing.
        case nothing
        /// Nothing listens to it.
        case unmapped
        /// A control listens to it on another channel: `value`, 1…16.
        case otherChannel
        /// Only a mapping for another device listens to it.
        case otherDevice
        /// Its knob stands elsewhere than the parameter, which waits at `value`, 0…1 of the way.
        case waitsForPickup
        /// The parameter is at that end of its way already.
        case atEnd
        /// The controller says again what it was just told.
        case echo
        /// It selects the second layer of its mapping while it is held.
        case shifted
        /// It set or tapped the tempo, which is `value` beats a minute, or started or stopped the transport.
        case tempo
        /// The scale has no pitch for the key.
        case untuned
        /// No entry has this bank and program.
        case unknownProgram
        /// The part has this entry already.
        case sameEntry
        /// The entry is broken; the sound stays.
        case failedEntry
        /// There is no entry before the first and none after the last.
        case endOfList
        /// The change comes at its moment, or when the entry is built.
        case waits
        /// The key is outside every part of the entry.
        case outside
        /// A note-off that belongs to no note.
        case noSuchNote
        /// What plays has no such parameter, or none any more.
        case noSuchParam
        /// No patch sounds yet, so nothing can play it.
        case noEntry
    }

    /// What happened.
    public var kind: Kind
    /// What became of the event.
    public var outcome: Outcome = .performed
    /// The part it concerns: the channel in `multi`, else 0.
    public var part: UInt8 = 0
    /// The entry it concerns, or −1.
    public var entry: Int32 = -1
    /// The sound whose parameter or module it is, or −1.
    public var sound: Int32 = -1
    /// A parameter or node.
    public var index: Int32 = -1
    /// The control on the surface that moved, or −1.
    public var control: Int32 = -1
    /// Where that control stands, 0…1.
    public var normalized: Float = .nan
    /// A value in the parameter's unit, or a number of frames.
    public var value: Float = 0
    /// How long the audio thread took; 0 offline.
    public var nanoseconds: Float = 0
    /// The engine's frame at which it happened.
    public var frame: Int = -1
    /// The event.
    public var event = Event(.panic)

    init(kind: Kind, event: Event = Event(.panic)) {
        self.kind = kind
        self.event = event
    }
}

extension Report {
    /// A report at a frame. [audio]
    init(
        kind: Kind, part: UInt8 = 0, entry: EntryID?, sound: SoundID? = nil, frame: Int
    ) {
        self.init(kind: kind)
        self.part = part
        self.frame = frame
        set(entry: entry)
        set(sound: sound)
    }

    /// A module produced a value that is not finite. [audio]
    init(notFinite module: Int32, in sound: SoundID?, frame: Int) {
        self.init(kind: .notFinite, entry: nil, sound: sound, frame: frame)
        index = module
    }

    /// Sets the entry.
    mutating func set(entry: EntryID?) { self.entry = Int32(entry?.index ?? -1) }

    /// Sets the sound.
    mutating func set(sound: SoundID?) { self.sound = Int32(sound?.index ?? -1) }

    /// Sets the tempo in beats per minute.
    mutating func set(tempo: Double) {
        outcome = .tempo
        value = Float(tempo)
    }
}
