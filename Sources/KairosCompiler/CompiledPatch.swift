public import KairosControl
import KairosDSP
public import KairosPatch

/// A patch whose names are resolved, whose modules are ordered and whose steps are laid out. Any number of
/// patch instances can be built from it.
public struct CompiledPatch: Sendable {
    /// The patch it was compiled from.
    public private(set) var patch: Patch
    /// Its tuning; nil for the instrument's.
    public var tuning: Tuning?
    /// The graph with the parameters' start values, and its order. A live edit compares it with the next
    /// version's.
    package var orderedGraph: Transition.OrderedGraph
    /// The flat steps that patch instances execute.
    package var schedule: Schedule
    /// Names of all compound modules that it uses, nested ones included.
    public let compounds: Set<String>
    /// For each `module.inlet` of a compound module, the inner inlets it is connected to.
    private let outerInlets: [String: [(module: String, inlet: String)]]

    /// Compiles `patch` in passes: resolve names to indices and parse values (`Resolver`), expand compound
    /// modules (`Flattening`), find domains and cycles and order the modules (`ModuleOrder`), lay out steps
    /// and allocate buffers (`ScheduleBuilder`). [control, loader]
    ///
    /// - Throws: `PatchError` with every error of all passes.
    public init(_ patch: Patch, registry: ModuleRegistry) throws(PatchError) {
        self.patch = patch
        let (flat, order) = try Graph.resolve(patch, registry)
        let graph = flat.graph
        outerInlets = flat.outerInlets
        compounds = patch.modules.reduce(into: []) { $0.formUnion(registry.compounds(of: $1.type.text)) }
        orderedGraph = Transition.OrderedGraph(graph: graph, order: order)
        schedule = ScheduleBuilder.build(graph, order, patch)
    }

    /// Creates a silent stand-in for a patch that cannot be compiled. It has the patch's names and program
    /// number.
    init(silent patch: Patch, isMaster: Bool) {
        self.patch = patch
        (outerInlets, compounds) = ([:], [])
        var graph = Graph()
        for type in isMaster ? [ModuleType.input, .output] : [.output] {
            graph.nodes.append(
                Graph.Node(
                    name: type.name, origin: type.name, type: type, each: nil, values: [],
                    inlets: type.inlets.map { _ in [] }, modulations: [], place: Patch.Place()))
        }
        graph.input = isMaster ? 0 : nil
        graph.output = graph.nodes.count - 1
        let order = ModuleOrder(
            perVoice: graph.nodes.map { _ in false }, stereo: graph.nodes.map(\.type.widens),
            split: graph.nodes.map { _ in false },
            tasks: [[], [], graph.nodes.indices.map { ModuleOrder.Task(node: $0, verb: .process) }])
        orderedGraph = Transition.OrderedGraph(graph: graph, order: order)
        schedule = ScheduleBuilder.build(graph, order, patch)
    }

    /// Creates the patch that runs while `transition` fades connections in and out. Name, level, tuning and
    /// voices are those of `goal`; `orderedGraph` is the graph that remains after the fades. [control,
    /// loader]
    package init(_ transition: Transition, towards goal: CompiledPatch) {
        patch = goal.patch
        tuning = goal.tuning
        compounds = goal.compounds
        outerInlets = goal.outerInlets
        orderedGraph = transition.settled
        schedule = ScheduleBuilder.build(transition.union.graph, transition.union.order, goal.patch)
    }

    /// Sets bank and program number; nil if no program change selects the patch.
    public mutating func renumber(bank: Int, program: Int?) { (patch.bank, patch.program) = (bank, program) }

    /// True if mode, polyphony, unison and the list of note stages equal those of `other`, so that an edit can carry
    /// its voices over.
    package func hasVoices(of other: CompiledPatch) -> Bool {
        let (a, b) = (patch.voicing, other.patch.voicing)
        return a.mode == b.mode && a.voices == b.voices && a.unison == b.unison
            && noteStages == other.noteStages
    }

    /// Type and name of each note stage, first to last.
    private var noteStages: [String] {
        patch.modules.filter(\.isNoteStage).map { "\($0.type.text) \($0.name.text)" }
    }

    /// The inlets of the schedule that `module.inlet` stands for: one, or several inside a compound module.
    func inlets(_ module: String, _ inlet: String) -> [Graph.Inlet] {
        (outerInlets["\(module).\(inlet)"] ?? [(module, inlet)]).compactMap { module, inlet in
            guard let node = schedule.names.firstIndex(of: module) else { return nil }
            return schedule.types[node].inlet(inlet).map { .init(node: node, inlet: $0) }
        }
    }

    /// The steps as text, as `kairos schedule` prints them.
    public var scheduleText: String { schedule.text }
}

extension CompiledPatch {
    /// The name of the module with this index in the schedule, as reports have it; "?" if there is none.
    public func moduleName(_ index: Int) -> String {
        schedule.names.indices.contains(index) ? schedule.names[index] : "?"
    }
}
