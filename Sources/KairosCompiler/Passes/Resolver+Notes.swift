import KairosPatch

extension Resolver {
    /// Reports a note stage among the modules, or another module among the note stages.
    mutating func reportWrongList(_ module: Patch.Module) {
        fault(
            module.type.place,
            module.isNoteStage
                ? "'\(module.type.text)' is not a note stage; it belongs to 'modules:'"
                : "'\(module.type.text)' is a note stage; it belongs to the list 'notes:' of a patch, as in notes: [{ type: \(module.type.text) }]"
        )
    }

    /// Reports too many note stages, and note stages of master effects.
    mutating func checkNoteStages() {
        guard let first = graph.stages.first else { return }
        if graph.stages.count > Patch.noteStageLimit {
            fault(
                graph.nodes[graph.stages[Patch.noteStageLimit]].place,
                "the patch has \(graph.stages.count) note stages, and the limit is \(Patch.noteStageLimit)")
        }
        if graph.input != nil {
            fault(
                graph.nodes[first].place,
                "master effects play no notes; remove 'notes:', or 'input' from the modules")
        }
    }
}
