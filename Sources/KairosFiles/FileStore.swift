import Foundation
public import KairosControl
public import KairosPatch

/// Patches, presets and sessions as files: the ``PatchStore`` of the command line. [loader, control]
public struct FileStore: PatchStore {
    /// Creates a store.
    public init() {}

    /// The text of a patch file.
    public func readText(path: String) throws(Diagnostics) -> String { try TextFile.read(path, .patch) }

    /// Parses `kairos: patch/1`.
    public func parse(_ text: String, file: String) -> ParsedPatch {
        var reader = PatchReader(file: file)
        let patch = reader.patch(text)
        return ParsedPatch(patch, faults: reader.document.diagnostics)
    }

    /// See ``PatchFile/text(_:)``.
    public func text(_ patch: Patch) -> String { PatchFile.text(patch) }

    /// See ``Library/files(in:)``.
    public func patches(in folders: [String]) -> [String] { Library.files(in: folders) }

    /// Reads the Scala files that a patch names, from its own folder.
    public func tuning(of patch: Patch) throws(Diagnostics) -> Tuning? { try ScalaFile.tuning(of: patch) }

    /// Reads `kairos: presets/1`.
    public func presets(path: String, patch: String) throws(Diagnostics) -> Presets {
        guard FileManager.default.fileExists(atPath: path) else { return Presets(patch: patch) }
        return try PresetFile.read(path: path)
    }

    /// See ``PresetFile/text(_:)``.
    public func text(_ presets: Presets) -> String { PresetFile.text(presets) }

    /// See ``SessionFile/text(_:)``.
    public func text(_ session: SavedSession) -> String { SessionFile.text(session) }

    /// Parses `kairos: session/1`.
    public func session(_ text: String, file: String) throws(Diagnostics) -> SavedSession {
        try SessionFile.parse(text, file: file)
    }

    /// Writes a file atomically and durably, see ``DurableFile``, and keeps a copy of an existing one.
    public func save(_ text: String, path: String) throws(Diagnostics) {
        if FileManager.default.fileExists(atPath: path), !DurableFile.setAside(path) {
            throw Diagnostics(path, "not saved, because the existing file cannot be kept as '\(path)~'")
        }
        do { try DurableFile.write(text, to: path) } catch { throw Diagnostics(error) }
    }
}
