import KairosDSP
import KairosPatch

/// A live edit's transition from one graph to another while the patch plays.
///
/// Nodes in both graphs keep running. Nodes of the old graph only sound until their connections have faded
/// out; nodes of the new graph only fade in. All nodes stand in one graph, so that nothing is computed twice
/// and unchanged nodes stay bit-exact.
package struct Transition {
    /// A graph with its order.
    package struct OrderedGraph: Sendable {
        var graph: Graph
        var order: ModuleOrder
    }

    /// The graph that runs during the fades.
    let union: OrderedGraph
    /// The graph that remains after the fades.
    let settled: OrderedGraph
    /// True if `settled` is the goal; false if another transition must follow.
    package let reachesGoal: Bool

    /// The transition from `old` to `new`, or its first step. Where the union of both would contain a
    /// feedback loop without a delay, the first step removes the nodes and connections that `new`
    /// lacks; a second adds the rest. nil if the first step cannot be ordered either.
    package static func make(from old: OrderedGraph, to new: OrderedGraph) -> Transition? {
        let kept = Self.kept(old, new)
        if let union = union(old, new, kept) {
            return Transition(union: union, settled: new, reachesGoal: true)
        }
        guard let reduced = reduced(old, new, kept),
            let union = union(old, reduced, Self.kept(old, reduced))
        else { return nil }
        return Transition(union: union, settled: reduced, reachesGoal: false)
    }

    /// For each node of `new`, the node of `old` that continues in it (same name, type and domain), or nil.
    private static func kept(_ old: OrderedGraph, _ new: OrderedGraph) -> [Int?] {
        var indices: [String: Int] = [:]
        for (index, node) in old.graph.nodes.enumerated() { indices[key(node)] = index }
        return new.graph.nodes.indices.map { index in
            guard let place = indices[key(new.graph.nodes[index])],
                old.order.perVoice[place] == new.order.perVoice[index],
                !new.order.perVoice[index] || old.order.stereo[place] == new.order.stereo[index]
            else { return nil }
            return place
        }
    }

    /// Identifies a node by type and name; the engine's own by type only, because there is one of each.
    private static func key(_ node: Graph.Node) -> String {
        let isEngine = ModuleType.engine.contains { $0.name == node.type.name }
        return isEngine ? node.type.name : "\(node.type.name) \(node.name)"
    }

    /// The union of both graphs, in order; nil if it has a feedback loop without a delay.
    private static func union(_ old: OrderedGraph, _ new: OrderedGraph, _ kept: [Int?]) -> OrderedGraph? {
        var builder = Union(old: old, new: new, kept: kept)
        builder.build()
        let graph = builder.graph
        guard let order = try? ModuleOrder.make(graph, file: "") else { return nil }
        return OrderedGraph(graph: graph, order: order)
    }

    /// `old` without the nodes and connections that `new` does not have; nil if it has no output or cannot be
    /// ordered.
    private static func reduced(_ old: OrderedGraph, _ new: OrderedGraph, _ kept: [Int?]) -> OrderedGraph? {
        var targets = [Int?](repeating: nil, count: old.graph.nodes.count)
        for (index, place) in kept.enumerated() { if let place { targets[place] = index } }
        let remaining = old.graph.nodes.indices.filter { targets[$0] != nil }
        var indices = [Int?](repeating: nil, count: old.graph.nodes.count)
        for (place, index) in remaining.enumerated() { indices[index] = place }
        var graph = old.graph
        graph.nodes = remaining.map { index in
            var node = old.graph.nodes[index]
            guard let target = targets[index] else { return node }
            fixDomain(&node, old.order.perVoice[index])
            let goal = new.graph.nodes[target]
            func keptSource(_ source: Graph.Source, _ connections: [Graph.Source]) -> Graph.Source? {
                guard let target = targets[source.node], let place = indices[source.node] else { return nil }
                let isInGoal = connections.contains(.init(node: target, outlet: source.outlet))
                return isInGoal ? .init(node: place, outlet: source.outlet) : nil
            }
            for inlet in node.inlets.indices {
                node.inlets[inlet] = node.inlets[inlet].compactMap { keptSource($0, goal.inlets[inlet]) }
            }
            for param in node.modulations.indices {
                let connections = goal.modulations[param]
                node.modulations[param] = node.modulations[param].compactMap { connection in
                    keptSource(
                        connection.source, connections.filter { $0.depth == connection.depth }.map(\.source)
                    )
                    .map {
                        Graph.Modulation(source: $0, depth: connection.depth)
                    }
                }
            }
            return node
        }
        guard let output = indices[old.graph.output] else { return nil }
        graph.output = output
        graph.keys = old.graph.keys.flatMap { indices[$0] }
        graph.input = old.graph.input.flatMap { indices[$0] }
        graph.stages = old.graph.stages.compactMap { indices[$0] }
        guard let order = try? ModuleOrder.make(graph, file: "") else { return nil }
        return OrderedGraph(graph: graph, order: order)
    }

    /// Sets `each` to the node's current domain, so that other connections cannot change it.
    fileprivate static func fixDomain(_ node: inout Graph.Node, _ perVoice: Bool) {
        if !ModuleType.engine.contains(where: { $0.name == node.type.name }) {
            node.each = perVoice ? .voice : .once
        }
    }
}

/// Builds the union of two graphs, with fades.
private struct Union {
    let old: Transition.OrderedGraph
    let new: Transition.OrderedGraph
    let kept: [Int?]
    var graph: Graph
    /// For each node of the old graph, its index in the union.
    private var indices: [Int] = []
    private var perVoice: [Bool]
    private var fades: [FadeKey: Int] = [:]
    /// For each shared parameter of removed nodes, its index in `graph.shared`.
    private var shares: [Int: Int] = [:]

    /// Fades with the same source and direction are one node.
    private struct FadeKey: Hashable {
        var source: Graph.Source
        var fade: ModuleType.Fade
    }

    init(old: Transition.OrderedGraph, new: Transition.OrderedGraph, kept: [Int?]) {
        self.old = old
        self.new = new
        self.kept = kept
        graph = new.graph
        perVoice = new.order.perVoice
    }

    mutating func build() {
        var places = [Int?](repeating: nil, count: old.graph.nodes.count)
        for index in graph.nodes.indices {
            Transition.fixDomain(&graph.nodes[index], perVoice[index])
            graph.nodes[index].origin = kept[index].map { old.graph.nodes[$0].name }
            if let place = kept[index] { places[place] = index }
        }
        let leaving = old.graph.nodes.indices.filter { places[$0] == nil }
        for index in leaving {
            places[index] = graph.nodes.count
            var node = old.graph.nodes[index]
            node.origin = node.name
            // Names in files cannot contain '~'.
            node.name += "~"
            node.shares = node.shares.map { $0.map { share($0) } }
            Transition.fixDomain(&node, old.order.perVoice[index])
            graph.nodes.append(node)
            perVoice.append(old.order.perVoice[index])
        }
        indices = places.compactMap { $0 }
        // The engine's own nodes, if the new graph lacks them: the removed modules read them until the fade ends.
        graph.keys = graph.keys ?? old.graph.keys.map { indices[$0] }
        graph.input = graph.input ?? old.graph.input.map { indices[$0] }
        for index in leaving {
            let node = old.graph.nodes[index]
            graph.nodes[indices[index]].inlets = node.inlets.map { $0.map(placed) }
            graph.nodes[indices[index]].modulations = node.modulations.map { connections in
                connections.map { .init(source: placed($0.source), depth: $0.depth) }
            }
        }
        for (index, place) in kept.enumerated() { if let place { join(index, old.graph.nodes[place]) } }
    }

    /// Copies a shared parameter for removed nodes, which keep their value.
    private mutating func share(_ old: Int) -> Int {
        if let place = shares[old] { return place }
        var shared = self.old.graph.shared[old]
        shared.module += "~"
        graph.shared.append(shared)
        shares[old] = graph.shared.count - 1
        return graph.shared.count - 1
    }

    /// An outlet of the old graph in the union.
    private func placed(_ source: Graph.Source) -> Graph.Source {
        .init(node: indices[source.node], outlet: source.outlet)
    }

    /// Joins the connections of a node that continues: those in both graphs unchanged, the others faded.
    private mutating func join(_ index: Int, _ before: Graph.Node) {
        let node = graph.nodes[index]
        for inlet in node.inlets.indices where node.type.inlets[inlet].info.kind == .audio {
            var rest = before.inlets[inlet].map(placed)
            var connections: [Graph.Source] = []
            for source in node.inlets[inlet] {
                if let same = rest.firstIndex(of: source) {
                    rest.remove(at: same)
                    connections.append(source)
                } else {
                    connections.append(fade(source, .arriving))
                }
            }
            for source in rest { connections.append(fade(source, .leaving)) }
            // The idle value of an unconnected inlet is faded like a connection.
            let idle = node.type.inlets[inlet].info.idle
            if idle != 0, before.inlets[inlet].isEmpty != node.inlets[inlet].isEmpty {
                connections.append(
                    constant(idle, node.inlets[inlet].isEmpty ? .arriving : .leaving, perVoice[index]))
            }
            graph.nodes[index].inlets[inlet] = connections
        }
        // A modulation that is read at note-on changes with the next note, without a fade.
        for param in node.modulations.indices where !node.type.params[param].spec.latched {
            var rest = before.modulations[param].map { (placed($0.source), $0.depth) }
            var connections: [Graph.Modulation] = []
            for connection in node.modulations[param] {
                if let same = rest.firstIndex(where: { $0 == (connection.source, connection.depth) }) {
                    rest.remove(at: same)
                    connections.append(connection)
                } else {
                    connections.append(
                        .init(source: fade(connection.source, .arriving), depth: connection.depth))
                }
            }
            for (source, depth) in rest {
                connections.append(.init(source: fade(source, .leaving), depth: depth))
            }
            graph.nodes[index].modulations[param] = connections
        }
    }

    /// A fade of `source`.
    private mutating func fade(_ source: Graph.Source, _ fade: ModuleType.Fade) -> Graph.Source {
        let key = FadeKey(source: source, fade: fade)
        let index = fades[key] ?? add(.fade(fade, idle: 0), [source], perVoice[source.node])
        fades[key] = index
        return .init(node: index, outlet: 0)
    }

    /// A fade of the constant `value`.
    private mutating func constant(
        _ value: Float, _ fade: ModuleType.Fade, _ isPerVoice: Bool
    ) -> Graph.Source {
        .init(node: add(.fade(fade, idle: value), [], isPerVoice), outlet: 0)
    }

    /// Adds a node and returns its index.
    private mutating func add(_ type: ModuleType, _ sources: [Graph.Source], _ isPerVoice: Bool) -> Int {
        graph.nodes.append(
            Graph.Node(
                name: "\(type.name)~\(graph.nodes.count)", origin: nil, type: type,
                each: isPerVoice ? .voice : .once, values: [], inlets: [sources], modulations: [],
                place: Patch.Place()))
        perVoice.append(isPerVoice)
        return graph.nodes.count - 1
    }
}
