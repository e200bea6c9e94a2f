public import KairosControl
import KairosDSP

/// A patch as its file declares it: modules, connections and macros by name, values as text. Nothing in it
/// has been checked against the module registry; ``CompiledPatch`` does that.
public struct Patch: Sendable, Equatable {
    /// The patch's name, shown to the player.
    public var name: String
    /// Description for the player, one or two sentences.
    public var about = ""
    /// MIDI bank, 0…16 383: CC 0 × 128 + CC 32.
    public var bank = 0
    /// MIDI program number, 0…127, as sent; nil if no program change selects the patch.
    public var program: Int?
    /// Voice allocation: polyphony, glide, unison, bend range.
    public var voicing = Voicing()
    /// Path of a Scala scale (`.scl`), relative to the patch's file; nil for the instrument's tuning.
    public var tuning: Text?
    /// Path of a Scala keyboard mapping (`.kbm`) for the scale; nil for the standard mapping.
    public var keyboard: Text?
    /// Gain at the output, a linear amplitude; 1 is unity.
    public var level: Float = 1
    /// Modules in the order of the file, then its note stages. Where several modules could run next, this order decides.
    public var modules: [Module] = []
    /// Connections in the order of the file.
    public var connections: [Connection] = []
    /// Macros in the player's order, eight at most.
    public var macros: [Macro] = []
    /// Path of the file, for messages; empty without a file.
    public var file = ""

    /// Limits on modules and connections of a patch, after compound modules have been expanded. They are far
    /// above any real patch; without them a file of 1 MiB could ask for 600 MB.
    public static let moduleLimit = 1024, connectionLimit = 8192

    /// Greatest number of note stages.
    public static let noteStageLimit = 8

    /// Name of the module type that only master effects have: the sum of the parts.
    public static let inputType = "input"

    /// Creates an empty patch.
    public init(name: String) { self.name = name }

    /// A position in a text file, for messages. Line and column count from 1; 0 means unknown.
    public struct Place: Sendable, Equatable {
        /// Line, from 1; 0 if unknown.
        public var line: Int
        /// Column, from 1; 0 if unknown.
        public var column: Int

        /// Creates a position; unknown by default.
        public init(line: Int = 0, column: Int = 0) {
            self.line = line
            self.column = column
        }
    }

    /// A piece of text from a file, with its position.
    public struct Text: Sendable, Equatable {
        /// The text as typed.
        public var text: String
        /// Position of its first character.
        public var place: Place

        /// Creates a text at a position, unknown by default.
        public init(_ text: String, _ place: Place = Place()) {
            self.text = text
            self.place = place
        }
    }

    /// The declaration of one module.
    public struct Module: Sendable, Equatable {
        /// The module's name, unique in the patch.
        public var name: Text
        /// Name of its type in the ``ModuleRegistry``.
        public var type: Text
        /// Value of `each:`; nil lets the compiler decide.
        public var each: Spread?
        /// Parameters that the file sets: symbol and value. Others have their defaults.
        public var settings: [(symbol: Text, value: Text)]
        /// True if it stands in the list `notes`: a note stage, in front of the voices.
        public var isNoteStage: Bool

        /// Creates a declaration.
        public init(
            _ name: Text, type: Text, each: Spread? = nil, settings: [(symbol: Text, value: Text)] = [],
            isNoteStage: Bool = false
        ) {
            self.isNoteStage = isNoteStage
            self.name = name
            self.type = type
            self.each = each
            self.settings = settings
        }

        /// Compares name, type, `each` and settings, in order.
        public static func == (a: Module, b: Module) -> Bool {
            a.name == b.name && a.type == b.type && a.each == b.each && a.isNoteStage == b.isNoteStage
                && a.settings.elementsEqual(b.settings) { $0.symbol == $1.symbol && $0.value == $1.value }
        }
    }

    /// Domain of a module: per voice, or once for the patch.
    public enum Spread: String, Sendable, CaseIterable {
        /// Per voice.
        case voice
        /// Once, in stereo, on the sum of the voices.
        case once
    }

    /// A connection: `from.outlet -> to.port @ depth`. A missing port means the module's first.
    public struct Connection: Sendable, Equatable {
        /// Name of the source module.
        public var from: Text
        /// The source's outlet; nil for its first.
        public var outlet: Text?
        /// Name of the target module.
        public var to: Text
        /// The target's inlet or parameter; nil for its first inlet.
        public var port: Text?
        /// Modulation depth in the parameter's unit; nil for an inlet.
        public var depth: Text?
        /// Position in the file.
        public var place: Place

        /// Creates a connection.
        public init(
            from: Text, outlet: Text? = nil, to: Text, port: Text? = nil, depth: Text? = nil,
            place: Place = Place()
        ) {
            self.from = from
            self.outlet = outlet
            self.to = to
            self.port = port
            self.depth = depth
            self.place = place
        }
    }

    /// A macro: a named control that moves one parameter.
    public struct Macro: Sendable, Equatable {
        /// Name, shown to the player.
        public var name: Text
        /// Name of the module whose parameter it moves.
        public var module: Text
        /// Symbol of that parameter.
        public var parameter: Text
        /// Values at 0 and at 1; the first may be the greater. nil for the parameter's own range.
        public var range: TypedRange<Text>?
        /// Role, which binds a standard MIDI controller; nil for none.
        public var role: Role?

        /// Creates a macro.
        public init(
            name: Text, module: Text, parameter: Text, range: TypedRange<Text>? = nil, role: Role? = nil
        ) {
            self.name = name
            self.module = module
            self.parameter = parameter
            self.range = range
            self.role = role
        }
    }
}
