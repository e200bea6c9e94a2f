import KairosDSP

extension Graph {
    /// An inlet of a node.
    struct Inlet: Hashable {
        var node: Int
        var inlet: Int
    }
}

extension Graph.Node {
    /// How many connections end here.
    var connectionCount: Int {
        inlets.reduce(0) { $0 + $1.count } + modulations.reduce(0) { $0 + $1.count }
    }
}

/// Writes modules that are made of modules out, so that nothing of them is left when the graph is put in order.
struct Flattening {
    /// With plain modules only.
    private(set) var graph = Graph()
    /// Where each node of the graph before begins.
    private(set) var places: [Int] = []
    private let before: Graph

    /// Writes `graph` out. Throws where that would be too much.
    init(_ graph: Graph, file: String) throws(PatchError) {
        before = graph
        guard graph.nodes.contains(where: { $0.type.body != nil }) else {
            self.graph = graph
            places = Array(graph.nodes.indices)
            return
        }
        try checkSize(file)
        for node in graph.nodes {
            places.append(self.graph.nodes.count)
            if let body = node.type.body { open(node, body) } else { self.graph.nodes.append(node) }
        }
        for (index, node) in graph.nodes.enumerated() { connection(node, index) }
        self.graph.output = places[graph.output]
        self.graph.keys = graph.keys.map { places[$0] }
        self.graph.input = graph.input.map { places[$0] }
        self.graph.gated = graph.gated
    }

    /// Before anything is written out: what grows without bounds never gets that far.
    private func checkSize(_ file: String) throws(PatchError) {
        var modules = 0, connections = 0
        for node in before.nodes {
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
            let largest = before.nodes.max {
                ($0.type.body?.graph.nodes.count ?? 1) < ($1.type.body?.graph.nodes.count ?? 1)
            }
            let message =
                "with all modules written out there are \(count) \(what), and \(limit) are the most; the largest is '\(largest?.name ?? "")' with \(largest?.type.body?.graph.nodes.count ?? 1) modules"
            throw PatchError(
                file: file, faults: [.init(place: largest?.place ?? Patch.Place(), message: message)])
        }
    }

    /// What `node` is made of, in its place.
    private mutating func open(_ node: Graph.Node, _ body: SubPatchBody) {
        let start = graph.nodes.count
        func inner(_ name: String) -> String { node.name + SubPatch.separator + name }
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
            shared.module = inner(shared.module)
            graph.shared.append(shared)
        }
        for (index, part) in body.graph.nodes.enumerated() {
            var part = part
            part.name = inner(part.name)
            part.origin = part.name
            part.each = part.each ?? node.each
            part.place = node.place
            part.inlets = part.inlets.map { $0.map { .init(node: $0.node + start, outlet: $0.outlet) } }
            part.modulations = part.modulations.map { connections in
                connections.map {
                    .init(
                        source: .init(node: $0.source.node + start, outlet: $0.source.outlet), depth: $0.depth
                    )
                }
            }
            part.shares = part.values.indices.map { param in
                shares[Graph.Leaf(node: index, param: param)]
                    ?? (part.shares.isEmpty ? nil : part.shares[param].map { $0 + first })
            }
            for (param, share) in part.shares.enumerated() {
                if let share { part.values[param] = graph.shared[share].value }
            }
            graph.nodes.append(part)
        }
    }

    /// The connections that end at a node of the graph before.
    private mutating func connection(_ node: Graph.Node, _ index: Int) {
        for inlet in node.inlets.indices {
            let sources = node.inlets[inlet].map(source)
            if node.type.body == nil { graph.nodes[places[index]].inlets[inlet] = sources; continue }
            for target in inlets(index, inlet) { graph.nodes[target.node].inlets[target.inlet] += sources }
        }
        for param in node.modulations.indices {
            let connections = node.modulations[param].map {
                Graph.Modulation(source: source($0.source), depth: $0.depth)
            }
            if node.type.body == nil { graph.nodes[places[index]].modulations[param] = connections; continue }
            for leaf in leaves(index, param) { graph.nodes[leaf.node].modulations[leaf.param] += connections }
        }
    }

    /// The inlets of modules made of modules, and the names of those that they lead to.
    var outerInlets: [String: [(module: String, inlet: String)]] {
        var found: [String: [(module: String, inlet: String)]] = [:]
        for (index, node) in before.nodes.enumerated() where node.type.body != nil {
            for (inlet, declared) in node.type.inlets.enumerated() {
                found["\(node.name).\(declared.symbol)"] = inlets(index, inlet).map { target in
                    let node = graph.nodes[target.node]
                    return (node.name, node.type.inlets[target.inlet].symbol)
                }
            }
        }
        return found
    }

    /// Where an outlet of the graph before is now.
    func source(_ source: Graph.Source) -> Graph.Source {
        guard let body = before.nodes[source.node].type.body else {
            return .init(node: places[source.node], outlet: source.outlet)
        }
        let inner = body.outlets[source.outlet]
        return .init(node: inner.node + places[source.node], outlet: inner.outlet)
    }

    /// Where an inlet of the graph before leads now.
    func inlets(_ node: Int, _ inlet: Int) -> [Graph.Inlet] {
        guard let body = before.nodes[node].type.body else {
            return [.init(node: places[node], inlet: inlet)]
        }
        return body.inlets[inlet].map { .init(node: $0.node + places[node], inlet: $0.inlet) }
    }

    /// What has the value of a parameter of the graph before.
    func leaves(_ node: Int, _ param: Int) -> [Graph.Leaf] {
        guard let body = before.nodes[node].type.body else {
            return [.init(node: places[node], param: param)]
        }
        return body.params[param].map { .init(node: $0.node + places[node], param: $0.param) }
    }
}
