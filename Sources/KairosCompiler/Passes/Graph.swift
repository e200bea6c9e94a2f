import KairosDSP
package import KairosPatch

/// A patch with names resolved to indices and values parsed. Nodes are modules; edges are stored at their
/// targets.
package struct Graph {
    /// An outlet of a node.
    struct Source: Hashable {
        var node: Int
        var outlet: Int
    }

    /// A connection to a parameter, with its depth.
    struct Modulation {
        var source: Source
        var depth: Float
    }

    /// A parameter of a compound module: one value shared by parameters of several inner nodes.
    struct Shared {
        /// Name of the compound module.
        var module: String
        var symbol: String
        var spec: ParamSpec
        var value: ParamValue
    }

    /// A parameter of a node.
    struct Leaf: Hashable {
        var node: Int
        var param: Int
    }

    /// A module of the graph.
    struct Node {
        var name: String
        /// The node's name in the graph that a live edit replaces, whose state it continues; nil if it is
        /// new.
        var origin: String?
        var type: ModuleType
        var each: Patch.Spread?
        var values: [ParamValue]
        /// For each inlet, the outlets connected to it; several are summed.
        var inlets: [[Source]]
        /// For each parameter, the connections that modulate it.
        var modulations: [[Modulation]]
        var place: Patch.Place
        /// For each parameter, the index in `Graph.shared` of the value it reads, or nil for its own; empty
        /// if none is shared.
        var shares: [Int?] = []

        /// All outlets that this node reads.
        var sources: [Source] { inlets.flatMap { $0 } + modulations.flatMap { $0.map(\.source) } }
    }

    var nodes: [Node] = []
    /// Parameters of the expanded compound modules.
    var shared: [Shared] = []
    /// Index of the `output` node; there always is one.
    var output = 0
    /// Index of the `keys` node; nil if the patch has none.
    var keys: Int?
    /// Index of the `input` node, which only master effects have.
    var input: Int?
    /// Indices of the note stages, first to last.
    var stages: [Int] = []
    /// True if a module reads the gate of `keys`.
    var gated = false
}

extension Graph {
    /// Runs the passes from names to order: resolve names and parse values, expand compound modules, order
    /// the nodes.
    ///
    /// A pass handles the part of the patch that the passes before it could resolve.
    ///
    /// - Throws: `PatchError` with the errors of all passes, in the order of the file.
    static func resolve(
        _ patch: Patch, _ registry: ModuleRegistry
    ) throws(PatchError) -> (flat: Flattening, order: ModuleOrder) {
        let file = patch.file.isEmpty ? patch.name : patch.file
        var resolver = Resolver(patch: patch, registry: registry)
        guard resolver.checkSize() else { throw PatchError(file: file, faults: resolver.faults) }
        resolver.addModules()
        resolver.checkNoteStages()
        resolver.addConnections()
        resolver.checkMacros()
        resolver.addOutput()
        do {
            let flat = try Flattening(resolver.graph, file: file)
            let order = try ModuleOrder.make(flat.graph, file: file)
            resolver.faults += flat.graph.noteless(order)
            if resolver.faults.isEmpty { return (flat, order) }
        } catch { resolver.faults += error.faults }
        throw PatchError(
            file: file,
            faults: resolver.faults.enumerated().sorted {
                ($0.element.place.line, $0.element.place.column, $0.offset)
                    < ($1.element.place.line, $1.element.place.column, $1.offset)
            }.map(\.element))
    }

    /// The errors for connections to parameters that are read at note-on, in modules that no note reaches.
    private func noteless(_ order: ModuleOrder) -> [PatchError.Fault] {
        var faults: [PatchError.Fault] = []
        for task in order.tasks[ModuleOrder.Phase.before.rawValue] {
            let node = nodes[task.node]
            for (index, param) in node.type.params.enumerated()
            where param.spec.latched && !node.modulations[index].isEmpty {
                faults.append(
                    .init(
                        place: node.place,
                        message:
                            "'\(param.symbol)' of '\(node.name)' is read at note-on, but no note reaches the module; connect keys.gate to it"
                    ))
            }
        }
        return faults
    }

    /// The errors in modules and connections of a patch that may be unfinished; its output and its order are
    /// not checked.
    package static func faults(_ patch: Patch, _ registry: ModuleRegistry) -> [PatchError.Fault] {
        var resolver = Resolver(patch: patch, registry: registry)
        resolver.addModules()
        resolver.checkNoteStages()
        resolver.addConnections()
        return resolver.faults
    }
}
