public import KairosControl

/// A compound module as its file declares it: a module made of other modules. Nothing in it has been checked
/// against the registry; ``ModuleRegistry/with(_:unread:)`` does that.
public struct CompoundModule: Sendable, Equatable {
    /// A port or parameter of an inner module. A missing port means the module's first.
    public struct Target: Sendable, Equatable {
        /// Name of the inner module.
        public var module: Patch.Text
        /// Its port or parameter; nil for its first port.
        public var port: Patch.Text?

        /// Creates a target.
        public init(_ module: Patch.Text, _ port: Patch.Text? = nil) {
            self.module = module
            self.port = port
        }
    }

    /// An inlet or outlet of the compound module.
    public struct Port: Sendable, Equatable {
        /// Symbol, as connections have it.
        public var name: Patch.Text
        /// The inner inlets that an inlet leads to; the one inner outlet that an outlet comes from.
        public var targets: [Target]
        /// Description, one line; empty for that of the inner port.
        public var about: String

        /// Creates a port.
        public init(_ name: Patch.Text, _ targets: [Target], about: String = "") {
            self.name = name
            self.targets = targets
            self.about = about
        }
    }

    /// A parameter of the compound module: one value for one or more inner parameters.
    public struct Param: Sendable, Equatable {
        /// Symbol, as patches have it.
        public var name: Patch.Text
        /// The inner parameters that have its value.
        public var targets: [Target]
        /// Default value; nil for that of the inner parameter.
        public var preset: Patch.Text?
        /// Minimum and maximum; nil for those of the inner parameter.
        public var range: TypedRange<Patch.Text>?
        /// Description, one line; empty for that of the inner parameter.
        public var about: String

        /// Creates a parameter.
        public init(
            _ name: Patch.Text, _ targets: [Target], preset: Patch.Text? = nil,
            range: TypedRange<Patch.Text>? = nil, about: String = ""
        ) {
            self.name = name
            self.targets = targets
            self.preset = preset
            self.range = range
            self.about = about
        }
    }

    /// The type's name, as patches have it.
    public var name: String
    /// Description for the player, one line.
    public var about = ""
    /// Inner modules in the order of the file. Where several could run next, this order decides.
    public var modules: [Patch.Module] = []
    /// Connections between inner modules, in the order of the file.
    public var connections: [Patch.Connection] = []
    /// Inlets; the first is the one that a connection without a port means.
    public var inlets: [Port] = []
    /// Outlets; the first is the one that a connection without a port means.
    public var outlets: [Port] = []
    /// Parameters, in the order of the file.
    public var params: [Param] = []
    /// Path of the file, for messages; empty without a file.
    public var file = ""

    /// Creates an empty compound module.
    public init(name: String) { self.name = name }

    /// The greatest depth of nesting.
    public static let depthLimit = 16

    /// Separates the name of a compound module from that of an inner module in expanded graphs. Names in
    /// files and drafts cannot contain it.
    package static let separator = "/"
}
