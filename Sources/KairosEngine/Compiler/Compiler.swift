import KairosControl
import KairosDSP

/// A patch, checked and put in order, from which programs are made.
public struct CompiledPatch: Sendable {
    /// The patch it was compiled from.
    public let patch: Patch
    /// The scale it is played in; nil for the instrument's.
    public var tuning: Tuning?
    /// The graph with the values it begins with, and its order.
    var planned: Transition.Planned
    var blueprint: Blueprint

    /// Compiles `patch`: names to indices, order, domains, buffers, steps.
    ///
    /// Throws every fault at once, with its place and the nearest right thing.
    ///
    /// > Control or loader thread.
    public init(_ patch: Patch, catalog: ModuleCatalog) throws(PatchError) {
        self.patch = patch
        let graph = try Graph.resolve(patch, catalog)
        let plan = try Plan.make(graph, file: patch.file.isEmpty ? patch.name : patch.file)
        planned = Transition.Planned(graph: graph, plan: plan)
        blueprint = Emitter.emit(graph, plan, patch)
        let faults = knobFaults
        guard faults.isEmpty else {
            throw PatchError(file: patch.file.isEmpty ? patch.name : patch.file, faults: faults)
        }
    }

    /// What runs on the way to `goal`, which names, levels and voices are taken from; with what it settles into.
    ///
    /// > Control or loader thread.
    init(_ transition: Transition, towards goal: CompiledPatch) {
        patch = goal.patch
        tuning = goal.tuning
        planned = transition.settled
        blueprint = Emitter.emit(transition.union.graph, transition.union.plan, goal.patch)
    }

    /// Whether keys become voices as in another patch, so that its voices can go on in this one.
    func hasVoices(of other: CompiledPatch) -> Bool {
        let (a, b) = (patch.voicing, other.patch.voicing)
        return a.mode == b.mode && a.voices == b.voices && a.unison == b.unison
    }

    /// The compiled steps as text.
    public var schedule: String { blueprint.schedule }
}

extension CompiledPatch {
    /// What the patch calls the module that a report names by `index`.
    public func moduleName(_ index: Int) -> String {
        blueprint.names.indices.contains(index) ? blueprint.names[index] : "?"
    }
}
