import KairosDSP
import KairosPatch

extension Graph {
    /// An inlet of a node.
    struct Inlet: Hashable {
        var node: Int
        var inlet: Int
    }
}

extension Graph.Node {
    /// The number of connections that end at this node.
    var connectionCount: Int {
        inlets.reduce(0) { $0 + $1.count } + modulations.reduce(0) { $0 + $1.count }
    }
}

/// Expansion pass: replaces each compound module by copies of its inner nodes, so that later passes meet
/// plain modules only.
struct Flattening {
    /// The expanded graph.
    private(set) var graph = Graph()
    /// For each node of the nested graph, the index of its first node in the expanded graph.
    private(set) var starts: [Int] = []
    /// The graph before expansion.
    private let nested: Graph

    /// Expands `graph`.
    ///
    /// - Throws: `PatchError` if the result would exceed `Patch.moduleLimit` or `Patch.connectionLimit`.
    init(_ graph: Graph, file: String) throws(PatchError) {
        nested = graph
        guard graph.nodes.contains(where: { $0.type.body != nil }) else {
            self.graph = graph
            starts = Array(graph.nodes.indices)
            return
        }
        try checkSize(file)
        for node in graph.nodes {
            starts.append(self.graph.nodes.count)
            if let body = node.type.body { expand(node, body) } else { self.graph.nodes.append(node) }
        }
        for (index, node) in graph.nodes.enumerated() { connect(node, index) }
        self.graph.output = starts[graph.output]
        self.graph.keys = graph.keys.map { starts[$0] }
        self.graph.input = graph.input.map { starts[$0] }
        self.graph.stages = graph.stages.map { starts[$0] }
        self.graph.gated = graph.gated
    }

    /// Counts the result before expanding anything, so that exponential nesting costs no memory.
    private func checkSize(_ file: String) throws(PatchError) {
        var modules = 0, connections = 0
        for node in nested.nodes {
            guard let body = node.type.body else {
                modules += 1
                connections += node.connectionCount
                continue
            }
            modules += body.graph.nodes.count
            connections += body.connectionCount
            for (inlet, sources) in node.inlets.enumerated() {
                connections += sources.count * body.inlets[inlet].count
            }
            for (param, list) in node.modulations.enumerated() {
                connections += list.count * body.params[param].count
            }
        }
        for (count, limit, what) in [
            (modules, Patch.moduleLimit, "modules"), (connections, Patch.connectionLimit, "connections"),
        ] where count > limit {
            let largest = nested.nodes.max {
                ($0.type.body?.graph.nodes.count ?? 1) < ($1.type.body?.graph.nodes.count ?? 1)
            }
            let message =
                "after expanding compound modules there are \(count) \(what), and the limit is \(limit); the largest is '\(largest?.name ?? "")' with \(largest?.type.body?.graph.nodes.count ?? 1) modules"
            throw PatchError(
                file: file, faults: [.init(place: largest?.place ?? Patch.Place(), message: message)])
        }
    }

    /// Appends the inner nodes of the compound module `node` to the graph.
    private mutating func expand(_ node: Graph.Node, _ body: CompoundModuleBody) {
        let start = graph.nodes.count
        func innerName(_ name: String) -> String { node.name + CompoundModule.separator + name }
        var shares: [Graph.Leaf: Int] = [:]
        for (param, leaves) in body.params.enumerated() {
            for leaf in leaves { shares[leaf] = graph.shared.count }
            graph.shared.append(
                Graph.Shared(
                    module: node.name, symbol: node.type.params[param].symbol,
                    spec: node.type.params[param].spec, value: node.values[param]))
        }
        let first = graph.shared.count
        for shared in body.graph.shared {
            var shared = shared
            shared.module = innerName(shared.module)
            graph.shared.append(shared)
        }
        for (index, inner) in body.graph.nodes.enumerated() {
            var inner = inner
            inner.name = innerName(inner.name)
            inner.origin = inner.name
            inner.each = inner.each ?? node.each
            inner.place = node.place
            inner.inlets = inner.inlets.map { $0.map { .init(node: $0.node + start, outlet: $0.outlet) } }
            inner.modulations = inner.modulations.map { connections in
                connections.map {
                    .init(
                        source: .init(node: $0.source.node + start, outlet: $0.source.outlet), depth: $0.depth
                    )
                }
            }
            inner.shares = inner.values.indices.map { param in
                shares[Graph.Leaf(node: index, param: param)]
                    ?? (inner.shares.isEmpty ? nil : inner.shares[param].map { $0 + first })
            }
            for (param, share) in inner.shares.enumerated() {
                if let share { inner.values[param] = graph.shared[share].value }
            }
            graph.nodes.append(inner)
        }
    }

    /// Translates the connections that end at one node of the nested graph.
    private mutating func connect(_ node: Graph.Node, _ index: Int) {
        for inlet in node.inlets.indices {
            let sources = node.inlets[inlet].map(source)
            if node.type.body == nil { graph.nodes[starts[index]].inlets[inlet] = sources; continue }
            for target in inlets(index, inlet) { graph.nodes[target.node].inlets[target.inlet] += sources }
        }
        for param in node.modulations.indices {
            let connections = node.modulations[param].map {
                Graph.Modulation(source: source($0.source), depth: $0.depth)
            }
            if node.type.body == nil { graph.nodes[starts[index]].modulations[param] = connections; continue }
            for leaf in leaves(index, param) { graph.nodes[leaf.node].modulations[leaf.param] += connections }
        }
    }

    /// For each inlet of a compound module (`module.inlet`), the inner inlets it leads to, by name.
    var outerInlets: [String: [(module: String, inlet: String)]] {
        var found: [String: [(module: String, inlet: String)]] = [:]
        for (index, node) in nested.nodes.enumerated() where node.type.body != nil {
            for (inlet, declared) in node.type.inlets.enumerated() {
                found["\(node.name).\(declared.symbol)"] = inlets(index, inlet).map { target in
                    let node = graph.nodes[target.node]
                    return (node.name, node.type.inlets[target.inlet].symbol)
                }
            }
        }
        return found
    }

    /// The outlet in the expanded graph that `source` of the nested graph stands for.
    func source(_ source: Graph.Source) -> Graph.Source {
        guard let body = nested.nodes[source.node].type.body else {
            return .init(node: starts[source.node], outlet: source.outlet)
        }
        let inner = body.outlets[source.outlet]
        return .init(node: inner.node + starts[source.node], outlet: inner.outlet)
    }

    /// The inlets in the expanded graph that an inlet of the nested graph stands for.
    func inlets(_ node: Int, _ inlet: Int) -> [Graph.Inlet] {
        guard let body = nested.nodes[node].type.body else {
            return [.init(node: starts[node], inlet: inlet)]
        }
        return body.inlets[inlet].map { .init(node: $0.node + starts[node], inlet: $0.inlet) }
    }

    /// The parameters in the expanded graph that a parameter of the nested graph stands for.
    func leaves(_ node: Int, _ param: Int) -> [Graph.Leaf] {
        guard let body = nested.nodes[node].type.body else {
            return [.init(node: starts[node], param: param)]
        }
        return body.params[param].map { .init(node: $0.node + starts[node], param: $0.param) }
    }
}
