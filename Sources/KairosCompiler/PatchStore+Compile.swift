import KairosControl
import KairosDSP
public import KairosPatch

// Reading and compiling in one step. `kairos check` and `kairos play` both use these functions, so that they
// report the same faults.
extension PatchStore {
    /// Reads and compiles a patch with its tuning. [loader, control]
    ///
    /// - Throws: `Diagnostics` with the faults of all passes.
    public func compile(path: String, registry: ModuleRegistry) throws(Diagnostics) -> CompiledPatch {
        try compile(try readText(path: path), file: path, registry: registry)
    }

    /// Compiles the text of a patch. Diagnostics name `file`; tunings are searched beside it. [loader,
    /// control]
    ///
    /// - Throws: `Diagnostics` with the faults of all passes.
    public func compile(
        _ text: String, file: String, registry: ModuleRegistry
    ) throws(Diagnostics) -> CompiledPatch {
        let parsed = parse(text, file: file), patch = parsed.patch
        var faults = parsed.faults
        // Without modules, every connection and macro would be reported as well.
        guard !patch.modules.isEmpty else { throw Diagnostics(faults) }
        var compiled: CompiledPatch?
        do { compiled = try CompiledPatch(patch, registry: registry) } catch {
            // A fault without a place concerns the whole patch. It may only follow from faults of the form,
            // so it is reported only if there are none.
            let certain = faults.isEmpty ? error.faults : error.faults.filter { $0.place.line > 0 }
            faults += certain.map {
                Diagnostic(
                    file: file, line: $0.place.line, column: $0.place.column, message: $0.message)
            }
        }
        do {
            let tuning = try tuning(of: patch)
            compiled?.tuning = tuning
        } catch { faults += error.list }
        guard faults.isEmpty, let compiled else { throw Diagnostics(faults) }
        return compiled
    }

    /// A patch that is read and compiled when it is first needed. It gets the bank and program number of
    /// `header`, which may differ from those in the file: of two patches with one number in a folder, only
    /// one keeps it.
    public func source(_ header: PatchHeader, _ context: PatchContext) -> PatchSource {
        PatchSource(header) {
            var compiled = try compile(path: header.file, registry: context.registry)
            compiled.tuning = compiled.tuning ?? context.scale
            compiled.renumber(bank: header.bank, program: header.program)
            return compiled
        }
    }
}
