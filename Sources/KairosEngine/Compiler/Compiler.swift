import KairosControl
import KairosDSP

/// A patch, checked and put in order, from which programs are made.
public struct CompiledPatch: Sendable {
    /// The patch it was compiled from.
    public private(set) var patch: Patch
    /// The scale it is played in; nil for the instrument's.
    public var tuning: Tuning?
    /// The graph with the values it begins with, and its order.
    var planned: Transition.Planned
    var schedule: Schedule
    /// The modules made of modules that it stands on, those inside others included.
    public let subPatches: Set<String>
    /// Inlets of modules made of modules, and where they lead.
    private let outerInlets: [String: [(module: String, inlet: String)]]

    /// Compiles `patch`: names to indices, order, domains, buffers, steps.
    ///
    /// Throws every fault at once, with its place and the nearest right thing.
    ///
    /// > Control or loader thread.
    public init(_ patch: Patch, registry: ModuleRegistry) throws(PatchError) {
        self.patch = patch
        let (flat, plan) = try Graph.resolve(patch, registry)
        let graph = flat.graph
        outerInlets = flat.outerInlets
        subPatches = patch.modules.reduce(into: []) { $0.formUnion(registry.subPatches(of: $1.type.text)) }
        planned = Transition.Planned(graph: graph, plan: plan)
        schedule = ScheduleBuilder.emit(graph, plan, patch)
    }

    /// A patch with `patch`'s names that makes no sound: it stands for one that cannot be compiled.
    init(silent patch: Patch, isMaster: Bool) {
        self.patch = patch
        (outerInlets, subPatches) = ([:], [])
        var graph = Graph()
        for type in isMaster ? [ModuleType.input, .output] : [.output] {
            graph.nodes.append(
                Graph.Node(
                    name: type.name, origin: type.name, type: type, each: nil, values: [],
                    inlets: type.inlets.map { _ in [] }, modulations: [], place: Patch.Place()))
        }
        graph.input = isMaster ? 0 : nil
        graph.output = graph.nodes.count - 1
        let plan = ModuleOrder(
            perVoice: graph.nodes.map { _ in false }, stereo: graph.nodes.map(\.type.widens),
            split: graph.nodes.map { _ in false },
            tasks: [[], [], graph.nodes.indices.map { ModuleOrder.Task(node: $0, verb: .process) }])
        planned = Transition.Planned(graph: graph, plan: plan)
        schedule = ScheduleBuilder.emit(graph, plan, patch)
    }

    /// What runs on the way to `goal`, which names, levels and voices are taken from; with what it settles into.
    ///
    /// > Control or loader thread.
    init(_ transition: Transition, towards goal: CompiledPatch) {
        patch = goal.patch
        tuning = goal.tuning
        subPatches = goal.subPatches
        outerInlets = goal.outerInlets
        planned = transition.settled
        schedule = ScheduleBuilder.emit(transition.union.graph, transition.union.plan, goal.patch)
    }

    /// Gives the patch another program number, or none.
    public mutating func renumber(bank: Int, program: Int?) { (patch.bank, patch.program) = (bank, program) }

    /// Whether keys become voices as in another patch, so that its voices can go on in this one.
    func hasVoices(of other: CompiledPatch) -> Bool {
        let (a, b) = (patch.voicing, other.patch.voicing)
        return a.mode == b.mode && a.voices == b.voices && a.unison == b.unison
    }

    /// Where an inlet that a player names leads.
    func inlets(_ module: String, _ inlet: String) -> [Graph.Inlet] {
        (outerInlets["\(module).\(inlet)"] ?? [(module, inlet)]).compactMap { module, inlet in
            guard let node = schedule.names.firstIndex(of: module) else { return nil }
            return schedule.types[node].inlet(inlet).map { .init(node: node, inlet: $0) }
        }
    }

    /// The compiled steps as text.
    public var scheduleText: String { schedule.text }
}

extension CompiledPatch {
    /// What the patch calls the module that a report names by `index`.
    public func moduleName(_ index: Int) -> String {
        schedule.names.indices.contains(index) ? schedule.names[index] : "?"
    }
}
