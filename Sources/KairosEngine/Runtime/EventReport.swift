public import KairosControl
public import KairosDSP

/// The outcome of an event. An event with several effects has one report for each.
public struct EventReport: Sendable, BitwiseCopyable {
    /// A parameter of a sound.
    public struct Parameter: Sendable, Equatable, BitwiseCopyable {
        /// The index of the parameter in the patch.
        public let index: Int32
        /// The sound; nil where it is not part of the rig any more.
        public let sound: SoundID?
    }

    /// The control that has moved.
    public struct Control: Sendable, Equatable, BitwiseCopyable {
        /// The index of the control among those of all mappings.
        public let index: Int32
        /// The normalized value, 0…1; nil for a step up or down.
        public let normalized: Float?
    }

    /// The outcome.
    public enum Outcome: Sendable, Equatable, BitwiseCopyable {
        /// It ended a note, or moved what every instrument has (pedal, bend, volume).
        case performed
        /// It started a note in the entry, or changed to it.
        case plays(EntryID)
        /// It moved a parameter to `value`.
        case mapped(Parameter, value: ParamValue)
        /// It moved a gate of the entry; nil is the master effects.
        case gated(EntryID?, isOpen: Bool)
        /// Its mapping says that it does nothing.
        case nothing
        /// No control of a mapping listens to it.
        case unmapped
        /// A control listens to it on another channel, 0…15.
        case otherChannel(UInt8)
        /// Only a mapping for another device listens to it.
        case otherDevice
        /// The control has not reached its parameter or gate, which waits at this normalized value, 0…1. Nil stands
        /// for a gate.
        case waitsForPickup(Parameter?, at: Float)
        /// The parameter or gate is at this end of its range already. Nil stands for a gate.
        case atEnd(Parameter?, value: ParamValue)
        /// The controller repeats a feedback message.
        case echo
        /// It selects the second layer of its mapping while it is held.
        case shifted
        /// It started or stopped the transport, or set its tempo in beats per minute.
        case tempo(Float)
        /// The scale of the entry has no pitch for the key.
        case untuned(EntryID)
        /// No entry has this bank and program.
        case unknownProgram
        /// The part plays this entry already.
        case sameEntry(EntryID)
        /// The entry has failed; the sound stays.
        case failedEntry(EntryID)
        /// There is no entry before the first and none after the last.
        case endOfList
        /// The change to this entry waits for its moment, or until the entry is built.
        case waits(EntryID)
        /// The key is outside every layer of the entry.
        case outside(EntryID)
        /// A note-off that belongs to no note.
        case noSuchNote
        /// The patch that plays has no such parameter.
        case noSuchParam
        /// No patch is active yet.
        case noEntry
    }

    /// The event.
    public let event: Event
    /// The part: the channel in `multi` mode, else 0.
    public let part: UInt8
    /// The frame at which it acted.
    public let frame: Int
    /// The outcome.
    public internal(set) var outcome = Outcome.performed
    /// The control that has moved; nil where no mapping handled the event.
    public internal(set) var control: Control?

    /// True where the event is a mere echo, which has no effect at all. Notes are never ignored as echoes.
    var isEcho: Bool {
        guard case .echo = outcome else { return false }
        if case .noteOn = event.message { return false }
        return true
    }

    init(_ event: Event, part: Int, frame: Int) {
        self.event = event
        self.part = UInt8(truncatingIfNeeded: part)
        self.frame = frame
    }
}
