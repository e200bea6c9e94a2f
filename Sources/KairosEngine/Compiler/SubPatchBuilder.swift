import KairosControl
import KairosDSP

/// Makes a module of a file that says what it is made of. Every fault is found in one go.
struct SubPatchBuilder {
    private let subPatch: SubPatch
    private var resolver: Resolver
    /// Inlets inside that an inlet leads to.
    private var led: [Graph.Inlet] = []

    init(_ subPatch: SubPatch, _ registry: ModuleRegistry) {
        self.subPatch = subPatch
        var patch = Patch(name: subPatch.name)
        patch.modules = subPatch.modules
        patch.connections = subPatch.connections
        resolver = Resolver(patch: patch, registry: registry)
    }

    /// The module. Throws everything that is wrong with it.
    func type() throws(PatchError) -> ModuleType {
        var builder = self
        let type = builder.build()
        guard let type, builder.resolver.faults.isEmpty else {
            let file = subPatch.file.isEmpty ? subPatch.name : subPatch.file
            throw PatchError(
                file: file,
                faults: builder.resolver.faults.sorted {
                    ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column)
                })
        }
        return type
    }

    private mutating func build() -> ModuleType? {
        for module in subPatch.modules {
            guard ModuleType.engine.contains(where: { $0.name == module.type.text }) else { continue }
            resolver.fault(
                module.type.place,
                "'\(module.type.text)' belongs to the patch; give '\(subPatch.name)' \(module.type.text == "output" ? "an outlet" : "an inlet") in its place"
            )
        }
        resolver.addModules()
        resolver.addConnections()
        checkNames()
        if subPatch.about.isEmpty {
            resolver.fault(
                Patch.Place(line: 1, column: 1), "the module does not say what it is for; add 'about: …'")
        }
        if subPatch.outlets.isEmpty {
            resolver.fault(Patch.Place(line: 1, column: 1), "the module has no outlet; add 'outlets:'")
        }
        let inlets = subPatch.inlets.map { inlet($0) }, outlets = subPatch.outlets.map { outlet($0) }
        let params = subPatch.params.map { param($0) }
        checkShared(params.flatMap { $0?.targets ?? [] })
        guard resolver.faults.isEmpty else { return nil }
        let flat: Flattening
        do { flat = try Flattening(resolver.graph, file: subPatch.file) } catch {
            resolver.faults += error.faults
            return nil
        }
        let depth = 1 + (resolver.graph.nodes.compactMap { $0.type.body?.depth }.max() ?? 0)
        let deepest = resolver.graph.nodes.first { ($0.type.body?.depth ?? 0) + 1 == depth }
        if depth > SubPatch.depthLimit, let deepest {
            resolver.fault(
                deepest.place,
                "with '\(deepest.type.name)' modules stand \(depth) deep in each other, and \(SubPatch.depthLimit) is the most"
            )
        }
        let body = SubPatchBody(
            graph: flat.graph,
            inlets: inlets.map { $0?.targets.flatMap { flat.inlets($0.node, $0.inlet) } ?? [] },
            outlets: outlets.compactMap { $0.map { flat.source($0.source) } },
            params: params.map { $0?.targets.flatMap { flat.leaves($0.node, $0.param) } ?? [] }, depth: depth)
        checkOrder(body)
        let first = outlets.first.flatMap { $0 }.map { resolver.graph.nodes[$0.source.node].type }
        return ModuleType(
            subPatch, body, inlets: inlets.compactMap { $0.map { ($0.symbol, $0.info) } },
            outlets: outlets.compactMap { $0.map { ($0.symbol, $0.info) } },
            params: params.compactMap { $0.map { ($0.symbol, $0.spec) } },
            isControl: first?.isControl ?? false)
    }

    private mutating func checkNames() {
        var seen: Set<String> = []
        for name in subPatch.inlets.map(\.name) + subPatch.outlets.map(\.name) + subPatch.params.map(\.name) {
            if name.text == "type" || name.text == "each" {
                resolver.fault(name.place, "'\(name.text)' is a word of the file; choose another name")
            } else if !seen.insert(name.text).inserted {
                resolver.fault(
                    name.place, "'\(name.text)' is a port or parameter of '\(subPatch.name)' already")
            }
        }
    }

    // MARK: ports

    private mutating func inlet(
        _ port: SubPatch.Port
    ) -> (symbol: String, info: InletInfo, targets: [Graph.Inlet])? {
        var targets: [Graph.Inlet] = []
        var infos: [InletInfo] = []
        for target in port.targets {
            guard let node = resolver.node(target.module) else { continue }
            let type = resolver.graph.nodes[node].type, place = target.port?.place ?? target.module.place
            guard let name = target.port?.text ?? type.inlets.first?.symbol else {
                resolver.fault(place, "'\(type.name)' has no inlet")
                continue
            }
            guard let inlet = type.inlet(name) else {
                let isParam = type.param(name) != nil
                resolver.fault(
                    place,
                    isParam
                        ? "'\(name)' of '\(type.name)' is a parameter: it stands under 'params'"
                        : "'\(type.name)' has no inlet '\(name)'"
                            + hint(name, type.inlets.map(\.symbol)))
                continue
            }
            let info = type.inlets[inlet].info, found = Graph.Inlet(node: node, inlet: inlet)
            if let first = infos.first, first.kind != info.kind {
                resolver.fault(
                    place, "'\(port.name.text)' leads to a signal's inlet and to a gate's; divide it in two")
            }
            if targets.contains(found) {
                resolver.fault(place, "'\(target.module.text).\(name)' stands here twice")
                continue
            }
            if info.kind == .gate, !resolver.graph.nodes[node].inlets[inlet].isEmpty || led.contains(found) {
                resolver.fault(
                    place, "'\(target.module.text).\(name)' has a connection already, and gates do not add up"
                )
            }
            led.append(found)
            targets.append(found)
            infos.append(info)
        }
        guard let info = infos.first else { return nil }
        let about = port.about.isEmpty ? info.about : port.about
        return (
            port.name.text, info.kind == .gate ? .gate(about) : .audio(about, idle: info.idle), targets
        )
    }

    private mutating func outlet(
        _ port: SubPatch.Port
    ) -> (symbol: String, info: OutletInfo, source: Graph.Source)? {
        guard let target = port.targets.first, let node = resolver.node(target.module) else { return nil }
        let connection = Patch.Connection(from: target.module, outlet: target.port, to: target.module)
        guard let source = resolver.source(connection, node) else { return nil }
        let info = resolver.graph.nodes[node].type.outlets[source.outlet].info
        let about = port.about.isEmpty ? info.about : port.about
        return (port.name.text, info.kind == .gate ? .gate(about) : .audio(about), source)
    }

    // MARK: parameters

    private struct Param {
        var symbol: String
        var spec: ParamSpec
        /// Places in the graph that is not written out yet, and where the file names them.
        var targets: [(node: Int, param: Int, place: Patch.Place)]
    }

    private mutating func param(_ param: SubPatch.Param) -> Param? {
        var targets: [(node: Int, param: Int, place: Patch.Place)] = []
        for target in param.targets {
            guard let node = resolver.node(target.module), let port = target.port else { continue }
            let type = resolver.graph.nodes[node].type
            guard let index = type.param(port.text) else {
                resolver.fault(
                    port.place,
                    type.inlet(port.text) != nil
                        ? "'\(port.text)' of '\(type.name)' is an inlet: it stands under 'inlets'"
                        : "'\(type.name)' has no parameter '\(port.text)'"
                            + hint(port.text, type.params.map(\.symbol)))
                continue
            }
            targets.append((node, index, target.module.place))
        }
        guard let first = targets.first, targets.count == param.targets.count else { return nil }
        let specs = targets.map { resolver.graph.nodes[$0.node].type.params[$0.param].spec }
        let spec = specs[0]
        for (target, other) in zip(targets, specs)
        where other.law != spec.law || other.kind != spec.kind || other.unit != spec.unit
            || other.latched != spec.latched
        {
            resolver.fault(
                target.place,
                "'\(param.name.text)' is one value for all that it moves: '\(name(first))' is \(said(spec)), and '\(name(target))' is \(said(other))"
            )
            return nil
        }
        let range = range(param, spec)
        let preset = preset(param, spec, range, targets)
        let onGrid = specs.allSatisfy(\.onGrid)
        return Param(
            symbol: param.name.text,
            spec: spec.shown(
                param.about.isEmpty ? spec.about : param.about, range: range, default: preset, onGrid: onGrid),
            targets: targets)
    }

    private mutating func range(_ param: SubPatch.Param, _ spec: ParamSpec) -> ClosedRange<Float> {
        guard let range = param.range else { return spec.range }
        guard spec.kind == .float || spec.kind == .int else {
            resolver.fault(range.first.place, "'\(param.name.text)' is \(said(spec)) and has no 'range'")
            return spec.range
        }
        let low = value(range.first, param, spec) ?? spec.range.lowerBound
        let high = value(range.last, param, spec) ?? spec.range.upperBound
        guard low < high else {
            resolver.fault(
                range.first.place,
                "'\(param.name.text)' goes from \(spec.display(low)) up to \(spec.display(high)), which is no way up"
            )
            return spec.range
        }
        return low...high
    }

    private mutating func value(
        _ text: Patch.Text?, _ param: SubPatch.Param, _ spec: ParamSpec
    ) -> Float? {
        guard let text else { return nil }
        do { return try spec.parse(text.text) } catch {
            resolver.fault(text.place, "\(param.name.text): \(error)")
            return nil
        }
    }

    private mutating func preset(
        _ param: SubPatch.Param, _ spec: ParamSpec, _ range: ClosedRange<Float>,
        _ targets: [(node: Int, param: Int, place: Patch.Place)]
    ) -> Float {
        let values = targets.map { resolver.graph.nodes[$0.node].values[$0.param] }
        var preset = values[0]
        if let text = param.preset {
            preset = value(text, param, spec) ?? preset
        } else if let other = zip(targets, values).first(where: { $1 != preset }) {
            resolver.fault(
                param.name.place,
                "'\(name(targets[0]))' is \(spec.display(preset)) and '\(name(other.0))' is \(spec.display(other.1)); say which with 'default:'"
            )
        }
        guard range.contains(preset) else {
            resolver.fault(
                param.preset?.place ?? param.name.place,
                "'\(param.name.text)' begins at \(spec.display(preset)), which is outside \(spec.display(range.lowerBound)) … \(spec.display(range.upperBound))"
            )
            return range.lowerBound
        }
        return preset
    }

    /// What two parameters move would follow neither.
    private mutating func checkShared(_ targets: [(node: Int, param: Int, place: Patch.Place)]) {
        var seen: Set<Graph.Leaf> = []
        for target in targets where !seen.insert(.init(node: target.node, param: target.param)).inserted {
            resolver.fault(target.place, "'\(name(target))' is moved by a parameter already")
        }
    }

    private func name(_ target: (node: Int, param: Int, place: Patch.Place)) -> String {
        let node = resolver.graph.nodes[target.node]
        return "\(node.name).\(node.type.params[target.param].symbol)"
    }

    private func said(_ spec: ParamSpec) -> String {
        switch spec.kind {
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .bool: "true or false"
        case .int, .float: "\(spec.display(spec.range.lowerBound)) … \(spec.display(spec.range.upperBound))"
        }
    }

    private func hint(_ word: String, _ all: [String]) -> String {
        let near = didYouMean(word, among: all)
        return near.isEmpty && !all.isEmpty ? " (it has \(all.joined(separator: ", ")))" : near
    }

    // MARK: order

    /// A cycle inside is one wherever it is used.
    private mutating func checkOrder(_ body: SubPatchBody) {
        var graph = body.graph
        let heard = body.outlets.filter { graph.nodes[$0.node].type.outlets[$0.outlet].info.kind == .audio }
        graph.output = graph.nodes.count
        graph.nodes.append(
            Graph.Node(
                name: "output", origin: nil, type: .output, each: nil, values: [], inlets: [heard],
                modulations: [], place: Patch.Place()))
        do { _ = try ModuleOrder.make(graph, file: "") } catch { resolver.faults += error.faults }
    }
}
