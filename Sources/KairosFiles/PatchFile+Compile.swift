import KairosDSP
import KairosEngine

// How a patch's file becomes a patch that can be played. `kairos check` and `kairos play` both come here, so that
// they find the same faults.
extension PatchFile {
    /// Reads and compiles a patch with its scale. Throws ``Diagnostics``: the faults of all passes at once. [any]
    public static func compile(path: String, registry: ModuleRegistry) throws(Diagnostics) -> CompiledPatch {
        try compile(try TextFile.read(path, .patch), file: path, registry: registry)
    }

    /// Compiles a patch's text; `file` is what diagnostics call it, and the scale is looked for beside it.
    public static func compile(
        _ text: String, file: String, registry: ModuleRegistry
    ) throws(Diagnostics) -> CompiledPatch {
        var reader = PatchReader(file: file)
        let patch = reader.patch(text)
        var faults = reader.document.diagnostics
        // Without modules everything that names one would be a fault too.
        guard !patch.modules.isEmpty else { throw Diagnostics(faults) }
        var compiled: CompiledPatch?
        do { compiled = try CompiledPatch(patch, registry: registry) } catch {
            // What has no place is about the whole, and the whole is not known.
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

    /// What a patch's file says at its beginning. Throws ``Diagnostics`` where there is no YAML patch in it.
    ///
    /// Faults further down are found when the patch is compiled. [any]
    public static func header(path: String) throws(Diagnostics) -> PatchHeader {
        try header(try TextFile.read(path, .patch), file: path)
    }

    /// The header of a patch's text.
    public static func header(_ text: String, file: String) throws(Diagnostics) -> PatchHeader {
        if let header = PatchScan.header(text, file: file) { return header }
        var reader = PatchReader(file: file)
        let patch = reader.patch(text)
        guard !patch.name.isEmpty else { throw Diagnostics(reader.document.diagnostics) }
        return PatchHeader(patch)
    }

    /// A patch of a folder, which is read when it is first needed. The header's program number counts, for two
    /// patches of a folder cannot have one.
    public static func source(_ header: PatchHeader, _ context: PatchContext) -> PatchSource {
        PatchSource(header) {
            var compiled = try compile(path: header.file, registry: context.registry)
            compiled.tuning = compiled.tuning ?? context.scale
            compiled.renumber(bank: header.bank, program: header.program)
            return compiled
        }
    }
}
