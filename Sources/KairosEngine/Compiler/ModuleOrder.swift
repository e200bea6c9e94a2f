import KairosDSP

/// What runs when, and how many times: the graph put in order and divided into three phases.
struct ModuleOrder {
    enum Phase: Int, CaseIterable {
        /// Run once, before the voices that listen to it.
        case before
        /// Once for each group in which a voice sounds.
        case voices
        /// Run once, on what the voices made.
        case after
    }

    enum Verb { case process, read, write }

    /// One run of one node.
    struct Task: Equatable {
        var node: Int
        var verb: Verb
    }

    /// Whether a node runs once for each voice.
    var perVoice: [Bool]
    /// Whether a node's outlets are stereo.
    var stereo: [Bool]
    /// Whether a node stands in a cycle and is read first, written last.
    var split: [Bool]
    /// The tasks of each phase, in order.
    var tasks: [[Task]]

    /// Domains, phases and order of `graph`.
    static func make(_ graph: Graph, file: String) throws(PatchError) -> ModuleOrder {
        let perVoice = domains(graph)
        var planner = OrderingPass(graph: graph, perVoice: perVoice)
        planner.checkDomains()
        planner.splitCycles()
        planner.splitReturns()
        let tasks = planner.order()
        guard planner.faults.isEmpty else { throw PatchError(file: file, faults: planner.faults) }
        return ModuleOrder(perVoice: perVoice, stereo: stereo(graph), split: planner.split, tasks: tasks)
    }

    /// Polyphony spreads from its source: a node is per voice when something per voice reaches it.
    private static func domains(_ graph: Graph) -> [Bool] {
        var voice = graph.nodes.indices.map { $0 == graph.keys || graph.nodes[$0].each == .voice }
        let own = ownPerVoice(graph)
        var changed = true
        while changed {
            changed = false
            for (index, node) in graph.nodes.enumerated() {
                guard node.each != .once, index != graph.output else { continue }
                for source in node.sources {
                    if voice[source.node], !voice[index] {
                        voice[index] = true
                        changed = true
                    }
                    if voice[index], own[source.node], graph.nodes[source.node].each == nil,
                        !voice[source.node]
                    {
                        voice[source.node] = true
                        changed = true
                    }
                }
            }
        }
        return voice
    }

    /// Whether each voice that reads a node wants one of its own: noise, and what is made of nothing but noise.
    private static func ownPerVoice(_ graph: Graph) -> [Bool] {
        var own = graph.nodes.map(\.type.ownPerVoice)
        var changed = true
        while changed {
            changed = false
            for (index, node) in graph.nodes.enumerated() where !own[index] {
                let sources = node.inlets.flatMap { $0 }
                if !sources.isEmpty, sources.allSatisfy({ own[$0.node] }) {
                    own[index] = true
                    changed = true
                }
            }
        }
        return own
    }

    private static func stereo(_ graph: Graph) -> [Bool] {
        var stereo = graph.nodes.map(\.type.widens)
        var changed = true
        while changed {
            changed = false
            for (index, node) in graph.nodes.enumerated() where !stereo[index] {
                if node.sources.contains(where: { stereo[$0.node] }) { stereo[index] = true; changed = true }
            }
        }
        return stereo
    }
}

private struct OrderingPass {
    let graph: Graph
    let perVoice: [Bool]
    var split: [Bool]
    /// What is wrong with the order of the graph.
    private(set) var faults: [PatchError.Fault] = []

    init(graph: Graph, perVoice: [Bool]) {
        self.graph = graph
        self.perVoice = perVoice
        split = graph.nodes.map { _ in false }
    }

    private mutating func fault(_ node: Int, _ message: String) {
        faults.append(.init(place: graph.nodes[node].place, message: message))
    }

    mutating func checkDomains() {
        if let keys = graph.keys, graph.nodes[keys].each == .once {
            fault(keys, "'keys' is per voice by nature; 'each: once' belongs on what listens to it")
        }
        if let input = graph.input {
            if let keys = graph.keys {
                fault(keys, "master effects are fed by 'input' and play no keys; this patch has both")
            }
            if graph.nodes[input].each == .voice {
                fault(input, "'input' runs once: it is what all voices of all parts together make")
            }
        }
        if graph.nodes[graph.output].each == .voice {
            fault(graph.output, "'output' runs once: the voices are added up before it")
        }
    }

    /// A module that may stand in a cycle is split where it does.
    mutating func splitCycles() {
        for group in stronglyConnected() where group.count > 1 || reads(group[0], group[0]) {
            for node in group where graph.nodes[node].type.breaksCycles { split[node] = true }
        }
    }

    private func reads(_ node: Int, _ source: Int) -> Bool {
        graph.nodes[node].sources.contains { $0.node == source }
    }

    /// What runs once and depends on voices may not be read by voices, unless a delay stands between.
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
                    "'\(graph.nodes[reader].name)' runs for each voice and listens to '\(graph.nodes[source].name)', "
                        + "which runs once on what the voices made; put a delay between them, or say 'each: once'"
                )
                return
            }
            for node in delays { split[node] = true }
        }
    }

    private func firstReturn(_ late: [Bool]) -> (source: Int, reader: Int)? {
        for (reader, node) in graph.nodes.enumerated() where perVoice[reader] {
            for source in node.sources where !perVoice[source.node] && late[source.node] {
                return (source.node, reader)
            }
        }
        return nil
    }

    /// Whether what a node puts out in this piece depends on the voices of this piece.
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

    mutating func order() -> [[ModuleOrder.Task]] {
        var tasks: [ModuleOrder.Task] = []
        for node in graph.nodes.indices {
            tasks.append(ModuleOrder.Task(node: node, verb: split[node] ? .read : .process))
        }
        for node in graph.nodes.indices where split[node] {
            tasks.append(ModuleOrder.Task(node: node, verb: .write))
        }
        let late = dependsOnVoices()
        // Kahn's algorithm; of several that could run, the first of the patch does.
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
            fault(path[0], "\(names) is a cycle; put a delay into it")
            return phases
        }
        return phases
    }

    /// A cycle among `stuck`, beginning with the module that comes first in the patch.
    private func cycle(among stuck: Set<Int>) -> [Int] {
        // Everything stuck waits for something stuck, so walking backwards must meet itself.
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
        var index = [Int](repeating: -1, count: count), low = index
        var onStack = [Bool](repeating: false, count: count)
        var stack: [Int] = [], components: [[Int]] = []
        var counter = 0
        for root in 0..<count where index[root] < 0 {
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
                    if index[target] < 0 {
                        work.append((target, 0))
                    } else if onStack[target] {
                        low[node] = min(low[node], index[target])
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
