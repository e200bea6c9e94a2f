import KairosDSP
import KairosPatch

/// Finds cycles, splits feedback modules and orders the nodes of a graph.
struct OrderingPass {
    let graph: Graph
    let perVoice: [Bool]
    var split: [Bool]
    /// Errors found so far.
    private(set) var faults: [PatchError.Fault] = []

    init(graph: Graph, perVoice: [Bool]) {
        self.graph = graph
        self.perVoice = perVoice
        split = graph.nodes.map { _ in false }
    }

    private mutating func fault(_ node: Int, _ message: String) {
        faults.append(.init(place: graph.nodes[node].place, message: message))
    }

    /// Reports `each` on an engine module that contradicts it, and a patch with both `keys` and `input`.
    mutating func checkDomains() {
        if let keys = graph.keys, graph.nodes[keys].each == .once {
            fault(keys, "'keys' always runs per voice; set 'each: once' on the module it is connected to")
        }
        if let input = graph.input {
            if let keys = graph.keys {
                fault(
                    keys,
                    "this patch has both 'keys' and 'input'; master effects have 'input' only and play no notes"
                )
            }
            if graph.nodes[input].each == .voice {
                fault(
                    input,
                    "'input' always runs once, because it is the sum of all parts; remove 'each: voice'")
            }
        }
        if graph.nodes[graph.output].each == .voice {
            fault(
                graph.output,
                "'output' always runs once, because voices are summed before it; remove 'each: voice'")
        }
        for (index, node) in graph.nodes.enumerated() where node.type.runsOnce && node.each == .voice {
            fault(
                index,
                "'\(node.type.name)' always runs once, on the sum of the voices; remove 'each: voice'")
        }
    }

    /// Cycle detection: splits every feedback module that lies on a cycle, so that the cycle is cut there.
    mutating func splitCycles() {
        for group in stronglyConnected() where group.count > 1 || reads(group[0], group[0]) {
            for node in group where graph.nodes[node].type.breaksCycles { split[node] = true }
        }
    }

    private func reads(_ node: Int, _ source: Int) -> Bool {
        graph.nodes[node].sources.contains { $0.node == source }
    }

    /// Splits feedback modules between the sum of the voices and voices that read it back: a bus node that
    /// depends on this sub-block's voices cannot run before them. Reports an error if there is no such module
    /// on the path.
    mutating func splitReturns() {
        while true {
            let late = dependsOnVoices()
            guard let (source, reader) = firstReturn(late) else { return }
            var delays: [Int] = []
            var seen: Set<Int> = []
            var todo = [source]
            while let node = todo.popLast() {
                guard !perVoice[node], late[node], seen.insert(node).inserted else { continue }
                if graph.nodes[node].type.breaksCycles, !split[node] {
                    delays.append(node)
                } else {
                    todo += graph.nodes[node].sources.map(\.node)
                }
            }
            guard !delays.isEmpty else {
                fault(
                    reader,
                    "'\(graph.nodes[reader].name)' runs per voice but reads '\(graph.nodes[source].name)', "
                        + "which runs once on the sum of the voices; put a delay between them, or set 'each: once'"
                )
                return
            }
            for node in delays { split[node] = true }
        }
    }

    /// The first connection from a bus node that depends on voices to a per-voice node; nil if there is none.
    private func firstReturn(_ late: [Bool]) -> (source: Int, reader: Int)? {
        for (reader, node) in graph.nodes.enumerated() where perVoice[reader] {
            for source in node.sources where !perVoice[source.node] && late[source.node] {
                return (source.node, reader)
            }
        }
        return nil
    }

    /// For each node, true if its outlets in this sub-block depend on the voices of this sub-block.
    private func dependsOnVoices() -> [Bool] {
        var late = perVoice
        var changed = true
        while changed {
            changed = false
            for (index, node) in graph.nodes.enumerated() where !late[index] && !split[index] {
                if node.sources.contains(where: { late[$0.node] }) { late[index] = true; changed = true }
            }
        }
        return late
    }

    /// Orders all tasks by Kahn's algorithm (1962) and assigns each to a phase. Reports a cycle that remains.
    mutating func order() -> [[ModuleOrder.Task]] {
        var tasks: [ModuleOrder.Task] = []
        for node in graph.nodes.indices {
            tasks.append(ModuleOrder.Task(node: node, verb: split[node] ? .read : .process))
        }
        for node in graph.nodes.indices where split[node] {
            tasks.append(ModuleOrder.Task(node: node, verb: .write))
        }
        let late = dependsOnVoices()
        // Of several tasks that are ready, the first in the patch runs.
        var waiting = tasks.map { task in task.verb == .read ? 0 : graph.nodes[task.node].sources.count }
        var readers: [[Int]] = Array(repeating: [], count: graph.nodes.count)
        for (index, task) in tasks.enumerated() where task.verb != .read {
            for source in graph.nodes[task.node].sources { readers[source.node].append(index) }
        }
        var ready = Set(tasks.indices.filter { waiting[$0] == 0 })
        var phases: [[ModuleOrder.Task]] = [[], [], []]
        var done = 0
        while let next = ready.min() {
            ready.remove(next)
            done += 1
            let task = tasks[next]
            let phase: ModuleOrder.Phase
            if perVoice[task.node] {
                phase = .voices
            } else if task.verb == .write {
                phase = graph.nodes[task.node].sources.contains(where: { late[$0.node] }) ? .after : .before
            } else {
                phase = late[task.node] || task.node == graph.output ? .after : .before
            }
            phases[phase.rawValue].append(task)
            guard task.verb != .write else { continue }
            for reader in readers[task.node] {
                waiting[reader] -= 1
                if waiting[reader] == 0 { ready.insert(reader) }
            }
        }
        guard done == tasks.count else {
            let stuck = Set(tasks.indices.filter { waiting[$0] > 0 }.map { tasks[$0].node })
            let path = cycle(among: stuck)
            let names = (path + [path[0]]).map { graph.nodes[$0].name }.joined(separator: " -> ")
            fault(path[0], "\(names) is a feedback loop without a delay; put a 'delay' into it")
            return phases
        }
        return phases
    }

    /// A cycle among the nodes that could not be ordered, starting at the module that comes first in the
    /// patch.
    private func cycle(among stuck: Set<Int>) -> [Int] {
        // Each stuck node waits for another stuck node, so a walk backwards must revisit one.
        var path = [stuck.min() ?? 0]
        while let source = graph.nodes[path[path.count - 1]].sources.first(where: {
            stuck.contains($0.node) && !split[$0.node]
        }) {
            if let start = path.firstIndex(of: source.node) {
                let loop = Array(path[start...].reversed())
                let first = loop.firstIndex(of: loop.min() ?? 0) ?? 0
                return Array(loop[first...] + loop[..<first])
            }
            path.append(source.node)
        }
        return path
    }

    /// Strongly connected components (Tarjan 1972), without recursion.
    private func stronglyConnected() -> [[Int]] {
        let count = graph.nodes.count
        let next = graph.nodes.map { $0.sources.map(\.node) }
        var index = [Int?](repeating: nil, count: count), low = [Int](repeating: 0, count: count)
        var onStack = [Bool](repeating: false, count: count)
        var stack: [Int] = [], components: [[Int]] = []
        var counter = 0
        for root in 0..<count where index[root] == nil {
            var work: [(node: Int, edge: Int)] = [(root, 0)]
            while let (node, edge) = work.last {
                if edge == 0 {
                    index[node] = counter
                    low[node] = counter
                    counter += 1
                    stack.append(node)
                    onStack[node] = true
                }
                if edge < next[node].count {
                    work[work.count - 1].edge += 1
                    let target = next[node][edge]
                    if let found = index[target] {
                        if onStack[target] { low[node] = min(low[node], found) }
                    } else {
                        work.append((target, 0))
                    }
                    continue
                }
                work.removeLast()
                if let parent = work.last?.node { low[parent] = min(low[parent], low[node]) }
                guard low[node] == index[node] else { continue }
                var component: [Int] = []
                while let top = stack.popLast() {
                    onStack[top] = false
                    component.append(top)
                    if top == node { break }
                }
                components.append(component)
            }
        }
        return components
    }
}
