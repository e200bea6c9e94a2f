import KairosDSP
import KairosPatch

extension ScheduleBuilder {
    /// Fills the tables that do not depend on steps: names, types, parameters, voice groups, idleness.
    mutating func declare() {
        let voicing = schedule.patch.voicing
        schedule.names = graph.nodes.map(\.name)
        schedule.origins = graph.nodes.map(\.origin)
        schedule.types = graph.nodes.map(\.type)
        schedule.gated = graph.gated
        schedule.seed = Self.hash(schedule.patch.name)
        let lanes = voicing.mode == .poly ? voicing.voices * voicing.unison : voicing.unison
        schedule.groups = (lanes + 2 * voicing.unison + 15) / 16
        for (index, node) in graph.nodes.enumerated() {
            paramIndices.append(node.type.params.indices.map { declare($0, of: node, index) })
        }
        schedule.soundsWithoutNotes = graph.soundsWithoutNotes(order)
        schedule.neverIdle = graph.isNeverIdle(order)
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
            value: node.values[param], cell: Int(cells.add(.param)))
        if let share {
            let shared = graph.shared[share]
            (new.module, new.symbol, new.spec) = (shared.module, shared.symbol, shared.spec)
            new.value = shared.value
            sharedIndices[share] = schedule.params.count
        }
        schedule.params.append(new)
        return schedule.params.count - 1
    }

    /// Allocates the cells of the outlets of `keys` that are read.
    mutating func declareKeys() {
        schedule.keyCells = Array(repeating: nil, count: KeysOutlet.allCases.count)
        schedule.onsetCells = schedule.keyCells
        guard let keys = graph.keys else { return }
        for outlet in KeysOutlet.allCases
        where outlet.info.kind == .audio
            && readers[.init(node: keys, outlet: outlet.rawValue)].contains(.any)
        {
            schedule.keyCells[outlet.rawValue] = cells.outlet(
                .init(node: keys, outlet: outlet.rawValue, side: 0))
        }
    }

    /// The index of the box of a node and side.
    mutating func box(_ node: Int, _ side: Int) -> Int32 {
        let key = SignalCells.OutletSide(node: node, outlet: 0, side: side)
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

    /// FNV-1a hash, 32 bits (Fowler, Noll and Vo).
    private static func hash(_ text: String) -> UInt32 {
        text.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}
