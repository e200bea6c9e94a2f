import KairosDSP
public import KairosPatch
import Yams

/// Reads set list files: `kairos: setlist/1`.
public enum SetListFile {
    static let version = "setlist/1"
    /// The file name extension of set lists.
    public static let ending = ".setlist.yaml"

    /// Reads a set list. Throws ``Diagnostics`` with all faults of its form.
    ///
    /// Names of patches and macros are resolved later; faults are then reported at the places kept in the
    /// result.
    public static func read(path: String) throws(Diagnostics) -> SetList {
        try parse(try TextFile.read(path, .setlist), file: path)
    }

    /// Parses the text of a set list; diagnostics name `file`. Throws ``Diagnostics`` with all faults of its
    /// form.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> SetList {
        let (list, faults) = examine(text, file: file)
        guard faults.isEmpty else { throw Diagnostics(faults) }
        return list
    }

    /// Reads a set list as far as it is well formed, and returns it with the faults of its form. The caller
    /// resolves the names in it, so that all faults are reported at once. Throws ``Diagnostics`` if the file
    /// cannot be read.
    public static func examine(path: String) throws(Diagnostics) -> (list: SetList, faults: [Diagnostic]) {
        examine(try TextFile.read(path, .setlist), file: path)
    }

    private static func examine(_ text: String, file: String) -> (list: SetList, faults: [Diagnostic]) {
        var reader = SetListReader(file: file)
        let list = reader.list(text)
        return (list, reader.document.diagnostics)
    }
}
