import KairosDSP
import KairosPatch

/// Builds the type of a compound module from its declaration and collects all errors.
struct CompoundModuleBuilder {
    private let compound: CompoundModule
    var resolver: Resolver
    /// Inner inlets that an inlet leads to already.
    private var connectedInlets: [Graph.Inlet] = []

    init(_ compound: CompoundModule, _ registry: ModuleRegistry) {
        self.compound = compound
        var patch = Patch(name: compound.name)
        patch.modules = compound.modules
        patch.connections = compound.connections
        resolver = Resolver(patch: patch, registry: registry)
    }

    /// Builds the type.
    ///
    /// - Throws: `PatchError` with all errors, in the order of the file.
    func type() throws(PatchError) -> ModuleType {
        var builder = self
        let type = builder.build()
        guard let type, builder.resolver.faults.isEmpty else {
            let file = compound.file.isEmpty ? compound.name : compound.file
            throw PatchError(
                file: file,
                faults: builder.resolver.faults.sorted {
                    ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column)
                })
        }
        return type
    }

    private mutating func build() -> ModuleType? {
        for module in compound.modules {
            guard ModuleType.engine.contains(where: { $0.name == module.type.text }) else { continue }
            resolver.fault(
                module.type.place,
                "a compound module cannot contain '\(module.type.text)'; give '\(compound.name)' \(module.type.text == "output" ? "an outlet" : "an inlet") instead"
            )
        }
        resolver.addModules()
        resolver.addConnections()
        checkNames()
        if compound.about.isEmpty {
            resolver.fault(
                Patch.Place(line: 1, column: 1), "the module has no description; add 'about: …'")
        }
        if compound.outlets.isEmpty {
            resolver.fault(Patch.Place(line: 1, column: 1), "the module has no outlet; add 'outlets:'")
        }
        let inlets = compound.inlets.map { inlet($0) }, outlets = compound.outlets.map { outlet($0) }
        let params = compound.params.map { param($0) }
        checkShared(params.flatMap { $0?.targets ?? [] })
        guard resolver.faults.isEmpty else { return nil }
        let flat: Flattening
        do { flat = try Flattening(resolver.graph, file: compound.file) } catch {
            resolver.faults += error.faults
            return nil
        }
        let depth = 1 + (resolver.graph.nodes.compactMap { $0.type.body?.depth }.max() ?? 0)
        let deepest = resolver.graph.nodes.first { ($0.type.body?.depth ?? 0) + 1 == depth }
        if depth > CompoundModule.depthLimit, let deepest {
            resolver.fault(
                deepest.place,
                "with '\(deepest.type.name)' compound modules are nested \(depth) deep, and the limit is \(CompoundModule.depthLimit)"
            )
        }
        let body = CompoundModuleBody(
            graph: flat.graph,
            inlets: inlets.map { $0?.targets.flatMap { flat.inlets($0.node, $0.inlet) } ?? [] },
            outlets: outlets.compactMap { $0.map { flat.source($0.source) } },
            params: params.map { $0?.targets.flatMap { flat.leaves($0.node, $0.param) } ?? [] }, depth: depth)
        checkOrder(body)
        let first = outlets.first.flatMap { $0 }.map { resolver.graph.nodes[$0.source.node].type }
        return ModuleType(
            compound, body, inlets: inlets.compactMap { $0.map { ($0.symbol, $0.info) } },
            outlets: outlets.compactMap { $0.map { ($0.symbol, $0.info) } },
            params: params.compactMap { $0.map { ($0.symbol, $0.spec) } },
            isControl: first?.isControl ?? false)
    }

    /// Reports reserved and duplicate symbols.
    private mutating func checkNames() {
        var seen: Set<String> = []
        for name in compound.inlets.map(\.name) + compound.outlets.map(\.name) + compound.params.map(\.name) {
            if name.text == "type" || name.text == "each" {
                resolver.fault(name.place, "'\(name.text)' is a reserved word; choose another name")
            } else if !seen.insert(name.text).inserted {
                resolver.fault(
                    name.place, "'\(name.text)' is already a port or parameter of '\(compound.name)'")
            }
        }
    }

    // MARK: ports

    /// Resolves an inlet; nil, with an error, if none of its targets exists.
    private mutating func inlet(
        _ port: CompoundModule.Port
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
                        ? "'\(name)' of '\(type.name)' is a parameter; list it under 'params'"
                        : "'\(type.name)' has no inlet '\(name)'"
                            + suggestion(name, type.inlets.map(\.symbol)))
                continue
            }
            let info = type.inlets[inlet].info, found = Graph.Inlet(node: node, inlet: inlet)
            if let first = infos.first, first.kind != info.kind {
                resolver.fault(
                    place,
                    "'\(port.name.text)' leads to a signal inlet and to a gate inlet; make two inlets of it")
            }
            if targets.contains(found) {
                resolver.fault(place, "'\(target.module.text).\(name)' is listed twice")
                continue
            }
            if info.kind == .gate,
                !resolver.graph.nodes[node].inlets[inlet].isEmpty || connectedInlets.contains(found)
            {
                resolver.fault(
                    place,
                    "'\(target.module.text).\(name)' is already connected, and a gate inlet takes one connection"
                )
            }
            connectedInlets.append(found)
            targets.append(found)
            infos.append(info)
        }
        guard let info = infos.first else { return nil }
        let about = port.about.isEmpty ? info.about : port.about
        return (
            port.name.text, info.kind == .gate ? .gate(about) : .audio(about, idle: info.idle), targets
        )
    }

    /// Resolves an outlet; nil, with an error, if its source does not exist.
    private mutating func outlet(
        _ port: CompoundModule.Port
    ) -> (symbol: String, info: OutletInfo, source: Graph.Source)? {
        guard let target = port.targets.first, let node = resolver.node(target.module) else { return nil }
        let connection = Patch.Connection(from: target.module, outlet: target.port, to: target.module)
        guard let source = resolver.source(connection, node) else { return nil }
        let info = resolver.graph.nodes[node].type.outlets[source.outlet].info
        let about = port.about.isEmpty ? info.about : port.about
        return (port.name.text, info.kind == .gate ? .gate(about) : .audio(about), source)
    }

    /// The closest of `all` to `word`, or the whole list, as a suffix for a message.
    func suggestion(_ word: String, _ all: [String]) -> String {
        let suggestion = didYouMean(word, among: all)
        return suggestion.isEmpty && !all.isEmpty ? " (it has \(all.joined(separator: ", ")))" : suggestion
    }

    // MARK: order

    /// Reports feedback loops without a delay and domain errors, which would occur wherever the module is
    /// used.
    private mutating func checkOrder(_ body: CompoundModuleBody) {
        var graph = body.graph
        let audible = body.outlets.filter { graph.nodes[$0.node].type.outlets[$0.outlet].info.kind == .audio }
        graph.output = graph.nodes.count
        graph.nodes.append(
            Graph.Node(
                name: "output", origin: nil, type: .output, each: nil, values: [], inlets: [audible],
                modulations: [], place: Patch.Place()))
        do { _ = try ModuleOrder.make(graph, file: "") } catch { resolver.faults += error.faults }
    }
}
