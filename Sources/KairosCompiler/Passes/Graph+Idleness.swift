extension Graph {
    /// True if a module without inputs reaches the output outside the voices, so that the patch may sound
    /// without a note. A signal that passes through a voice sounds only with a note.
    func soundsWithoutNotes(_ order: ModuleOrder) -> Bool {
        reachable(from: output, through: { !order.perVoice[$0] }).contains { node in
            !order.perVoice[node] && nodes[node].inlets.allSatisfy(\.isEmpty) && node != output
                && node != input
        }
    }

    /// True if a module that runs before the voices changes all the time, so that rendering can never be
    /// skipped.
    func isNeverIdle(_ order: ModuleOrder) -> Bool {
        order.tasks[ModuleOrder.Phase.before.rawValue].map(\.node).contains { node in
            nodes[node].modulations.contains { !$0.isEmpty } || filtersSource(node)
        }
    }

    /// True if a sound source feeds `node`. The node's output then depends on how long it has been running.
    private func filtersSource(_ node: Int) -> Bool {
        reachable(from: node, through: { _ in true }).contains { source in
            source != node && source != input && nodes[source].inlets.allSatisfy(\.isEmpty)
        }
    }

    /// The nodes whose audio (not modulation) reaches `node`. The search does not go beyond nodes for which
    /// `passes` is false.
    private func reachable(from node: Int, through passes: (Int) -> Bool) -> Set<Int> {
        var seen: Set<Int> = []
        var todo = [node]
        while let next = todo.popLast() {
            guard seen.insert(next).inserted, passes(next) else { continue }
            todo += nodes[next].inlets.flatMap { $0 }.map(\.node)
        }
        return seen
    }
}
