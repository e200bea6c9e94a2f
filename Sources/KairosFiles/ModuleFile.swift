import KairosDSP
public import KairosPatch
import Yams

/// Reads files of compound modules: `kairos: module/1`.
public enum ModuleFile {
    static let version = "module/1"

    /// Reads a compound module. Throws ``Diagnostics`` with all faults of its form.
    ///
    /// The module registry checks the names of modules, ports and parameters; it reports faults at the places
    /// that are kept in the result.
    public static func read(path: String) throws(Diagnostics) -> CompoundModule {
        try parse(try TextFile.read(path, .module), file: path)
    }

    /// Parses the text of a compound module, which gets the name of `file` without folder and extension.
    /// Throws ``Diagnostics`` with all faults of its form.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> CompoundModule {
        var reader = ModuleReader(file: file)
        let module = reader.module(text)
        guard reader.patch.document.diagnostics.isEmpty else {
            throw Diagnostics(reader.patch.document.diagnostics)
        }
        return module
    }

    /// The module type that a file defines: its name without folder and extension.
    public static func type(of file: String) -> String { FileName.stem(file) }
}
