import KairosDSP
import KairosPatch

/// Lays out an ordered graph as flat steps: declares its parameters and boxes, then emits the steps of each
/// phase. Buffer allocation follows.
struct ScheduleBuilder {
    let graph: Graph
    let order: ModuleOrder
    let readers: Readers
    var schedule: Schedule
    var cells: SignalCells
    /// For each node and parameter, its index in `schedule.params`.
    var paramIndices: [[Int]] = []
    /// For each shared parameter of a compound module, its index in `schedule.params`.
    var sharedIndices: [Int: Int] = [:]
    /// Index of the box of each node and side.
    var boxes: [SignalCells.OutletSide: Int32] = [:]
    /// `collapse` steps, which open the last phase.
    private var collapses: [Step] = []
    /// The final step, if the output reads one per-voice outlet and nothing else: it is summed straight to
    /// the output.
    private var delivery: Step?

    private init(graph: Graph, order: ModuleOrder, patch: Patch) {
        self.graph = graph
        self.order = order
        readers = Readers(graph, order)
        schedule = Schedule(patch: patch)
        cells = SignalCells(order)
    }

    /// Builds the schedule of `graph` in the given order.
    static func build(_ graph: Graph, _ order: ModuleOrder, _ patch: Patch) -> Schedule {
        var builder = ScheduleBuilder(graph: graph, order: order, patch: patch)
        builder.declare()
        builder.addNoteStages()
        for phase in ModuleOrder.Phase.allCases {
            if phase == .after { builder.schedule.steps[phase.rawValue] += builder.collapses }
            if phase == .voices { builder.declareKeys() }
            for task in order.tasks[phase.rawValue] { builder.emit(task, phase) }
            if phase == .before { builder.emitSpreads() }
        }
        builder.schedule.allocateBuffers(builder.cells.storage)
        return builder.schedule
    }

    /// Appends `step` to the steps of `phase`.
    private mutating func emit(_ step: Step, _ phase: ModuleOrder.Phase) {
        schedule.steps[phase.rawValue].append(step)
    }

    /// Appends cells to `schedule.ports` and returns their offset.
    private mutating func list(_ cells: [Int32]) -> Int32 {
        let offset = Int32(schedule.ports.count)
        schedule.ports += cells
        return offset
    }

    /// Lays out the note stages.
    private mutating func addNoteStages() {
        for node in graph.stages {
            let params = paramIndices[node].map { Int32(schedule.params[$0].cell) }
            schedule.noteStages.append(
                Step(op: .process, node: Int32(node), box: box(node, 0), params: list(params)))
        }
    }

    /// The sides for which a node has boxes in its domain: 0 mono or bus, 1 left, 2 right.
    private func sides(_ node: Int) -> [Int] { order.perVoice[node] && order.stereo[node] ? [1, 2] : [0] }

    /// Emits the steps of one task.
    private mutating func emit(_ task: ModuleOrder.Task, _ phase: ModuleOrder.Phase) {
        let node = graph.nodes[task.node]
        if node.type.isNoteStage { return }
        if task.node == graph.keys {
            emit(Step(op: .keys, node: Int32(task.node)), phase)
        } else if task.node == graph.input {
            let target = cells.outlet(.init(node: task.node, outlet: 0, side: 0))
            emit(Step(op: .input, node: Int32(task.node), target: target), phase)
        } else if task.node == graph.output, let delivery {
            emit(delivery, phase)
        } else if task.node == graph.output {
            let input = inlet(task.node, 0, side: 0, phase)
            emit(Step(op: .output, node: Int32(task.node), ports: list([input])), phase)
        } else if let fade = node.type.fade {
            for side in sides(task.node) {
                let input = inlet(task.node, 0, side: side, phase)
                let target = cells.outlet(.init(node: task.node, outlet: 0, side: side))
                emit(
                    Step(
                        op: .fade, side: fade == .leaving ? 1 : 0, node: Int32(task.node),
                        ports: list([input]), target: target), phase)
            }
        } else {
            for side in sides(task.node) { emitModule(task, side, phase) }
        }
        if order.perVoice[task.node], task.verb != .write { emitConversions(task.node) }
    }

    /// Emits the step that runs a module on one side.
    private mutating func emitModule(_ task: ModuleOrder.Task, _ side: Int, _ phase: ModuleOrder.Phase) {
        let node = graph.nodes[task.node]
        let inlets = node.inlets.indices.map { index in
            task.verb == .read ? 0 : inlet(task.node, index, side: side, phase)
        }
        let params = node.modulations.indices.map { param(task.node, $0, side: side, phase) }
        let atControlTicks = outletsAtControlTicks(task.node)
        let outlets = node.type.outlets.indices.map { outlet in
            readers[.init(node: task.node, outlet: outlet)].contains(.any)
                ? cells.outlet(.init(node: task.node, outlet: outlet, side: side)) : StepContext.unread
        }
        let read = outlets.indices.filter { outlets[$0] != StepContext.unread }.map {
            atControlTicks & (1 << UInt32($0)) == 0 ? outlets[$0] : ~outlets[$0]
        }
        let op: Step.Op = task.verb == .process ? .process : task.verb == .read ? .read : .write
        emit(
            Step(
                op: op, side: UInt8(side), node: Int32(task.node), box: box(task.node, side),
                ports: list(inlets), outlets: list(outlets), params: list(params),
                count: task.verb == .write ? 0 : Int32(read.count), atControlTicks: atControlTicks,
                read: list(read)), phase)
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

    /// The cell of an inlet; emits a `sum` step if several connections end there. For a gate inlet, the index
    /// of the gate.
    private mutating func inlet(_ node: Int, _ index: Int, side: Int, _ phase: ModuleOrder.Phase) -> Int32 {
        let info = graph.nodes[node].type.inlets[index].info, voice = order.perVoice[node]
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
        guard let first = sources.first else { return cells.constant(info.idle) }
        if sources.count == 1 { return cells.input(first, voice: voice, side: side, asParam: false) }
        let terms = sources.map { cells.input($0, voice: voice, side: side, asParam: false) }
        let target = cells.add(nil)
        emit(
            Step(
                op: .sum, side: UInt8(side), node: Int32(node), ports: list(terms), count: Int32(terms.count),
                target: target), phase)
        return target
    }

    /// The cell of a parameter; emits a `modulate` or `latch` step if connections end there.
    private mutating func param(_ node: Int, _ index: Int, side: Int, _ phase: ModuleOrder.Phase) -> Int32 {
        let param = paramIndices[node][index], voice = order.perVoice[node]
        let modulations = graph.nodes[node].modulations[index]
        guard !modulations.isEmpty else { return Int32(schedule.params[param].cell) }
        if graph.nodes[node].type.params[index].spec.latched { return latch(node, index, side: side, phase) }
        let terms = modulations.map { cells.input($0.source, voice: voice, side: side, asParam: true) }
        let depths = Int32(schedule.depths.count)
        schedule.depths += modulations.map(\.depth)
        let target = cells.add(nil)
        emit(
            Step(
                op: .modulate, side: UInt8(side), node: Int32(node), box: Int32(param), ports: list(terms),
                count: Int32(terms.count), target: target, depths: depths), phase)
        return target
    }

    /// Emits the `latch` step of a parameter that is read at note-on, and returns its cell.
    private mutating func latch(_ node: Int, _ index: Int, side: Int, _ phase: ModuleOrder.Phase) -> Int32 {
        let voice = order.perVoice[node], modulations = graph.nodes[node].modulations[index]
        let terms = modulations.map { modulation in
            voice && modulation.source.node == graph.keys
                ? onset(modulation.source.outlet)
                : cells.input(modulation.source, voice: voice, side: side, asParam: true)
        }
        let depths = Int32(schedule.depths.count), target = cells.add(nil)
        schedule.depths += modulations.map(\.depth)
        emit(
            Step(
                op: .latch, side: UInt8(side), node: Int32(node), box: Int32(paramIndices[node][index]),
                ports: list(terms), outlets: Int32(schedule.latches.count), count: Int32(terms.count),
                target: target, depths: depths, read: voice ? 0 : 1), phase)
        schedule.latches.append(
            .init(node: node, symbol: graph.nodes[node].type.params[index].symbol, side: side))
        return target
    }

    /// The cell of an outlet of `keys` with the values that a note begins with.
    private mutating func onset(_ outlet: Int) -> Int32 {
        if let cell = schedule.onsetCells[outlet] { return cell }
        let cell = cells.add(nil)
        schedule.onsetCells[outlet] = cell
        return cell
    }

    // MARK: conversions between domains

    /// Emits the steps that copy bus signals to the voices' lanes.
    private mutating func emitSpreads() {
        // These steps precede the voices' steps, so the cells that those will read are determined here.
        for task in order.tasks[ModuleOrder.Phase.voices.rawValue] {
            for side in sides(task.node) {
                for source in graph.nodes[task.node].sources where !order.perVoice[source.node] {
                    _ = cells.input(source, voice: true, side: side, asParam: false)
                }
            }
        }
        for (key, target) in cells.spreads.sorted(by: { $0.value < $1.value }) {
            let ports = list([cells.outlet(.init(node: key.node, outlet: key.outlet, side: 0))])
            emit(
                Step(op: .spread, side: UInt8(key.side), node: Int32(key.node), ports: ports, target: target),
                .before)
        }
    }

    /// Emits the steps that convert a per-voice node's outlets for readers that run once: `gather` and
    /// `collapse` for signals, `newest` for parameters.
    private mutating func emitConversions(_ node: Int) {
        for outlet in graph.nodes[node].type.outlets.indices
        where graph.nodes[node].type.outlets[outlet].info.kind == .audio {
            let source = Graph.Source(node: node, outlet: outlet), kinds = readers[source]
            if kinds.contains(.readByBus) { emitSum(source) }
            if kinds.contains(.modulatesBus) {
                let cell = cells.outlet(.init(node: node, outlet: outlet, side: sides(node)[0]))
                emit(
                    Step(
                        op: .newest, node: Int32(node), box: Int32(schedule.memories.count),
                        ports: list([cell]), target: cells.newestNote(source)), .voices)
                schedule.memories.append(.init(node: node, outlet: outlet))
            }
        }
    }

    /// Emits the steps that sum a per-voice outlet over the voices, for the bus or straight to the output.
    private mutating func emitSum(_ source: Graph.Source) {
        let node = source.node, first = schedule.accumulators
        for side in sides(node) {
            let ports = list([cells.outlet(.init(node: node, outlet: source.outlet, side: side))])
            emit(
                Step(op: .gather, node: Int32(node), ports: ports, target: Int32(schedule.accumulators)),
                .voices)
            schedule.accumulators += 1
        }
        let count = Int32(sides(node).count)
        if graph.nodes[graph.output].inlets == [[source]], !readers[source].contains(.readByBusModule) {
            delivery = Step(op: .deliver, node: Int32(graph.output), ports: Int32(first), count: count)
        } else {
            collapses.append(
                Step(
                    op: .collapse, node: Int32(node), ports: Int32(first), count: count,
                    target: cells.sum(source)))
        }
    }
}
