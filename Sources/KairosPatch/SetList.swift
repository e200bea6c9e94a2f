/// A set list as its file declares it: the entries of a show, in order. Names in it have not been resolved;
/// ``SetList/rig(of:unreadable:mappings:)`` does that.
public struct SetList: Sendable, Equatable {
    /// Name, shown to the player.
    public var name: String
    /// Name of the patch for the master effects, which the sum of all parts feeds and no program change
    /// touches; nil for none.
    public var master: Patch.Text?
    /// Names of macros that keep their value over every change.
    public var keptMacros: [Patch.Text] = []
    /// Beats per bar, for `switch: bar`.
    public var meter = 4
    /// Entries, in the order of the actions next and previous.
    public var entries: [Entry] = []
    /// Path of the file, for messages; empty without a file.
    public var file = ""

    /// Creates an empty set list.
    public init(name: String) { self.name = name }

    /// An entry: the layers that one program change selects, and how the change to it happens.
    public struct Entry: Sendable, Equatable {
        /// Name, shown to the player.
        public var name: Patch.Text
        /// MIDI bank, 0…16 383.
        public var bank = 0
        /// MIDI program number, 0…127, as sent; nil if no program change selects it.
        public var program: Int?
        /// Time of the change to it.
        public var switching = Switching.now
        /// End of its sound after another entry has become active.
        public var tail = Tail.ring
        /// The values of its macros when it becomes active.
        public var values = Values.saved
        /// Names of macros that keep their value when it becomes active; nil for those of the list.
        public var keptMacros: [Patch.Text]?
        /// Layers, sixteen at most.
        public var layers: [Layer] = []

        /// Creates an entry without layers.
        public init(name: Patch.Text) { self.name = name }
    }

    /// A layer: a patch, with the keys, velocities and channel that it plays.
    public struct Layer: Sendable, Equatable {
        /// Name of the patch or of its file.
        public var patch: Patch.Text
        /// Key range, as received, 0…127.
        public var keys: ClosedRange<UInt8> = 0...127
        /// Velocity range, as received, 1…127.
        public var velocities: ClosedRange<UInt8> = 1...127
        /// Width of the velocity crossfade in velocity steps, at each end that is not 1 or 127; 0 for none.
        public var fade: UInt8 = 0
        /// MIDI channel, 0…15; nil for all.
        public var channel: UInt8?
        /// Transposition in semitones.
        public var transpose = 0
        /// Gain, a linear amplitude; 1 is unity.
        public var level: Float = 1
        /// Pan, −1 left … 1 right.
        public var pan: Float = 0
        /// Start values of macros (by name) or parameters (`module.parameter`).
        public var values: [Value] = []

        /// Creates a layer that plays all notes.
        public init(patch: Patch.Text) { self.patch = patch }
    }

    /// The start value of a macro or parameter.
    public struct Value: Sendable, Equatable {
        /// The macro's name, or `module.parameter`.
        public var macro: Patch.Text
        /// The value as typed, in the parameter's unit.
        public var value: Patch.Text

        /// Creates a value.
        public init(_ macro: Patch.Text, _ value: Patch.Text) {
            self.macro = macro
            self.value = value
        }
    }

    /// Time of the change to an entry.
    public enum Switching: String, Sendable, CaseIterable {
        /// At the program change's own frame.
        case now
        /// As soon as no key and no pedal holds a note.
        case afterRelease = "after-release"
        /// On the next beat; at once if the transport is stopped.
        case beat
        /// On the next bar; at once if the transport is stopped.
        case bar
    }

    /// End of an entry's sound after another entry has become active.
    public enum Tail: Sendable, Equatable {
        /// Held notes continue until they are released, and ring out.
        case ring
        /// The sound fades out over this time in seconds, also under held notes.
        case fade(Float)
        /// The sound ends at once.
        case cut
    }

    /// The values of an entry's macros when it becomes active.
    public enum Values: String, Sendable, CaseIterable {
        /// The start values of patch and entry.
        case saved
        /// The current values of the entry before, macro by macro.
        case keep
    }
}
