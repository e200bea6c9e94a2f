import KairosDSP

/// Who reads each outlet of a graph: looked at once for all, because the steps of every node depend on it.
struct Readers {
    struct Kinds: OptionSet {
        var rawValue: UInt8
        /// Anything.
        static let any = Kinds(rawValue: 1)
        /// What does not look at it on the grid only, or is in the other domain.
        static let offGrid = Kinds(rawValue: 2)
        /// An inlet of what runs once.
        static let heardOnce = Kinds(rawValue: 4)
        /// The same, and it is not the output.
        static let heardOnceInside = Kinds(rawValue: 8)
        /// A parameter of what runs once.
        static let moves = Kinds(rawValue: 16)
    }

    /// Where the outlets of each node begin.
    private var starts: [Int] = []
    private var kinds: [Kinds]

    init(_ graph: Graph, _ plan: ModuleOrder) {
        var count = 0
        for node in graph.nodes {
            starts.append(count)
            count += node.type.outlets.count
        }
        kinds = Array(repeating: [], count: count)
        for (reader, node) in graph.nodes.enumerated() {
            let isOnce = !plan.perVoice[reader]
            var heard: Kinds = [.any, .offGrid]
            if isOnce { heard.insert(.heardOnce) }
            if isOnce, reader != graph.output { heard.insert(.heardOnceInside) }
            for sources in node.inlets {
                for source in sources { kinds[place(source)].formUnion(heard) }
            }
            for (param, connections) in node.modulations.enumerated() where !connections.isEmpty {
                let onGrid = node.type.params[param].spec.onGrid
                for connection in connections {
                    var read: Kinds = isOnce ? [.any, .moves] : .any
                    if !onGrid || plan.perVoice[connection.source.node] == isOnce { read.insert(.offGrid) }
                    kinds[place(connection.source)].formUnion(read)
                }
            }
        }
    }

    private func place(_ source: Graph.Source) -> Int { starts[source.node] + source.outlet }

    /// Who reads an outlet.
    subscript(_ source: Graph.Source) -> Kinds { kinds[place(source)] }
}
