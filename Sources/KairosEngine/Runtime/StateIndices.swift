import KairosCompiler

/// Index maps from the modules, parameters, gates and memories of a schedule to those of the schedule that it
/// replaces: the contents of a ``StateTransfer``. [loader]
struct StateIndices {
    /// For each box of the new instance that exists once, the index of the old box; nil if it is new.
    let once: [Int32?]
    /// For each box of a voice group of the new instance, the index of the old box; nil if it is new.
    let voice: [Int32?]
    /// For each new parameter, the index of the old one; nil if it is new.
    let params: [Int32?]
    /// For each new parameter, true if the edit gives it another value.
    let isSet: [Bool]
    /// For each new unconnected gate, the index of the old gate; nil if it is new.
    let gates: [Int32?]
    /// For each new memory, the index of the old one; nil if it is new.
    let memories: [Int32?]
    /// For each new latch, the index of the old one; nil if it is new.
    let latches: [Int32?]
    /// For each old parameter, the index of the new one; nil if it is gone.
    let newParams: [Int32?]
    /// For each old unconnected gate, the index of the new gate; nil if it is gone.
    let newGates: [Int32?]

    /// Maps from `new` to `old`. A module keeps its state if name and type are the same, or if the edit renamed it.
    init(from old: Schedule, to new: Schedule) {
        let names = Dictionary(uniqueKeysWithValues: old.names.enumerated().map { ($1, $0) })
        /// The old node of a name, if it has the type of a new node.
        func oldNode(_ node: Int, _ name: String?) -> Int? {
            guard let name, let index = names[name], old.types[index].name == new.types[node].name else {
                return nil
            }
            return index
        }
        let origins = new.names.indices.map { oldNode($0, new.origins[$0]) }
        once = Self.boxes(new.onceBoxes, old.onceBoxes, origins)
        voice = Self.boxes(new.voiceBoxes, old.voiceBoxes, origins)

        // A module that starts anew still keeps the values of its parameters.
        let twins = new.names.indices.map { origins[$0] ?? oldNode($0, new.names[$0]) }
        let params = Self.params(new, old, twins)
        self.params = params.map { $0.map { Int32($0) } }
        isSet = zip(params, new.params).map { index, param in
            index.map { old.params[$0].value != param.value } ?? false
        }
        // If several new parameters continue one old one, changes that wait go to the first of them: a name that is
        // in both schedules stands before one that only the transition has.
        newParams = Self.inverted(params, count: old.params.count)

        let gates = new.gates.map { gate in
            origins[gate.node].flatMap { node in
                old.gates.firstIndex { $0.node == node && $0.inlet == gate.inlet }
            }
        }
        self.gates = gates.map { $0.map { Int32($0 + InstanceCore.keysGates) } }
        newGates = Self.inverted(gates, count: old.gates.count, last: true)
            .map { $0.map { $0 + Int32(InstanceCore.keysGates) } }
        memories = new.memories.map { memory in
            origins[memory.node].flatMap { node in
                old.memories.firstIndex { $0.node == node && $0.outlet == memory.outlet }.map { Int32($0) }
            }
        }
        latches = new.latches.map { latch in
            origins[latch.node].flatMap { node in
                old.latches.firstIndex {
                    $0.node == node && $0.symbol == latch.symbol && $0.side == latch.side
                }.map { Int32($0) }
            }
        }
    }

    private static func boxes(
        _ new: [Schedule.BoxRecipe], _ old: [Schedule.BoxRecipe], _ origins: [Int?]
    ) -> [Int32?] {
        struct Key: Hashable {
            var node: Int
            var side: Float
        }
        let indices = Dictionary(
            uniqueKeysWithValues: old.enumerated().map { (Key(node: $1.node, side: $1.side), Int32($0)) })
        return new.map { recipe in
            origins[recipe.node].flatMap { indices[Key(node: $0, side: recipe.side)] }
        }
    }

    private static func params(_ new: Schedule, _ old: Schedule, _ twins: [Int?]) -> [Int?] {
        var leaves: [Schedule.Leaf: Int] = [:], names: [[String]: Int] = [:]
        for (index, param) in old.params.enumerated() {
            for leaf in param.leaves { leaves[leaf] = index }
            names[[param.module, param.symbol]] = index
        }
        return new.params.map { param -> Int? in
            for leaf in param.leaves {
                guard let twin = twins[leaf.node],
                    let index = leaves[Schedule.Leaf(node: twin, symbol: leaf.symbol)]
                else { continue }
                return index
            }
            // The parameter of a compound module is found by its name too, if the modules inside have changed.
            guard new.names[param.leaves[0].node] != param.module else { return nil }
            return names[[param.module, param.symbol]].flatMap {
                old.params[$0].law == param.law ? $0 : nil
            }
        }
    }

    /// The inverse of an index map. Of several new indices for one old index it has the first, or the last.
    private static func inverted(_ map: [Int?], count: Int, last: Bool = false) -> [Int32?] {
        var inverse = [Int32?](repeating: nil, count: count)
        for (new, old) in map.enumerated() {
            if let old, last || inverse[old] == nil { inverse[old] = Int32(new) }
        }
        return inverse
    }
}
