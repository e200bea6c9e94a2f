/// The sounds of an evening in their order, as the file says it and before anything is looked up.
public struct SetList: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// The patch that all parts feed and that no program change touches.
    public var master: Patch.Text?
    /// Macros, by their names, that keep their place over every change.
    public var keptMacros: [Patch.Text] = []
    /// Beats in a bar, for `switch: bar`.
    public var meter = 4
    /// In the order of next and previous.
    public var entries: [Entry] = []
    /// Where it stands, for messages.
    public var file = ""

    /// A set list called `name`.
    public init(name: String) { self.name = name }

    /// What one program change selects.
    public struct Entry: Sendable, Equatable {
        /// What it is called.
        public var name: Patch.Text
        /// 0…16 383.
        public var bank = 0
        /// 0…127, as sent; nil when no program change reaches it.
        public var program: Int?
        /// When it takes over.
        public var switching = Switching.now
        /// What becomes of its sound when another entry takes over.
        public var tail = Tail.ring
        /// Where its macros are when it takes over.
        public var values = Values.saved
        /// Macros that keep their place, where the entry differs from its list.
        public var keptMacros: [Patch.Text]?
        /// Up to sixteen.
        public var layers: [Layer] = []

        /// An entry without layers.
        public init(name: Patch.Text) { self.name = name }
    }

    /// A patch with the keys, velocities and channel that it answers.
    public struct Layer: Sendable, Equatable {
        /// By its file's name or its own.
        public var patch: Patch.Text
        /// As received, 0…127.
        public var keys: ClosedRange<UInt8> = 0...127
        /// As received, 1…127.
        public var velocities: ClosedRange<UInt8> = 1...127
        /// Over how many velocities it fades at an end that is not 1 or 127.
        public var fade: UInt8 = 0
        /// 0…15, or nil for any.
        public var channel: UInt8?
        /// Semitones.
        public var transpose = 0
        /// An amplitude.
        public var level: Float = 1
        /// −1 left … 1 right.
        public var pan: Float = 0
        /// Macros by name, or parameters as `module.parameter`, with what was typed.
        public var values: [Value] = []

        /// A layer that answers everything.
        public init(patch: Patch.Text) { self.patch = patch }
    }

    /// A macro or parameter and where it begins.
    public struct Value: Sendable, Equatable {
        /// The macro's name or `module.parameter`.
        public var macro: Patch.Text
        /// As typed, in the parameter's unit.
        public var value: Patch.Text

        /// A value.
        public init(_ macro: Patch.Text, _ value: Patch.Text) {
            self.macro = macro
            self.value = value
        }
    }

    /// When an entry takes over.
    public enum Switching: String, Sendable, CaseIterable {
        /// On the program change's own frame.
        case now
        /// When no key and no pedal holds a note any more.
        case afterRelease = "after-release"
        /// On the next beat, while the transport runs; at once where it does not.
        case beat
        /// On the next bar, while the transport runs; at once where it does not.
        case bar
    }

    /// What becomes of an entry's sound when another takes over.
    public enum Tail: Sendable, Equatable {
        /// What is held goes on until it is let go, and rings out.
        case ring
        /// It fades over so many seconds, held or not.
        case fade(Float)
        /// It ends there.
        case cut
    }

    /// Where an entry's macros are when it takes over.
    public enum Values: String, Sendable, CaseIterable {
        /// Where the patch has them.
        case saved
        /// Where the entry before had them, macro by macro.
        case keep
    }
}
