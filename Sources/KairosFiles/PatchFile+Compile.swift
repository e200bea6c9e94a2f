import KairosDSP
import KairosEngine

// Reading and compiling in one go. `kairos check` and `kairos play` both use these functions, so that they
// report the same faults.
extension PatchFile {
    /// Reads and compiles a patch with its tuning. Throws ``Diagnostics`` with the faults of all passes.
    /// [any]
    public static func compile(path: String, registry: ModuleRegistry) throws(Diagnostics) -> CompiledPatch {
        try compile(try TextFile.read(path, .patch), file: path, registry: registry)
    }

    /// Compiles the text of a patch. Diagnostics name `file`; tuning files are searched in its folder. Throws
    /// ``Diagnostics`` with the faults of all passes.
    public static func compile(
        _ text: String, file: String, registry: ModuleRegistry
    ) throws(Diagnostics) -> CompiledPatch {
        var reader = PatchReader(file: file)
        let patch = reader.patch(text)
        var faults = reader.document.diagnostics
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
            let tuning = try ScalaFile.tuning(of: patch)
            compiled?.tuning = tuning
        } catch { faults += error.list }
        guard faults.isEmpty, let compiled else { throw Diagnostics(faults) }
        return compiled
    }

    /// Reads the header of a patch: name, description, bank and program. Throws ``Diagnostics`` if the file
    /// has none. [any]
    ///
    /// Faults in the rest of the file are found when the patch is compiled.
    public static func header(path: String) throws(Diagnostics) -> PatchHeader {
        try header(try TextFile.read(path, .patch), file: path)
    }

    /// Reads the header of the text of a patch. Diagnostics name `file`.
    public static func header(_ text: String, file: String) throws(Diagnostics) -> PatchHeader {
        if let header = PatchScan.header(text, file: file) { return header }
        var reader = PatchReader(file: file)
        let patch = reader.patch(text)
        guard !patch.name.isEmpty else { throw Diagnostics(reader.document.diagnostics) }
        return PatchHeader(patch)
    }

    /// A patch that is read and compiled when it is first needed. It gets the bank and program number of
    /// `header`, which may differ from those in the file: of two patches with one number in a folder, only
    /// one keeps it.
    public static func source(_ header: PatchHeader, _ context: PatchContext) -> PatchSource {
        PatchSource(header) {
            var compiled = try compile(path: header.file, registry: context.registry)
            compiled.tuning = compiled.tuning ?? context.scale
            compiled.renumber(bank: header.bank, program: header.program)
            return compiled
        }
    }
}
