public import KairosControl
import KairosDSP
public import KairosPatch
import Yams

/// Reads mapping files: `kairos: mapping/1`.
public enum MappingFile {
    static let version = "mapping/1"

    /// Reads a mapping. Throws ``Diagnostics`` with all faults of its form.
    public static func read(path: String) throws(Diagnostics) -> Mapping {
        try parse(try TextFile.read(path, .mapping), file: path)
    }

    /// Parses the text of a mapping; diagnostics name `file`. Throws ``Diagnostics`` with all faults of its
    /// form.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> Mapping {
        let (mapping, faults) = examine(text, file: file)
        guard faults.isEmpty else { throw Diagnostics(faults) }
        return mapping
    }

    /// Reads a mapping as far as it is well formed, and returns it with the faults of its form. The caller
    /// checks the names in it, so that all faults are reported at once. Throws ``Diagnostics`` if the file
    /// cannot be read.
    public static func examine(path: String) throws(Diagnostics) -> (mapping: Mapping, faults: [Diagnostic]) {
        examine(try TextFile.read(path, .mapping), file: path)
    }

    private static func examine(_ text: String, file: String) -> (mapping: Mapping, faults: [Diagnostic]) {
        var reader = MappingReader(file: file)
        let mapping = reader.mapping(text)
        return (mapping, reader.document.diagnostics)
    }
}
