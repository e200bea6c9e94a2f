import KairosControl

/// A module made of modules, as its file says it and before anything is checked.
public struct SubPatch: Sendable, Equatable {
    /// A port or parameter of a module inside. A missing port is the module's first.
    public struct Target: Sendable, Equatable {
        /// The module inside.
        public var module: Patch.Text
        /// Its port or parameter.
        public var port: Patch.Text?

        /// A target.
        public init(_ module: Patch.Text, _ port: Patch.Text? = nil) {
            self.module = module
            self.port = port
        }
    }

    /// An inlet or outlet of its own.
    public struct Port: Sendable, Equatable {
        /// What connections call it.
        public var name: Patch.Text
        /// Where an inlet leads; an outlet comes from one.
        public var targets: [Target]
        /// One line for a musician; empty for the inner port's.
        public var about: String

        /// A port.
        public init(_ name: Patch.Text, _ targets: [Target], about: String = "") {
            self.name = name
            self.targets = targets
            self.about = about
        }
    }

    /// A parameter of its own: one value that one or several parameters inside have.
    public struct Param: Sendable, Equatable {
        /// What patches call it.
        public var name: Patch.Text
        /// What has its value.
        public var targets: [Target]
        /// The value when a patch says nothing; nil for the one inside.
        public var preset: Patch.Text?
        /// The least value and the greatest; nil for the inner parameter's.
        public var range: TypedRange<Patch.Text>?
        /// One line for a musician; empty for the inner parameter's.
        public var about: String

        /// A parameter.
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

    /// The type that patches name.
    public var name: String
    /// One line for a musician.
    public var about = ""
    /// What it is made of, in the order of the file, which breaks ties.
    public var modules: [Patch.Module] = []
    /// In the order of the file.
    public var connections: [Patch.Connection] = []
    /// The first is what a bare name means.
    public var inlets: [Port] = []
    /// The first is what a bare name means.
    public var outlets: [Port] = []
    /// In the order of the file.
    public var params: [Param] = []
    /// Where it stands, for messages: a path, or empty.
    public var file = ""

    /// A module called `name`.
    public init(name: String) { self.name = name }

    /// How deep modules made of modules may stand in each other.
    public static let depthLimit = 16

    /// What stands between the name of a module and that of one inside it. No name of a file or draft has it.
    static let separator = "/"
}

/// What a module made of modules is made of, checked and written out: no module in it is made of modules.
final class SubPatchBody: Sendable {
    let graph: Graph
    /// For each inlet, the inlets inside that it leads to.
    let inlets: [[Graph.Inlet]]
    /// For each outlet, the one inside.
    let outlets: [Graph.Source]
    /// For each parameter, those inside that have its value.
    let params: [[Graph.Leaf]]
    /// How deep it is nested: 1 where it is made of nothing but plain modules.
    let depth: Int

    init(
        graph: Graph, inlets: [[Graph.Inlet]], outlets: [Graph.Source], params: [[Graph.Leaf]], depth: Int
    ) {
        self.graph = graph
        self.inlets = inlets
        self.outlets = outlets
        self.params = params
        self.depth = depth
    }

    /// How many connections there are inside.
    var connectionCount: Int { graph.nodes.reduce(0) { $0 + $1.connectionCount } }
}
