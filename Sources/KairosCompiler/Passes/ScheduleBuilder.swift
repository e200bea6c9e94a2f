import KairosDSP
import KairosPatch

/// Lays out an ordered graph as flat steps: allocates cells for outlets, parameters and conversions between
/// domains, then emits the steps of each phase. Buffer allocation follows.
struct ScheduleBuilder {
    let graph: Graph
    let order: ModuleOrder
    var schedule: Schedule
    // Cells by what they hold. `spreads` carry a bus signal to voices, `folds` the sum of the voices to a
    // bus, `newest` the newest note's value to a bus.
    private var outletCells: [OutletKey: Int] = [:]
    private var spreads: [OutletKey: Int] = [:]
    private var folds: [Graph.Source: Int] = [:]
    private var newest: [Graph.Source: Int] = [:]
    private var constants: [Float: Int] = [:]
    /// For each node and parameter, its index in `schedule.params`.
    private var paramIndices: [[Int]] = []
    /// For each shared parameter of a compound module, its index in `schedule.params`.
    private var sharedIndices: [Int: Int] = [:]
    /// Index of the box of each node and side.
    private var boxes: [OutletKey: Int32] = [:]
    /// `collapse` steps, which open the last phase.
    private var collapses: [Step] = []
    /// The final step, if the output reads one per-voice outlet and nothing else: it is summed straight to
    /// the output.
    private var delivery: Step?
    private let readers: Readers

    /// An outlet with its side: 0 mono or bus, 1 left, 2 right; in `spreads`, `side` is the lane.
    private struct OutletKey: Hashable {
        var node: Int
        var outlet: Int
        var side: Int
    }

    init(graph: Graph, order: ModuleOrder, patch: Patch) {
        self.graph = graph
        self.order = order
        schedule = Schedule(patch: patch)
        readers = Readers(graph, order)
    }

    /// Appends `step` to the steps of `phase`.
    private mutating func emit(_ step: Step, _ phase: ModuleOrder.Phase) {
        schedule.steps[phase.rawValue].append(step)
    }

    /// Builds the schedule of `graph` in the given order.
    static func build(_ graph: Graph, _ order: ModuleOrder, _ patch: Patch) -> Schedule {
        var builder = ScheduleBuilder(graph: graph, order: order, patch: patch)
        builder.declare()
        for phase in ModuleOrder.Phase.allCases {
            if phase == .after { builder.schedule.steps[phase.rawValue] += builder.collapses }
            if phase == .voices { builder.declareKeys() }
            for task in order.tasks[phase.rawValue] { builder.emit(task, phase) }
            if phase == .before { builder.emitSpreads() }
        }
        builder.schedule.assignBlocks()
        return builder.schedule
    }

    /// Adds a cell and returns its index.
    private mutating func cell(_ storage: Schedule.Storage) -> Int {
        schedule.cells.append(storage)
        return schedule.cells.count - 1
    }

    /// The cell that holds `value`.
    private mutating func constant(_ value: Float) -> Int32 {
        if let index = constants[value] { return Int32(index) }
        let index = cell(.constant(value))
        constants[value] = index
        return Int32(index)
    }

    /// Fills the tables that do not depend on steps: names, types, parameters, voice groups, idleness.
    private mutating func declare() {
        let patch = schedule.patch
        let unread = cell(.block(-1))
        assert(unread == StepContext.unread)
        schedule.names = graph.nodes.map(\.name)
        schedule.origins = graph.nodes.map(\.origin)
        schedule.types = graph.nodes.map(\.type)
        schedule.gated = graph.gated
        schedule.seed = Self.hash(patch.name)
        let lanes =
            patch.voicing.mode == .poly ? patch.voicing.voices * patch.voicing.unison : patch.voicing.unison
        schedule.groups = (lanes + 2 * patch.voicing.unison + 15) / 16
        for (index, node) in graph.nodes.enumerated() {
            paramIndices.append(node.type.params.indices.map { declare($0, of: node, index) })
        }
        let sounding = order.tasks[ModuleOrder.Phase.before.rawValue].map(\.node)
        // A signal that passes through a voice sounds only with a note.
        schedule.soundsWithoutNotes = reachable(from: graph.output, through: { !order.perVoice[$0] }).contains
        { node in
            !order.perVoice[node] && graph.nodes[node].inlets.allSatisfy(\.isEmpty) && node != graph.output
                && node != graph.input
        }
        schedule.neverIdle = sounding.contains { node in
            graph.nodes[node].modulations.contains { !$0.isEmpty } || filtersSource(node)
        }
    }

    /// True if a sound source feeds `node`. The node's output then depends on how long it has been running.
    private func filtersSource(_ node: Int) -> Bool {
        reachable(from: node, through: { _ in true }).contains { source in
            source != node && source != graph.input && graph.nodes[source].inlets.allSatisfy(\.isEmpty)
        }
    }

    /// The nodes whose audio (not modulation) reaches `node`. The search does not go beyond nodes for which
    /// `passes` is false.
    private func reachable(from node: Int, through passes: (Int) -> Bool) -> Set<Int> {
        var seen: Set<Int> = []
        var todo = [node]
        while let next = todo.popLast() {
            guard seen.insert(next).inserted, passes(next) else { continue }
            todo += graph.nodes[next].inlets.flatMap { $0 }.map(\.node)
        }
        return seen
    }

    /// FNV-1a hash, 32 bits (Fowler, Noll and Vo).
    private static func hash(_ text: String) -> UInt32 {
        text.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    /// Allocates the cells of the outlets of `keys` that are read.
    private mutating func declareKeys() {
        schedule.keyCells = Array(repeating: -1, count: KeysOutlet.allCases.count)
        guard let keys = graph.keys else { return }
        for outlet in KeysOutlet.allCases
        where outlet.info.kind == .audio
            && readers[.init(node: keys, outlet: outlet.rawValue)].contains(.any)
        {
            schedule.keyCells[outlet.rawValue] = Int32(
                output(OutletKey(node: keys, outlet: outlet.rawValue, side: 0)))
        }
    }

    /// Declares a parameter and returns its index in `schedule.params`. Parameters of a compound module's
    /// inner nodes share one.
    private mutating func declare(_ param: Int, of node: Graph.Node, _ index: Int) -> Int {
        let (symbol, spec) = node.type.params[param]
        let leaf = Schedule.Leaf(node: index, symbol: symbol)
        let share = node.shares.isEmpty ? nil : node.shares[param]
        if let index = share.flatMap({ sharedIndices[$0] }) {
            schedule.params[index].leaves.append(leaf)
            return index
        }
        var new = Schedule.Param(
            module: node.name, symbol: symbol, spec: spec, law: spec.law, leaves: [leaf],
            value: node.values[param], cell: cell(.param))
        if let share {
            let shared = graph.shared[share]
            (new.module, new.symbol, new.spec) = (shared.module, shared.symbol, shared.spec)
            new.value = shared.value
            sharedIndices[share] = schedule.params.count
        }
        schedule.params.append(new)
        return schedule.params.count - 1
    }

    /// The cell of an outlet.
    private mutating func output(_ key: OutletKey) -> Int {
        if let index = outletCells[key] { return index }
        let index = cell(.block(-1))
        outletCells[key] = index
        return index
    }

    // MARK: signals

    /// The sides for which a node has boxes in its domain: 0 mono or bus, 1 left, 2 right.
    private func sides(_ node: Int) -> [Int] { order.perVoice[node] && order.stereo[node] ? [1, 2] : [0] }

    /// The cell that a reader reads for `source`. Where the domains differ, it is a converted copy: spread to
    /// voices, summed to a bus, or, for a bus parameter, the newest note's value.
    private mutating func read(_ source: Graph.Source, voice: Bool, side: Int, asParam: Bool) -> Int32 {
        let from = source.node
        switch (order.perVoice[from], voice) {
        case (true, true):
            return Int32(
                output(
                    OutletKey(node: from, outlet: source.outlet, side: order.stereo[from] ? max(side, 1) : 0))
            )
        case (false, false):
            return Int32(output(OutletKey(node: from, outlet: source.outlet, side: 0)))
        case (false, true):
            let key = OutletKey(
                node: from, outlet: source.outlet, side: order.stereo[from] && side == 2 ? 1 : 0)
            if let index = spreads[key] { return Int32(index) }
            let index = cell(.block(-1))
            spreads[key] = index
            return Int32(index)
        case (true, false):
            return Int32(asParam ? newestCell(source) : foldCell(source))
        }
    }

    /// Emits the steps that copy bus signals to the voices' lanes.
    private mutating func emitSpreads() {
        // These steps precede the voices' steps, so the cells that those will read are determined here.
        for task in order.tasks[ModuleOrder.Phase.voices.rawValue] {
            for side in sides(task.node) {
                for source in graph.nodes[task.node].sources where !order.perVoice[source.node] {
                    _ = read(source, voice: true, side: side, asParam: false)
                }
            }
        }
        for (key, target) in spreads.sorted(by: { $0.value < $1.value }) {
            let ports = list([Int32(output(OutletKey(node: key.node, outlet: key.outlet, side: 0)))])
            emit(
                Step(
                    op: .spread, side: UInt8(key.side), node: Int32(key.node), ports: ports,
                    target: Int32(target)), .before)
        }
    }

    /// Appends cells to `schedule.ports` and returns their offset.
    private mutating func list(_ cells: [Int32]) -> Int32 {
        let offset = Int32(schedule.ports.count)
        schedule.ports += cells
        return offset
    }

    /// The cell with the sum of a per-voice outlet.
    private mutating func foldCell(_ source: Graph.Source) -> Int {
        if let index = folds[source] { return index }
        let index = cell(.block(-1))
        folds[source] = index
        return index
    }

    /// The cell with the newest note's value of a per-voice outlet.
    private mutating func newestCell(_ source: Graph.Source) -> Int {
        if let index = newest[source] { return index }
        let index = cell(.block(-1))
        newest[source] = index
        return index
    }

    // MARK: steps

    /// Emits the steps of one task.
    private mutating func emit(_ task: ModuleOrder.Task, _ phase: ModuleOrder.Phase) {
        let node = graph.nodes[task.node]
        let voice = order.perVoice[task.node]
        if task.node == graph.keys {
            emit(Step(op: .keys, node: Int32(task.node)), phase)
        } else if task.node == graph.input {
            let target = output(OutletKey(node: task.node, outlet: 0, side: 0))
            emit(Step(op: .input, node: Int32(task.node), target: Int32(target)), phase)
        } else if task.node == graph.output, let delivery {
            emit(delivery, phase)
        } else if task.node == graph.output {
            let input = inlet(task.node, 0, voice: false, side: 0, phase)
            emit(Step(op: .output, node: Int32(task.node), ports: list([input])), phase)
        } else if let fade = node.type.fade {
            for side in sides(task.node) {
                let input = inlet(task.node, 0, voice: voice, side: side, phase)
                let target = output(OutletKey(node: task.node, outlet: 0, side: side))
                emit(
                    Step(
                        op: .fade, side: fade == .leaving ? 1 : 0, node: Int32(task.node),
                        ports: list([input]),
                        target: Int32(target)), phase)
            }
        } else {
            for side in sides(task.node) {
                let inlets =
                    task.verb == .read
                    ? node.inlets.indices.map { _ in Int32(0) }
                    : node.inlets.indices.map { inlet(task.node, $0, voice: voice, side: side, phase) }
                let params = node.modulations.indices.map {
                    param(task.node, $0, voice: voice, side: side, phase)
                }
                let atControlTicks = outletsAtControlTicks(task.node)
                let outlets = node.type.outlets.indices.map { outlet in
                    readers[.init(node: task.node, outlet: outlet)].contains(.any)
                        ? Int32(output(OutletKey(node: task.node, outlet: outlet, side: side)))
                        : StepContext.unread
                }
                let read = outlets.indices.filter { outlets[$0] != StepContext.unread }.map {
                    atControlTicks & (1 << UInt32($0)) == 0 ? outlets[$0] : ~outlets[$0]
                }
                emit(
                    Step(
                        op: task.verb == .process ? .process : task.verb == .read ? .read : .write,
                        side: UInt8(side), node: Int32(task.node), box: box(task.node, side),
                        ports: list(inlets),
                        outlets: list(outlets), params: list(params),
                        count: task.verb == .write ? 0 : Int32(read.count), atControlTicks: atControlTicks,
                        read: list(read)),
                    phase)
            }
        }
        if voice, task.verb != .write { emitFolds(task.node) }
    }

    /// One bit for each outlet of a node that is read at control ticks only.
    private func outletsAtControlTicks(_ node: Int) -> UInt32 {
        var mask: UInt32 = 0
        for outlet in graph.nodes[node].type.outlets.indices
        where readers[.init(node: node, outlet: outlet)].intersection([.any, .everyFrame]) == .any {
            mask |= 1 << UInt32(outlet)
        }
        return mask
    }

    /// The index of the box of a node and side.
    private mutating func box(_ node: Int, _ side: Int) -> Int32 {
        let key = OutletKey(node: node, outlet: 0, side: side)
        if let index = boxes[key] { return index }
        let voice = order.perVoice[node]
        // From the module's name, so that other changes to the patch do not change its random numbers.
        let seed = scrambled(schedule.seed ^ scrambled(Self.hash(graph.nodes[node].name) &+ UInt32(side)))
        let recipe = Schedule.BoxRecipe(node: node, side: side == 1 ? -1 : side == 2 ? 1 : 0, seed: seed)
        let index = Int32(voice ? schedule.voiceBoxes.count : schedule.onceBoxes.count)
        if voice { schedule.voiceBoxes.append(recipe) } else { schedule.onceBoxes.append(recipe) }
        boxes[key] = index
        return index
    }

    /// The cell of an inlet; emits a `sum` step if several connections end there. For a gate inlet, the index
    /// of the gate.
    private mutating func inlet(_ node: Int, _ index: Int, voice: Bool, side: Int, _ phase: ModuleOrder.Phase)
        -> Int32
    {
        let info = graph.nodes[node].type.inlets[index].info
        let sources = graph.nodes[node].inlets[index]
        if info.kind == .gate {
            // Gate 0 is the voice's gate, gate 1 the patch's (all voices together).
            if !sources.isEmpty { return voice ? 0 : 1 }
            if let open = schedule.gates.firstIndex(where: { $0.node == node && $0.inlet == index }) {
                return Int32(open + 2)
            }
            schedule.gates.append(.init(node: node, inlet: index, voice: voice))
            return Int32(schedule.gates.count + 1)
        }
        guard let first = sources.first else { return constant(info.idle) }
        if sources.count == 1 { return read(first, voice: voice, side: side, asParam: false) }
        var cells: [Int32] = []
        for source in sources { cells.append(read(source, voice: voice, side: side, asParam: false)) }
        let target = cell(.block(-1))
        emit(
            Step(
                op: .sum, side: UInt8(side), node: Int32(node), ports: list(cells), count: Int32(cells.count),
                target: Int32(target)), phase)
        return Int32(target)
    }

    /// The cell of a parameter; emits a `modulate` step if connections end there.
    private mutating func param(_ node: Int, _ index: Int, voice: Bool, side: Int, _ phase: ModuleOrder.Phase)
        -> Int32
    {
        let param = paramIndices[node][index]
        let modulations = graph.nodes[node].modulations[index]
        guard !modulations.isEmpty else { return Int32(schedule.params[param].cell) }
        var cells: [Int32] = []
        for modulation in modulations {
            cells.append(read(modulation.source, voice: voice, side: side, asParam: true))
        }
        let depths = Int32(schedule.depths.count)
        schedule.depths += modulations.map(\.depth)
        let target = cell(.block(-1))
        emit(
            Step(
                op: .modulate, side: UInt8(side), node: Int32(node), box: Int32(param), ports: list(cells),
                count: Int32(cells.count), target: Int32(target), depths: depths), phase)
        return Int32(target)
    }

    /// Emits the steps that convert a per-voice node's outlets for readers that run once: `gather` and
    /// `collapse` for signals, `newest` for parameters.
    private mutating func emitFolds(_ node: Int) {
        for outlet in graph.nodes[node].type.outlets.indices
        where graph.nodes[node].type.outlets[outlet].info.kind == .audio {
            let source = Graph.Source(node: node, outlet: outlet)
            func cell(_ side: Int) -> Int32 {
                Int32(output(OutletKey(node: node, outlet: outlet, side: side)))
            }
            if readers[source].contains(.readByBus) {
                let first = schedule.accumulators
                for side in sides(node) {
                    let ports = list([cell(side)])
                    emit(
                        Step(
                            op: .gather, node: Int32(node), ports: ports,
                            target: Int32(schedule.accumulators)), .voices)
                    schedule.accumulators += 1
                }
                let count = Int32(sides(node).count)
                if graph.nodes[graph.output].inlets == [[source]], !readers[source].contains(.readByBusModule)
                {
                    delivery = Step(
                        op: .deliver, node: Int32(graph.output), ports: Int32(first), count: count)
                } else {
                    collapses.append(
                        Step(
                            op: .collapse, node: Int32(node), ports: Int32(first), count: count,
                            target: Int32(foldCell(source))))
                }
            }
            if readers[source].contains(.modulatesBus) {
                emit(
                    Step(
                        op: .newest, node: Int32(node), box: Int32(schedule.memories.count),
                        ports: list([cell(sides(node)[0])]),
                        target: Int32(newestCell(source))), .voices)
                schedule.memories.append(.init(node: node, outlet: outlet))
            }
        }
    }
}
