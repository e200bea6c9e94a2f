import KairosDSP

/// Kinds of readers of each outlet of a graph. Computed once for the whole graph, because the steps of a node
/// depend on its readers.
struct Readers {
    /// The kinds of readers of an outlet.
    struct Kinds: OptionSet {
        var rawValue: UInt8
        /// Any reader.
        static let any = Kinds(rawValue: 1)
        /// A reader that needs every frame, not control ticks only, or that runs in the other domain.
        static let everyFrame = Kinds(rawValue: 2)
        /// An inlet of a node that runs once.
        static let readByBus = Kinds(rawValue: 4)
        /// An inlet of a node that runs once and is not the output.
        static let readByBusModule = Kinds(rawValue: 8)
        /// A parameter of a node that runs once.
        static let modulatesBus = Kinds(rawValue: 16)
    }

    /// For each node, the index of its first outlet in `kinds`.
    private var starts: [Int] = []
    private var kinds: [Kinds]

    init(_ graph: Graph, _ order: ModuleOrder) {
        var count = 0
        for node in graph.nodes {
            starts.append(count)
            count += node.type.outlets.count
        }
        kinds = Array(repeating: [], count: count)
        for (reader, node) in graph.nodes.enumerated() {
            let isOnce = !order.perVoice[reader]
            var read: Kinds = [.any, .everyFrame]
            if isOnce { read.insert(.readByBus) }
            if isOnce, reader != graph.output { read.insert(.readByBusModule) }
            for sources in node.inlets {
                for source in sources { kinds[index(source)].formUnion(read) }
            }
            for (param, connections) in node.modulations.enumerated() where !connections.isEmpty {
                let spec = node.type.params[param].spec
                // A latched parameter reads the first frame of a sub-block, which is written in any case.
                let atControlTicks = spec.isReadAtControlTicks || spec.latched
                for connection in connections {
                    var read: Kinds = isOnce ? [.any, .modulatesBus] : .any
                    if !atControlTicks || order.perVoice[connection.source.node] == isOnce {
                        read.insert(.everyFrame)
                    }
                    kinds[index(connection.source)].formUnion(read)
                }
            }
        }
    }

    private func index(_ source: Graph.Source) -> Int { starts[source.node] + source.outlet }

    /// The kinds of readers of an outlet.
    subscript(_ source: Graph.Source) -> Kinds { kinds[index(source)] }
}
