public import KairosPatch

extension PatchFile {
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
}
