/// The inner graph of a compound module, checked and expanded: its nodes are plain modules.
final class CompoundModuleBody: Sendable {
    /// The expanded inner graph.
    let graph: Graph
    /// For each inlet, the inner inlets that it leads to.
    let inlets: [[Graph.Inlet]]
    /// For each outlet, the inner outlet that it comes from.
    let outlets: [Graph.Source]
    /// For each parameter, the inner parameters that have its value.
    let params: [[Graph.Leaf]]
    /// Depth of nesting; 1 if all its modules are plain.
    let depth: Int

    init(
        graph: Graph, inlets: [[Graph.Inlet]], outlets: [Graph.Source], params: [[Graph.Leaf]], depth: Int
    ) {
        self.graph = graph
        self.inlets = inlets
        self.outlets = outlets
        self.params = params
        self.depth = depth
    }

    /// The number of inner connections.
    var connectionCount: Int { graph.nodes.reduce(0) { $0 + $1.connectionCount } }
}
