import KairosControl
import KairosDSP
import KairosPatch

/// The first pass: resolves names to indices, parses values and collects errors.
struct Resolver {
    let patch: Patch
    let registry: ModuleRegistry
    var graph = Graph()
    /// Index of each node by its name.
    var indices: [String: Int] = [:]
    var faults: [PatchError.Fault] = []

    mutating func fault(_ place: Patch.Place, _ message: String) {
        faults.append(PatchError.Fault(place: place, message: message))
    }

    /// Reports a patch with too many modules or connections; returns false for one.
    mutating func checkSize() -> Bool {
        if patch.modules.count > Patch.moduleLimit {
            fault(
                patch.modules[Patch.moduleLimit].name.place,
                "the patch has \(patch.modules.count) modules, and the limit is \(Patch.moduleLimit)")
        }
        if patch.connections.count > Patch.connectionLimit {
            fault(
                patch.connections[Patch.connectionLimit].place,
                "the patch has \(patch.connections.count) connections, and the limit is \(Patch.connectionLimit)"
            )
        }
        return faults.isEmpty
    }

    /// Adds a node for each module, with its parameter values.
    mutating func addModules() {
        // The file reader has already reported a module without a type.
        for module in patch.modules where !module.type.text.isEmpty {
            guard let type = registry[module.type.text] else {
                if let file = registry.unreadable[module.type.text] {
                    fault(module.type.place, "the module '\(module.type.text)' cannot be read: see \(file)")
                    continue
                }
                let suggestion = didYouMean(module.type.text, among: registry.types.map(\.name))
                fault(
                    module.type.place,
                    "there is no module '\(module.type.text)'\(suggestion.isEmpty ? " ('kairos modules' lists them)" : suggestion)"
                )
                continue
            }
            guard type.isNoteStage == module.isNoteStage else {
                reportWrongList(module)
                continue
            }
            if indices[module.name.text] != nil {
                fault(
                    module.name.place,
                    "there are two modules called '\(module.name.text)'"
                        + (module.isNoteStage
                            ? "; give the note stage a name, as in { type: \(type.name), name: second }" : "")
                )
                continue
            }
            if ModuleType.engine.contains(where: { $0.name == type.name }),
                let existing = graph.nodes.first(where: { $0.type.name == type.name })
            {
                fault(
                    module.type.place,
                    "a patch has only one '\(type.name)', and '\(existing.name)' is one already")
                continue
            }
            var node = Graph.Node(
                name: module.name.text, origin: module.name.text, type: type, each: module.each,
                values: type.params.map(\.spec.initialValue),
                inlets: Array(repeating: [], count: type.inlets.count),
                modulations: Array(repeating: [], count: type.params.count), place: module.name.place)
            for (symbol, value) in module.settings { set(&node, symbol, value) }
            indices[node.name] = graph.nodes.count
            if type.name == ModuleType.keys.name { graph.keys = graph.nodes.count }
            if type.name == ModuleType.input.name { graph.input = graph.nodes.count }
            if type.isNoteStage { graph.stages.append(graph.nodes.count) }
            graph.nodes.append(node)
        }
    }

    /// Sets a parameter of `node` to a typed value.
    mutating func set(_ node: inout Graph.Node, _ symbol: Patch.Text, _ value: Patch.Text) {
        guard let index = node.type.param(symbol.text) else {
            let isPort = node.type.inlet(symbol.text) != nil
            fault(
                symbol.place,
                isPort
                    ? "'\(symbol.text)' of '\(node.type.name)' is an inlet; connect it instead of setting a value"
                    : "'\(node.type.name)' has no parameter '\(symbol.text)'"
                        + didYouMean(symbol.text, among: node.type.params.map(\.symbol)))
            return
        }
        do { node.values[index] = try node.type.params[index].spec.parseValue(value.text) } catch {
            fault(value.place, "\(node.name).\(symbol.text): \(error)")
        }
    }

    /// The index of the module called `name`; nil, with an error, if there is none.
    mutating func node(_ name: Patch.Text) -> Int? {
        if let index = indices[name.text] { return index }
        // A rejected module has been reported already.
        if !patch.modules.contains(where: { $0.name.text == name.text }) {
            fault(
                name.place,
                "there is no module called '\(name.text)'\(didYouMean(name.text, among: Array(indices.keys)))"
            )
        }
        return nil
    }

    /// Adds all connections whose ends exist.
    mutating func addConnections() {
        for connection in patch.connections {
            let from = node(connection.from), to = node(connection.to)
            guard let from, let to, let source = source(connection, from) else { continue }
            connect(connection, source, to)
        }
    }

    /// The outlet at which `connection` starts, in the node `from`; nil, with an error, if there is none.
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

    /// Connects `source` to the inlet or parameter that `connection` names in the node `to`; reports what
    /// does not fit.
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
                    "'\(connection.to.text).\(name)' takes \(describe(kind)), but '\(connection.from.text).\(outlet.symbol)' is \(describe(outlet.info.kind))"
                )
            }
            if let depth = connection.depth {
                return fault(
                    depth.place,
                    "'\(name)' is an inlet and has no modulation depth; put a vca before it to attenuate")
            }
            if kind == .gate, !graph.nodes[to].inlets[inlet].isEmpty {
                return fault(
                    place,
                    "'\(connection.to.text).\(name)' is already connected, and a gate inlet takes one connection"
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
                place, "'\(name)' is a parameter, and '\(connection.from.text).\(outlet.symbol)' is a gate"
            )
        }
        if spec.latched, !spec.isReadAtNoteOn {
            return fault(
                place,
                "'\(name)' has one value for all voices and cannot be modulated; set it, or assign a macro to it"
            )
        }
        guard let depth = connection.depth else {
            let example =
                switch spec.depthUnit {
                case .semitones: "24 st"
                case .octaves: "0.5 x"
                case .ratio: "50 %"
                default: "1"
                }
            return fault(
                place,
                "the connection to '\(name)' needs a modulation depth, as in \(connection.from.text) -> \(connection.to.text).\(name) @ \(example)"
            )
        }
        do {
            let amount = try spec.parseDepth(depth.text)
            graph.nodes[to].modulations[param].append(Graph.Modulation(source: source, depth: amount))
        } catch {
            let isTime = spec.depthUnit == .octaves
            fault(
                depth.place,
                "\(error)"
                    + (isTime
                        ? "; the depth of a time is a factor for a signal of 1, as in '0.5 x', or '-1 oct'"
                        : "")
            )
        }
    }

    /// Checks that each macro moves an existing parameter over a valid range.
    mutating func checkMacros() {
        for macro in patch.macros {
            guard let index = indices[macro.module.text] else {
                // A rejected module has been reported already.
                if !patch.modules.contains(where: { $0.name.text == macro.module.text }) {
                    reportMissingParameter(macro)
                }
                continue
            }
            let type = graph.nodes[index].type
            guard let param = type.param(macro.parameter.text) else {
                reportMissingParameter(macro)
                continue
            }
            let spec = type.params[param].spec
            var isRead = true
            for text in macro.range.map({ [$0.first, $0.last] }) ?? [] {
                do { _ = try spec.parseValue(text.text) } catch {
                    fault(text.place, "macro '\(macro.name.text)': \(error)")
                    isRead = false
                }
            }
            guard isRead else { continue }
            do {
                _ = try ControlRange(spec, macro.range.map { TypedRange($0.first.text, $0.last.text) })
            } catch {
                fault(macro.range?.first.place ?? macro.module.place, "macro '\(macro.name.text)': \(error)")
            }
        }
    }

    private mutating func reportMissingParameter(_ macro: Patch.Macro) {
        let name = "\(macro.module.text).\(macro.parameter.text)"
        let all = graph.nodes.flatMap { node in node.type.params.map { "\(node.name).\($0.symbol)" } }
        fault(
            macro.module.place,
            "macro '\(macro.name.text)': there is no parameter '\(name)'" + didYouMean(name, among: all))
    }

    /// Finds the `output`. A patch without one gets one, fed by every module (except `keys` and control
    /// sources) of which nothing is read.
    mutating func addOutput() {
        if let index = graph.nodes.firstIndex(where: { $0.type.name == "output" }) {
            graph.output = index
            if graph.nodes[index].inlets[0].isEmpty {
                fault(
                    graph.nodes[index].place,
                    "nothing is connected to '\(graph.nodes[index].name)', so the patch is silent")
            }
            return
        }
        let read = Set(graph.nodes.flatMap(\.sources))
        var unconnected: [Graph.Source] = []
        for (index, node) in graph.nodes.enumerated()
        where node.type.name != "keys" && !node.type.isControl {
            // A module of which any outlet is read already has a path to the output.
            let outlets = node.type.outlets.indices.map { Graph.Source(node: index, outlet: $0) }
            if let first = outlets.first, !outlets.contains(where: read.contains) {
                unconnected.append(first)
            }
        }
        if unconnected.isEmpty, faults.isEmpty {
            fault(
                Patch.Place(),
                "the patch is silent: it needs an 'output', or a module whose output is not connected"
            )
        }
        graph.output = graph.nodes.count
        graph.nodes.append(
            Graph.Node(
                name: "output", origin: "output", type: .output, each: nil, values: [], inlets: [unconnected],
                modulations: [],
                place: Patch.Place()))
    }

    private func describe(_ kind: PortKind) -> String { kind == .gate ? "a gate" : "a signal" }
    private func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
