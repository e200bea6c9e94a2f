import KairosControl
import KairosDSP

/// A user's graph of modules, as the file says it and before anything is checked against the catalogue.
public struct Patch: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// One or two sentences for the player.
    public var about = ""
    /// 0…16 383: CC 0 × 128 + CC 32.
    public var bank = 0
    /// 0…127, as sent; nil when no program change reaches it.
    public var program: Int?
    /// How keys become voices.
    public var voicing = Voicing()
    /// A Scala scale's file, beside the patch's own; nil for the instrument's scale.
    public var tuning: Text?
    /// A Scala keyboard mapping's file for it.
    public var keyboard: Text?
    /// The amplitude at the output.
    public var level: Float = 1
    /// In the order of the file, which breaks ties.
    public var modules: [Module] = []
    /// In the order of the file.
    public var connections: [Connection] = []
    /// Up to eight, in the player's order.
    public var macros: [Macro] = []
    /// Where it stands, for messages: a path, or empty.
    public var file = ""

    /// The most modules and connections that a patch has, once all modules made of modules are written out. No real patch
    /// comes near; without a bound a file of 1 MiB could ask for 600 MB.
    public static let moduleLimit = 1024, connectionLimit = 8192

    /// A patch called `name`.
    public init(name: String) { self.name = name }

    /// A place in a text, for messages. Line and column count from 1; 0 is nowhere.
    public struct Place: Sendable, Equatable {
        /// The line.
        public var line: Int
        /// The column.
        public var column: Int

        /// A place; none by default.
        public init(line: Int = 0, column: Int = 0) {
            self.line = line
            self.column = column
        }
    }

    /// A value somebody typed, and where.
    public struct Text: Sendable, Equatable {
        /// As typed.
        public var text: String
        /// Where.
        public var place: Place

        /// A text at a place.
        public init(_ text: String, _ place: Place = Place()) {
            self.text = text
            self.place = place
        }
    }

    /// One module of the patch.
    public struct Module: Sendable, Equatable {
        /// What it is called in this patch.
        public var name: Text
        /// Its type in the catalogue.
        public var type: Text
        /// `each: voice` or `each: once`, where the file says so.
        public var each: Spread?
        /// Parameters the file sets: symbol and value.
        public var settings: [(symbol: Text, value: Text)]

        /// A module.
        public init(
            _ name: Text, type: Text, each: Spread? = nil, settings: [(symbol: Text, value: Text)] = []
        ) {
            self.name = name
            self.type = type
            self.each = each
            self.settings = settings
        }

        /// Name, type, domain and settings in order.
        public static func == (a: Module, b: Module) -> Bool {
            a.name == b.name && a.type == b.type && a.each == b.each
                && a.settings.elementsEqual(b.settings) { $0.symbol == $1.symbol && $0.value == $1.value }
        }
    }

    /// How many times a module runs.
    public enum Spread: String, Sendable, CaseIterable {
        /// Once for each voice.
        case voice
        /// Once for the patch.
        case once
    }

    /// `from.outlet -> to.port @ depth`. A missing port is the module's first.
    public struct Connection: Sendable, Equatable {
        /// The module it leaves.
        public var from: Text
        /// The outlet, or nil for the first.
        public var outlet: Text?
        /// The module it reaches.
        public var to: Text
        /// The inlet or parameter, or nil for the first inlet.
        public var port: Text?
        /// How far it moves a parameter; nil on an inlet.
        public var depth: Text?
        /// Where it stands.
        public var place: Place

        /// A connection.
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

    /// A named control of the patch.
    public struct Macro: Sendable, Equatable {
        /// What the player reads.
        public var name: Text
        /// The module it moves.
        public var module: Text
        /// The parameter it moves.
        public var parameter: Text
        /// The values at its lower and its upper end; nil for the parameter's own range.
        public var range: TypedRange<Text>?
        /// The standard's controller that moves it.
        public var role: Role?

        /// A macro.
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

/// How keys become voices.
public struct Voicing: Sendable, Equatable {
    /// What a second key does while one is down.
    public enum Mode: String, Sendable, CaseIterable {
        /// Another voice.
        case poly
        /// The one voice starts again on the newest key.
        case mono
        /// The one voice moves to the newest key without starting again.
        case legato
    }

    /// What a second key does while one is down.
    public var mode = Mode.poly
    /// How many notes sound at once, 1…256; 1 unless `mode` is `poly`.
    public var voices = 16
    /// Seconds from one key's pitch to the next one's.
    public var glide: Float = 0
    /// How many lanes a note takes, 1…16.
    public var unison = 1
    /// Semitones between the outermost lanes of one note.
    public var unisonDetune: Float = 0.15
    /// Semitones of the pitch wheel's whole way to one side.
    public var bendRange: Float = 2

    /// Sixteen voices, nothing else.
    public init() {}
}
