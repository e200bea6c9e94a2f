public import KairosControl

/// Storage of patches, presets and sessions as texts. `FileStore` of KairosFiles stores them as files; a program
/// that embeds the engine can provide its own. [loader, control]
///
/// Texts are whole documents. Paths are the store's own names of documents; they appear in messages.
public protocol PatchStore: Sendable {
    /// Reads the text of a patch.
    ///
    /// - Throws: `Diagnostics` if there is none, or it is not a patch.
    func readText(path: String) throws(Diagnostics) -> String

    /// Parses the text of a patch. Diagnostics name `file`.
    func parse(_ text: String, file: String) -> ParsedPatch

    /// The text of a patch. Parsing it gives an equal patch.
    func text(_ patch: Patch) -> String

    /// The paths of the patches in `folders`, in order. Of several with one name the first is taken.
    func patches(in folders: [String]) -> [String]

    /// Reads the tuning that a patch names; nil if it names none.
    ///
    /// - Throws: `Diagnostics` with the faults of the tuning.
    func tuning(of patch: Patch) throws(Diagnostics) -> Tuning?

    /// Reads the presets at `path`; an empty list, for the patch named `patch`, if nothing is stored there.
    ///
    /// - Throws: `Diagnostics` with all faults.
    func presets(path: String, patch: String) throws(Diagnostics) -> Presets

    /// The text of presets. Parsing it gives equal presets.
    func text(_ presets: Presets) -> String

    /// The text of a session. Parsing it gives an equal session.
    func text(_ session: SavedSession) -> String

    /// Parses the text of a session. Diagnostics name `file`.
    ///
    /// - Throws: `Diagnostics` with all faults.
    func session(_ text: String, file: String) throws(Diagnostics) -> SavedSession

    /// Writes a text so that a power cut leaves the old one or the new one. The old one is kept as a copy
    /// whose name ends in '~'.
    ///
    /// - Throws: `Diagnostics` with the reason; the old text then remains.
    func save(_ text: String, path: String) throws(Diagnostics)
}

extension PatchStore {
    /// Reads a patch.
    ///
    /// - Throws: `Diagnostics` with all faults of its form.
    public func read(path: String) throws(Diagnostics) -> Patch {
        let parsed = parse(try readText(path: path), file: path)
        guard parsed.faults.isEmpty else { throw Diagnostics(parsed.faults) }
        return parsed.patch
    }

    /// The stored contents of a patch as ``text(_:)`` writes them, so that comments and spacing do not
    /// matter; those of the patch itself if it cannot be read.
    public func storedText(of patch: Patch) -> String { text((try? read(path: patch.file)) ?? patch) }

    /// The fingerprint of ``storedText(of:)``, by which a later change is recognized.
    public func fingerprint(of patch: Patch) -> String {
        SavedSession.fingerprint(storedText(of: patch))
    }
}
