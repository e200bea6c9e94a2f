import KairosDSP
import KairosPatch

/// The ordering pass's result: the domain of each node (per voice, or once on a bus), and the order in which
/// nodes run, in three phases.
package struct ModuleOrder {
    /// A phase of rendering a sub-block.
    package enum Phase: Int, CaseIterable {
        /// Once, before the voices that read it.
        case before
        /// Once for each voice group with a sounding voice.
        case voices
        /// Once, on the sum of the voices.
        case after
    }

    /// Kind of run of a node. `process` computes outlets from inlets. In a feedback loop a node is split in two:
    /// `read` renders its outlets first, `write` stores its inlets when they are known.
    enum Verb { case process, read, write }

    /// One run of one node.
    struct Task: Equatable {
        var node: Int
        var verb: Verb
    }

    /// For each node, true if it runs per voice.
    var perVoice: [Bool]
    /// For each node, true if its outlets are stereo.
    var stereo: [Bool]
    /// For each node, true if it breaks a feedback loop: it runs as `read` first and `write` last.
    var split: [Bool]
    /// The tasks of each phase, in order.
    var tasks: [[Task]]

    /// Computes domains, cycles, order and phases of `graph`.
    ///
    /// - Throws: `PatchError` for a feedback loop without a delay, or a contradictory `each`.
    static func make(_ graph: Graph, file: String) throws(PatchError) -> ModuleOrder {
        let perVoice = domains(graph)
        var pass = OrderingPass(graph: graph, perVoice: perVoice)
        pass.checkDomains()
        pass.splitCycles()
        pass.splitReturns()
        let tasks = pass.order()
        guard pass.faults.isEmpty else { throw PatchError(file: file, faults: pass.faults) }
        return ModuleOrder(perVoice: perVoice, stereo: stereo(graph), split: pass.split, tasks: tasks)
    }

    /// Domain pass. A node is per voice if a per-voice node reaches it; `each` overrides. A source that gives
    /// each voice a signal of its own (noise) is per voice if a per-voice node reads it. Iterates to a fixed
    /// point. A type that always runs once is never per voice.
    private static func domains(_ graph: Graph) -> [Bool] {
        var voice = graph.nodes.indices.map { $0 == graph.keys || graph.nodes[$0].each == .voice }
        let own = ownPerVoice(graph)
        var changed = true
        while changed {
            changed = false
            for (index, node) in graph.nodes.enumerated() {
                guard node.each != .once, !node.type.runsOnce, index != graph.output else { continue }
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

    /// For each node, true if every voice that reads it should get a signal of its own: noise, and nodes
    /// whose inputs are all such.
    private static func ownPerVoice(_ graph: Graph) -> [Bool] {
        var own = graph.nodes.map(\.type.ownPerVoice)
        var changed = true
        while changed {
            changed = false
            for (index, node) in graph.nodes.enumerated() where !own[index] && !node.type.runsOnce {
                let sources = node.inlets.flatMap { $0 }
                if !sources.isEmpty, sources.allSatisfy({ own[$0.node] }) {
                    own[index] = true
                    changed = true
                }
            }
        }
        return own
    }

    /// Stereo pass: a node is stereo if its type widens mono to stereo, or if it reads a stereo node.
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
