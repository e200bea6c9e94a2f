import KairosControl
import KairosDSP

/// Looks names up. What is found wrong is gathered.
struct Resolver {
    let patch: Patch
    let registry: ModuleRegistry
    var graph = Graph()
    var indices: [String: Int] = [:]
    var faults: [PatchError.Fault] = []

    mutating func fault(_ place: Patch.Place, _ message: String) {
        faults.append(PatchError.Fault(place: place, message: message))
    }

    /// Whether the patch is small enough to be looked at; a fault where it is not.
    mutating func checkSize() -> Bool {
        if patch.modules.count > Patch.moduleLimit {
            fault(
                patch.modules[Patch.moduleLimit].name.place,
                "the patch has \(patch.modules.count) modules, and \(Patch.moduleLimit) are the most")
        }
        if patch.connections.count > Patch.connectionLimit {
            fault(
                patch.connections[Patch.connectionLimit].place,
                "the patch has \(patch.connections.count) connections, and \(Patch.connectionLimit) are the most"
            )
        }
        return faults.isEmpty
    }

    mutating func addModules() {
        // What has no type was refused when the file was read.
        for module in patch.modules where !module.type.text.isEmpty {
            guard let type = registry[module.type.text] else {
                if let file = registry.unreadable[module.type.text] {
                    fault(module.type.place, "the module '\(module.type.text)' cannot be read: see \(file)")
                    continue
                }
                let near = didYouMean(module.type.text, among: registry.types.map(\.name))
                fault(
                    module.type.place,
                    "there is no module '\(module.type.text)'\(near.isEmpty ? " ('kairos modules' lists them)" : near)"
                )
                continue
            }
            if indices[module.name.text] != nil {
                fault(module.name.place, "there are two modules called '\(module.name.text)'")
                continue
            }
            if ModuleType.engine.contains(where: { $0.name == type.name }),
                let twin = graph.nodes.first(where: { $0.type.name == type.name })
            {
                fault(module.type.place, "a patch has one '\(type.name)', and '\(twin.name)' is it")
                continue
            }
            var node = Graph.Node(
                name: module.name.text, origin: module.name.text, type: type, each: module.each,
                values: type.params.map(\.spec.defaultValue),
                inlets: Array(repeating: [], count: type.inlets.count),
                modulations: Array(repeating: [], count: type.params.count), place: module.name.place)
            for (symbol, value) in module.settings { set(&node, symbol, value) }
            indices[node.name] = graph.nodes.count
            if type.name == ModuleType.keys.name { graph.keys = graph.nodes.count }
            if type.name == ModuleType.input.name { graph.input = graph.nodes.count }
            graph.nodes.append(node)
        }
    }

    mutating func set(_ node: inout Graph.Node, _ symbol: Patch.Text, _ value: Patch.Text) {
        guard let index = node.type.param(symbol.text) else {
            let isPort = node.type.inlet(symbol.text) != nil
            fault(
                symbol.place,
                isPort
                    ? "'\(symbol.text)' of '\(node.type.name)' is an inlet: it takes a connection, not a value"
                    : "'\(node.type.name)' has no parameter '\(symbol.text)'"
                        + didYouMean(symbol.text, among: node.type.params.map(\.symbol)))
            return
        }
        do { node.values[index] = try node.type.params[index].spec.parse(value.text) } catch {
            fault(value.place, "\(node.name).\(symbol.text): \(error)")
        }
    }

    mutating func node(_ name: Patch.Text) -> Int? {
        if let index = indices[name.text] { return index }
        // A module that was refused above is already told of.
        if !patch.modules.contains(where: { $0.name.text == name.text }) {
            fault(
                name.place,
                "there is no module called '\(name.text)'\(didYouMean(name.text, among: Array(indices.keys)))"
            )
        }
        return nil
    }

    mutating func addConnections() {
        for connection in patch.connections {
            let from = node(connection.from), to = node(connection.to)
            guard let from, let to, let source = source(connection, from) else { continue }
            connect(connection, source, to)
        }
    }

    mutating func source(_ connection: Patch.Connection, _ from: Int) -> Graph.Source? {
        let type = graph.nodes[from].type
        guard let outlet = connection.outlet else {
            if type.outlets.isEmpty { fault(connection.from.place, "'\(type.name)' has no outlet") }
            return type.outlets.isEmpty ? nil : Graph.Source(node: from, outlet: 0)
        }
        guard let index = type.outlet(outlet.text) else {
            fault(
                outlet.place,
                "'\(type.name)' has no outlet '\(outlet.text)'"
                    + (didYouMean(outlet.text, among: type.outlets.map(\.symbol)).isEmpty
                        ? " (it has \(list(type.outlets.map(\.symbol))))"
                        : didYouMean(outlet.text, among: type.outlets.map(\.symbol))))
            return nil
        }
        return Graph.Source(node: from, outlet: index)
    }

    mutating func connect(_ connection: Patch.Connection, _ source: Graph.Source, _ to: Int) {
        let type = graph.nodes[to].type
        let outlet = graph.nodes[source.node].type.outlets[source.outlet]
        let name = connection.port?.text ?? type.inlets.first?.symbol
        let place = connection.port?.place ?? connection.to.place
        guard let name else { return fault(place, "'\(type.name)' has no inlet") }
        if let inlet = type.inlet(name) {
            let kind = type.inlets[inlet].info.kind
            if kind != outlet.info.kind {
                return fault(
                    place,
                    "'\(connection.to.text).\(name)' takes \(said(kind)), and '\(connection.from.text).\(outlet.symbol)' gives \(said(outlet.info.kind))"
                )
            }
            if let depth = connection.depth {
                return fault(
                    depth.place,
                    "'\(name)' is an inlet and takes no depth; put a vca before it to make it smaller")
            }
            if kind == .gate, !graph.nodes[to].inlets[inlet].isEmpty {
                return fault(
                    place, "'\(connection.to.text).\(name)' has a connection already, and gates do not add up"
                )
            }
            graph.nodes[to].inlets[inlet].append(source)
            if source.node == graph.keys, outlet.symbol == "gate" { graph.gated = true }
            return
        }
        guard let param = type.param(name) else {
            let all = type.inlets.map(\.symbol) + type.params.map(\.symbol)
            return fault(
                place,
                "'\(type.name)' has no inlet or parameter '\(name)'"
                    + (didYouMean(name, among: all).isEmpty
                        ? " (it has \(list(all)))" : didYouMean(name, among: all)))
        }
        let spec = type.params[param].spec
        if outlet.info.kind == .gate {
            return fault(
                place, "'\(name)' is a parameter, and '\(connection.from.text).\(outlet.symbol)' gives a gate"
            )
        }
        if spec.latched {
            return fault(
                place,
                "'\(name)' is read when a note or a piece begins and takes no connection; set it, or map a macro to it"
            )
        }
        guard let depth = connection.depth else {
            let example =
                spec.law.curve == .exponential
                ? "24 st" : spec.unit == .ratio || spec.unit == .gain ? "50 %" : "1"
            return fault(
                place,
                "say how far the connection moves '\(name)': \(connection.from.text) -> \(connection.to.text).\(name) @ \(example)"
            )
        }
        do {
            let amount = try spec.parseDepth(depth.text)
            graph.nodes[to].modulations[param].append(Graph.Modulation(source: source, depth: amount))
        } catch { fault(depth.place, "\(error)") }
    }

    /// Each macro moves a parameter that there is, between two values of it.
    mutating func checkMacros() {
        for macro in patch.macros {
            guard let index = indices[macro.module.text] else {
                // A module that was refused above is already told of.
                if !patch.modules.contains(where: { $0.name.text == macro.module.text }) {
                    noParameter(macro)
                }
                continue
            }
            let type = graph.nodes[index].type
            guard let param = type.param(macro.parameter.text) else {
                noParameter(macro)
                continue
            }
            let spec = type.params[param].spec
            var isRead = true
            for text in macro.range.map({ [$0.first, $0.last] }) ?? [] {
                do { _ = try spec.parse(text.text) } catch {
                    fault(text.place, "macro '\(macro.name.text)': \(error)")
                    isRead = false
                }
            }
            guard isRead else { continue }
            do { _ = try Travel(spec, macro.range.map { TypedRange($0.first.text, $0.last.text) }) } catch {
                fault(macro.range?.first.place ?? macro.module.place, "macro '\(macro.name.text)': \(error)")
            }
        }
    }

    private mutating func noParameter(_ macro: Patch.Macro) {
        let name = "\(macro.module.text).\(macro.parameter.text)"
        let all = graph.nodes.flatMap { node in node.type.params.map { "\(node.name).\($0.symbol)" } }
        fault(
            macro.module.place,
            "macro '\(macro.name.text)': there is no parameter '\(name)'" + didYouMean(name, among: all))
    }

    /// A patch without `output` is given one fed by every outlet that nothing reads.
    mutating func addOutput() {
        if let index = graph.nodes.firstIndex(where: { $0.type.name == "output" }) {
            graph.output = index
            if graph.nodes[index].inlets[0].isEmpty {
                fault(
                    graph.nodes[index].place,
                    "nothing is connected to '\(graph.nodes[index].name)', so nothing would be heard")
            }
            return
        }
        let read = Set(graph.nodes.flatMap(\.sources))
        var loose: [Graph.Source] = []
        for (index, node) in graph.nodes.enumerated()
        where node.type.name != "keys" && !node.type.isControl {
            // A module that is read anywhere has said where its sound goes.
            let outlets = node.type.outlets.indices.map { Graph.Source(node: index, outlet: $0) }
            if let first = outlets.first, !outlets.contains(where: read.contains) { loose.append(first) }
        }
        if loose.isEmpty, faults.isEmpty {
            fault(
                Patch.Place(),
                "nothing in this patch would be heard: it needs a module whose sound nothing else reads, or an output"
            )
        }
        graph.output = graph.nodes.count
        graph.nodes.append(
            Graph.Node(
                name: "output", origin: "output", type: .output, each: nil, values: [], inlets: [loose],
                modulations: [],
                place: Patch.Place()))
    }

    private func said(_ kind: PortKind) -> String { kind == .gate ? "a gate" : "a signal" }
    private func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
