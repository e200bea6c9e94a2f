import KairosDSP

/// The way from one graph to another while it sounds.
///
/// What both have goes on; what only the first has sounds until its connections have faded out, what only the second has
/// fades in. All of it stands in one graph, so that nothing is computed twice and what an edit does not touch keeps
/// its bits.
struct Transition {
    /// A graph and its order.
    struct Planned: Sendable {
        var graph: Graph
        var plan: ModuleOrder
    }

    /// What runs while the connections fade.
    let union: Planned
    /// What is left when they have.
    let settled: Planned
    /// Whether that is the goal; else another step is to come.
    let reachesGoal: Bool

    /// From `old` to `new`, or as far towards it as one step can go.
    ///
    /// Where both together would be a cycle, what leaves goes first; the rest is another step.
    static func make(from old: Planned, to new: Planned) -> Transition? {
        let kept = Self.kept(old, new)
        if let union = union(old, new, kept) {
            return Transition(union: union, settled: new, reachesGoal: true)
        }
        guard let reduced = reduced(old, new, kept),
            let union = union(old, reduced, Self.kept(old, reduced))
        else { return nil }
        return Transition(union: union, settled: reduced, reachesGoal: false)
    }

    /// For each node of `new`, the node of `old` that goes on in it: same name, type and domain.
    private static func kept(_ old: Planned, _ new: Planned) -> [Int?] {
        var places: [String: Int] = [:]
        for (index, node) in old.graph.nodes.enumerated() { places[key(node)] = index }
        return new.graph.nodes.indices.map { index in
            guard let place = places[key(new.graph.nodes[index])],
                old.plan.perVoice[place] == new.plan.perVoice[index],
                !new.plan.perVoice[index] || old.plan.stereo[place] == new.plan.stereo[index]
            else { return nil }
            return place
        }
    }

    /// The engine's own modules are known by their types: there is one of each.
    private static func key(_ node: Graph.Node) -> String {
        let isEngine = ModuleType.engine.contains { $0.name == node.type.name }
        return isEngine ? node.type.name : "\(node.type.name) \(node.name)"
    }

    private static func union(_ old: Planned, _ new: Planned, _ kept: [Int?]) -> Planned? {
        var builder = Union(old: old, new: new, kept: kept)
        builder.build()
        let graph = builder.graph
        guard let plan = try? ModuleOrder.make(graph, file: "") else { return nil }
        return Planned(graph: graph, plan: plan)
    }

    /// What is left of `old` without what `new` does not have.
    private static func reduced(_ old: Planned, _ new: Planned, _ kept: [Int?]) -> Planned? {
        var targets = [Int?](repeating: nil, count: old.graph.nodes.count)
        for (index, place) in kept.enumerated() { if let place { targets[place] = index } }
        let stays = old.graph.nodes.indices.filter { targets[$0] != nil }
        var places = [Int?](repeating: nil, count: old.graph.nodes.count)
        for (place, index) in stays.enumerated() { places[index] = place }
        var graph = old.graph
        graph.nodes = stays.map { index in
            var node = old.graph.nodes[index]
            guard let target = targets[index] else { return node }
            fix(&node, old.plan.perVoice[index])
            let wished = new.graph.nodes[target]
            func left(_ source: Graph.Source, _ connections: [Graph.Source]) -> Graph.Source? {
                guard let target = targets[source.node], let place = places[source.node] else { return nil }
                let isWished = connections.contains(.init(node: target, outlet: source.outlet))
                return isWished ? .init(node: place, outlet: source.outlet) : nil
            }
            for inlet in node.inlets.indices {
                node.inlets[inlet] = node.inlets[inlet].compactMap { left($0, wished.inlets[inlet]) }
            }
            for param in node.modulations.indices {
                let connections = wished.modulations[param]
                node.modulations[param] = node.modulations[param].compactMap { connection in
                    left(connection.source, connections.filter { $0.depth == connection.depth }.map(\.source))
                        .map {
                            Graph.Modulation(source: $0, depth: connection.depth)
                        }
                }
            }
            return node
        }
        guard let output = places[old.graph.output] else { return nil }
        graph.output = output
        graph.keys = old.graph.keys.flatMap { places[$0] }
        graph.input = old.graph.input.flatMap { places[$0] }
        guard let plan = try? ModuleOrder.make(graph, file: "") else { return nil }
        return Planned(graph: graph, plan: plan)
    }

    /// Says outright in which domain a node runs: other connections are no reason to change it.
    fileprivate static func fix(_ node: inout Graph.Node, _ perVoice: Bool) {
        if !ModuleType.engine.contains(where: { $0.name == node.type.name }) {
            node.each = perVoice ? .voice : .once
        }
    }
}

/// Both graphs in one.
private struct Union {
    let old: Transition.Planned
    let new: Transition.Planned
    let kept: [Int?]
    var graph: Graph
    /// Where each node of the old graph is.
    private var places: [Int]
    private var perVoice: [Bool]
    private var fades: [FadeKey: Int] = [:]
    /// Where shared parameters of what leaves are.
    private var shares: [Int: Int] = [:]

    private struct FadeKey: Hashable {
        var source: Graph.Source
        var fade: ModuleType.Fade
    }

    init(old: Transition.Planned, new: Transition.Planned, kept: [Int?]) {
        self.old = old
        self.new = new
        self.kept = kept
        graph = new.graph
        places = Array(repeating: -1, count: old.graph.nodes.count)
        perVoice = new.plan.perVoice
    }

    mutating func build() {
        for index in graph.nodes.indices {
            Transition.fix(&graph.nodes[index], perVoice[index])
            graph.nodes[index].origin = kept[index].map { old.graph.nodes[$0].name }
            if let place = kept[index] { places[place] = index }
        }
        let leaving = old.graph.nodes.indices.filter { places[$0] < 0 }
        for index in leaving {
            places[index] = graph.nodes.count
            var node = old.graph.nodes[index]
            node.origin = node.name
            // No name of a file has this mark.
            node.name += "~"
            node.shares = node.shares.map { $0.map { share($0) } }
            Transition.fix(&node, old.plan.perVoice[index])
            graph.nodes.append(node)
            perVoice.append(old.plan.perVoice[index])
        }
        for index in leaving {
            let node = old.graph.nodes[index]
            graph.nodes[places[index]].inlets = node.inlets.map { $0.map(placed) }
            graph.nodes[places[index]].modulations = node.modulations.map { connections in
                connections.map { .init(source: placed($0.source), depth: $0.depth) }
            }
        }
        for (index, place) in kept.enumerated() { if let place { join(index, old.graph.nodes[place]) } }
    }

    /// What leaves goes on with a value of its own.
    private mutating func share(_ old: Int) -> Int {
        if let place = shares[old] { return place }
        var shared = self.old.graph.shared[old]
        shared.module += "~"
        graph.shared.append(shared)
        shares[old] = graph.shared.count - 1
        return graph.shared.count - 1
    }

    private func placed(_ source: Graph.Source) -> Graph.Source {
        .init(node: places[source.node], outlet: source.outlet)
    }

    /// The connections of a node that goes on: those of both graphs as they are, the others fading.
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
            // What stands for no connection comes and goes like one.
            let idle = node.type.inlets[inlet].info.idle
            if idle != 0, before.inlets[inlet].isEmpty != node.inlets[inlet].isEmpty {
                connections.append(
                    constant(idle, node.inlets[inlet].isEmpty ? .arriving : .leaving, perVoice[index]))
            }
            graph.nodes[index].inlets[inlet] = connections
        }
        for param in node.modulations.indices {
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

    private mutating func fade(_ source: Graph.Source, _ fade: ModuleType.Fade) -> Graph.Source {
        let key = FadeKey(source: source, fade: fade)
        let index = fades[key] ?? add(.fade(fade, idle: 0), [source], perVoice[source.node])
        fades[key] = index
        return .init(node: index, outlet: 0)
    }

    private mutating func constant(
        _ value: Float, _ fade: ModuleType.Fade, _ isPerVoice: Bool
    ) -> Graph.Source {
        .init(node: add(.fade(fade, idle: value), [], isPerVoice), outlet: 0)
    }

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
