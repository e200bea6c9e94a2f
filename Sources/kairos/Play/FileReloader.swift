import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession

/// Reloads patches, scales, mappings and the set list when their files change, and reports files with errors.
/// `[control]`
final class FileReloader {
    private let files: WatchedFiles
    private let watch: FolderWatch
    private let engine: Engine
    private let editor: PatchEditor
    private let devices: ConnectedDevices
    private let wake: () -> Void
    private var sources: RigSources
    /// The content of each file when it was last loaded.
    private var loadedText: [String: String] = [:]
    /// Messages that are held back until the audio thread uses the new rig.
    private var pendingMessages: [String] = []

    /// Watches the folders of `files`; nil if the system cannot watch them (`errno`). `wake` wakes the loader
    /// thread.
    init?(
        _ files: WatchedFiles, _ sources: RigSources, _ engine: Engine, _ editor: PatchEditor,
        _ devices: ConnectedDevices, wake: @escaping () -> Void
    ) {
        guard let watch = FolderWatch(files.folders) else { return nil }
        self.watch = watch
        self.files = files
        self.sources = sources
        self.engine = engine
        self.editor = editor
        self.devices = devices
        self.wake = wake
    }

    /// Reloads the files that have changed. Returns messages for the user.
    func poll() -> [String] {
        let faults = watch.pop(now: crt_now()).flatMap(reload)
        guard engine.playsNewest else { return faults }
        defer { pendingMessages = [] }
        return pendingMessages + faults
    }

    /// Reloads a changed file. Returns its errors; messages about its effects go to `pendingMessages`.
    private func reload(_ path: String) -> [String] {
        do {
            pendingMessages += try apply(path)
            return []
        } catch {
            loadedText[path] = nil
            return ["\(error)", "\(path): not reloaded; the previous version keeps playing"]
        }
    }

    private func apply(_ path: String) throws -> [String] {
        if FileName.has([".scl", ".kbm"], path) { return reloadTuning(path) }
        guard FileManager.default.fileExists(atPath: path) else {
            return isInUse(path) ? ["\(path): deleted; the loaded version keeps playing"] : []
        }
        if FileName.isSetList(path) { return try reloadSetList(path) }
        let folder = WatchedFiles.absolute(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        let isMapping = files.mappings.contains { WatchedFiles.absolute($0) == folder }
        if let other = files.overridingFile(of: path, among: isMapping ? files.mappings : files.patches) {
            return ["\(path): not used, because \(other) comes first"]
        }
        return try isMapping ? reloadMapping(path) : reloadPatch(path)
    }

    private func reloadPatch(_ path: String) throws -> [String] {
        // Compiled from the file, so that errors have line and column.
        let compiled = try FileStore().compile(path: path, registry: editor.registry), patch = compiled.patch
        guard isNew(path, PatchFile.text(patch)) else { return [] }
        let before = sources.patches.first { $0.header.file == path }?.header
        var next = sources
        var lines = next.replace(patch, compiled)
        if isPlayable(path) { lines.append(message(try editor.applyExternalChange(patch))) }
        let changesRig = before.map { ($0.name, $0.number) != (patch.name, patch.number) } ?? true
        guard next.list == nil ? changesRig : sources.rig.entries.contains(where: { $0.fault != nil })
        else {
            sources = next
            return lines.isEmpty ? ["\(path): reloaded; no entry uses it"] : lines
        }
        try activate(&next)
        guard before == nil else { return lines }
        let isUsed = next.rig.entries.contains { entry in
            entry.layers.contains { next.rig.sounds[$0.sound].header.file == path }
        }
        lines.append("\(path): added: '\(patch.name)'\(isUsed ? "" : "; no entry uses it")")
        return lines
    }

    private func reloadMapping(_ path: String) throws -> [String] {
        var mapping = try MappingFile.read(path: path)
        if let chosen = files.mapping {
            guard mapping.name == chosen else {
                return ["\(path): not used, because --mapping selects '\(chosen)'"]
            }
            mapping.device = ""
        }
        guard isNew(path, "\(mapping)") else { return [] }
        var next = sources
        try next.replace(mapping, order: Library.files(in: files.mappings))
        guard next.mappings.count <= Mapping.limit else {
            throw Failure("\(path): too many mappings; the limit is \(Mapping.limit)")
        }
        try activate(&next)
        return ["\(path): reloaded"]
    }

    private func reloadSetList(_ path: String) throws -> [String] {
        let list = try SetListFile.read(path: path)
        guard files.setList == WatchedFiles.absolute(path) else {
            return ["\(path): valid, but another set list is playing"]
        }
        guard isNew(path, "\(list)") else { return [] }
        var next = sources
        try next.replace(list)
        try activate(&next)
        return ["\(path): reloaded, \(list.entries.count) entries"]
    }

    /// Rebuilds the rig of `next` and passes it to the engine. Throws ``Failure`` if the engine cannot take
    /// it.
    private func activate(_ next: inout RigSources) throws {
        try next.rebuildRig(edited: editor.edited, editor.registry)
        guard !next.rig.entries.isEmpty else { throw Failure("no entry would be left") }
        guard engine.change(to: next.rig, masks: devices.masks(of: next.mappings)) else {
            throw Failure(
                "too many patches: \(next.rig.sounds.count), and the limit until the next start is "
                    + "\(engine.soundLimit); restart Kairos"
            )
        }
        sources = next
        wake()
    }

    /// Rebuilds the patches that name a changed scale or keyboard mapping. Returns messages for the user.
    private func reloadTuning(_ path: String) -> [String] {
        let name = URL(fileURLWithPath: path).lastPathComponent
        var lines: [String] = [], seen: Set<String> = []
        for index in 0..<engine.sounds.count where engine.sounds[index].isRead {
            let patch = engine.sounds[index].compiled.patch
            guard [patch.tuning?.text, patch.keyboard?.text].contains(name), seen.insert(patch.file).inserted
            else { continue }
            do { lines.append(message(try editor.applyExternalChange(patch))) } catch {
                lines += [
                    "\(error)", "\(path): not reloaded; the previous version of \(patch.name) keeps playing",
                ]
            }
        }
        return lines
    }

    /// Records the content of a file. Returns whether it differs from the last loaded content.
    private func isNew(_ path: String, _ text: String) -> Bool {
        loadedText.updateValue(text, forKey: path) != text
    }

    /// True if the rig contains the patch of a file.
    private func isPlayable(_ path: String) -> Bool {
        (0..<engine.sounds.count).contains { engine.sounds[$0].header.file == path }
    }

    /// True if the rig contains the set list, mapping or patch of a file.
    private func isInUse(_ path: String) -> Bool {
        if FileName.isSetList(path) { return files.setList == WatchedFiles.absolute(path) }
        let folder = WatchedFiles.absolute(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        guard files.mappings.contains(where: { WatchedFiles.absolute($0) == folder }) else {
            return isPlayable(path)
        }
        return sources.mappings.contains { $0.name == FileName.stem(path) }
    }

    /// Wakes the loader thread and returns the message about an applied edit.
    private func message(_ commit: PatchEditor.Commit) -> String {
        wake()
        return "\(commit.patch.name): reloaded" + commit.lost.map { "; \($0)" }.joined()
    }
}

extension Patch {
    /// Bank × 128 + program; nil for a patch without a program number.
    fileprivate var number: Int? { program.map { bank * 128 + $0 } }
}
