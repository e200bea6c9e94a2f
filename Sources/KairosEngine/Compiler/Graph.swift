import KairosDSP

/// A patch with its names turned into indices and its values checked.
struct Graph {
    /// An outlet of a node.
    struct Source: Hashable {
        var node: Int
        var outlet: Int
    }

    /// A connection into a parameter.
    struct Modulation {
        var source: Source
        var depth: Float
    }

    /// A parameter of a module that is made of modules: one value that parameters of several nodes read.
    struct Shared {
        /// The module that shows it.
        var module: String
        var symbol: String
        var spec: ParamSpec
        var value: Float
    }

    /// A parameter of a node.
    struct Leaf: Hashable {
        var node: Int
        var param: Int
    }

    struct Node {
        var name: String
        /// What it is called in the graph before; nil where it is new.
        var origin: String?
        var type: ModuleType
        var each: Patch.Spread?
        var values: [Float]
        /// What is connected to each inlet; several add up.
        var inlets: [[Source]]
        /// What is connected to each parameter.
        var modulations: [[Modulation]]
        var place: Patch.Place
        /// For each parameter the place among the shared ones that it reads, or nil; empty where there is none.
        var shares: [Int?] = []

        /// Every source this node reads.
        var sources: [Source] { inlets.flatMap { $0 } + modulations.flatMap { $0.map(\.source) } }
    }

    var nodes: [Node] = []
    /// What modules made of modules show of their parameters.
    var shared: [Shared] = []
    /// The engine's own modules; there is always an output.
    var output = 0
    var keys: Int?
    /// Where the parts come in, in master effects.
    var input: Int?
    /// Whether anything listens to the keys' gate.
    var gated = false
}

extension Graph {
    /// Names to indices, values checked, modules made of modules written out, everything put in order.
    ///
    /// Throws what all of these passes find, in the order of the file. A pass looks at what the passes before it
    /// could make sense of.
    static func resolve(
        _ patch: Patch, _ registry: ModuleRegistry
    ) throws(PatchError) -> (flat: Flattening, plan: ModuleOrder) {
        let file = patch.file.isEmpty ? patch.name : patch.file
        var resolver = Resolver(patch: patch, registry: registry)
        guard resolver.checkSize() else { throw PatchError(file: file, faults: resolver.faults) }
        resolver.addModules()
        resolver.addConnections()
        resolver.checkMacros()
        resolver.addOutput()
        do {
            let flat = try Flattening(resolver.graph, file: file)
            let plan = try ModuleOrder.make(flat.graph, file: file)
            if resolver.faults.isEmpty { return (flat, plan) }
        } catch { resolver.faults += error.faults }
        throw PatchError(
            file: file,
            faults: resolver.faults.enumerated().sorted {
                ($0.element.place.line, $0.element.place.column, $0.offset)
                    < ($1.element.place.line, $1.element.place.column, $1.offset)
            }.map(\.element))
    }

    /// What is wrong with the modules and connections of a patch that need not be whole yet.
    static func faults(_ patch: Patch, _ registry: ModuleRegistry) -> [PatchError.Fault] {
        var resolver = Resolver(patch: patch, registry: registry)
        resolver.addModules()
        resolver.addConnections()
        return resolver.faults
    }
}
