import KairosControl
import KairosDSP
public import KairosPatch
import Yams

/// Reads and writes patch files: `kairos: patch/1`.
public enum PatchFile {
    static let version = "patch/1"

    /// Reads a patch. Throws ``Diagnostics`` with all faults of its form.
    ///
    /// The compiler checks the names of modules, ports and parameters; it reports faults at the places that
    /// are kept in the result.
    public static func read(path: String) throws(Diagnostics) -> Patch {
        try parse(try TextFile.read(path, .patch), file: path)
    }

    /// Parses the text of a patch; diagnostics name `file`. Throws ``Diagnostics`` with all faults of its
    /// form.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> Patch {
        var reader = PatchReader(file: file)
        let patch = reader.patch(text)
        guard reader.document.diagnostics.isEmpty else { throw Diagnostics(reader.document.diagnostics) }
        return patch
    }
}
