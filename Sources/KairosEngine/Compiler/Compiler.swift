import KairosControl
import KairosDSP

/// A patch, checked and put in order, from which programs are made.
public struct CompiledPatch: Sendable {
    /// The patch it was compiled from.
    public let patch: Patch
    /// The scale it is played in; nil for the instrument's.
    public var tuning: Tuning?
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
        blueprint = Emitter.emit(graph, plan, patch)
        let faults = knobFaults
        guard faults.isEmpty else {
            throw PatchError(file: patch.file.isEmpty ? patch.name : patch.file, faults: faults)
        }
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
