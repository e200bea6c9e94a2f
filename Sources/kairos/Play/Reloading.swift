import CRealtime
import Foundation
import KairosControl
import KairosEngine
import KairosFiles

/// Lets a patch, scale, mapping or set list that is saved take its place at once, and says what is wrong with one
/// that cannot.
///
/// > One thread.
final class Reloading {
    private let files: WatchedFiles
    private let watch: FolderWatch
    private let engine: Engine
    private let bench: PatchEditor
    private let devices: ConnectedDevices
    private let wake: () -> Void
    private var sounds: Sounds
    /// What every file said when it was last taken.
    private var last: [String: String] = [:]
    /// Lines that hold only once the audio thread plays by what they tell of.
    private var waiting: [String] = []

    /// Over the folders of `files`; nil where the system cannot watch them.
    init?(
        _ files: WatchedFiles, _ sounds: Sounds, _ engine: Engine, _ bench: PatchEditor,
        _ devices: ConnectedDevices, wake: @escaping () -> Void
    ) {
        guard let watch = FolderWatch(files.folders) else { return nil }
        self.watch = watch
        self.files = files
        self.sounds = sounds
        self.engine = engine
        self.bench = bench
        self.devices = devices
        self.wake = wake
    }

    /// Looks, and returns what the player should know.
    func tend() -> [String] {
        let faults = watch.take(now: crt_now()).flatMap(changed)
        guard engine.playsNewest else { return faults }
        defer { waiting = [] }
        return waiting + faults
    }

    /// Reads a changed file. Returns what is wrong with it; what it changed is in `waiting`.
    private func changed(_ path: String) -> [String] {
        do {
            waiting += try take(path)
            return []
        } catch {
            last[path] = nil
            return ["\(error)", "\(path): nothing is changed; it plays on as it was"]
        }
    }

    private func take(_ path: String) throws -> [String] {
        if FileName.has([".scl", ".kbm"], path) { return retune(path) }
        guard FileManager.default.fileExists(atPath: path) else {
            return isInUse(path) ? ["\(path) is gone; it plays on as it was"] : []
        }
        if FileName.isSetList(path) { return try takeSetList(path) }
        let folder = WatchedFiles.whole(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        let isMapping = files.mappings.contains { WatchedFiles.whole($0) == folder }
        if let hider = files.hider(of: path, among: isMapping ? files.mappings : files.patches) {
            return ["\(path): \(hider) is read instead of it"]
        }
        return try isMapping ? takeMapping(path) : takePatch(path)
    }

    private func takePatch(_ path: String) throws -> [String] {
        // Its faults are told with their places in the file.
        let compiled = try PatchFile.compile(path: path, registry: bench.registry), patch = compiled.patch
        guard isNew(path, PatchFile.text(patch)) else { return [] }
        let before = sounds.patches.first { $0.header.file == path }?.header
        var next = sounds
        var lines = next.put(patch, compiled)
        if plays(path) { lines.append(said(try bench.take(patch))) }
        let isListed = before.map { ($0.name, $0.number) != (patch.name, patch.number) } ?? true
        guard next.list == nil ? isListed : sounds.rig.entries.contains(where: { $0.fault != nil })
        else {
            sounds = next
            return lines.isEmpty ? ["\(path): as it was saved; no entry plays it"] : lines
        }
        try renew(&next)
        guard before == nil else { return lines }
        let entry = next.rig.entries.contains { entry in
            entry.layers.contains { next.rig.sounds[$0.sound].header.file == path }
        }
        lines.append(
            "\(path): \(entry ? "'\(patch.name)' is there to play" : "'\(patch.name)' is there; no entry plays it")"
        )
        return lines
    }

    private func takeMapping(_ path: String) throws -> [String] {
        var mapping = try MappingFile.read(path: path)
        if let chosen = files.mapping {
            guard mapping.name == chosen else { return ["\(path): the mapping '\(chosen)' alone is used"] }
            mapping.device = ""
        }
        guard isNew(path, "\(mapping)") else { return [] }
        var next = sounds
        try next.put(mapping, order: Library.files(in: files.mappings))
        guard next.mappings.count <= Mapping.limit else {
            throw Failure("\(path): there are \(Mapping.limit) mappings already")
        }
        try renew(&next)
        return ["\(path): as it was saved"]
    }

    private func takeSetList(_ path: String) throws -> [String] {
        let list = try SetListFile.read(path: path)
        guard files.setList == WatchedFiles.whole(path) else {
            return ["\(path): it is in order, and not the list that plays"]
        }
        guard isNew(path, "\(list)") else { return [] }
        var next = sounds
        try next.put(list)
        try renew(&next)
        return ["\(path): as it was saved, \(list.entries.count) entries"]
    }

    /// Hands over what there is to play now.
    private func renew(_ next: inout Sounds) throws {
        try next.arrange(edited: bench.edited, bench.registry)
        guard !next.rig.entries.isEmpty else { throw Failure("there would be nothing to play") }
        guard engine.renew(next.rig, masks: devices.masks(of: next.mappings)) else {
            throw Failure(
                "this needs \(next.rig.sounds.count) sounds, and there is room for \(engine.soundLimit) until the next start"
            )
        }
        sounds = next
        wake()
    }

    /// Patches that name a scale are made anew with it.
    private func retune(_ path: String) -> [String] {
        let name = URL(fileURLWithPath: path).lastPathComponent
        var lines: [String] = [], seen: Set<String> = []
        for index in 0..<engine.sounds.count where engine.sounds[index].isRead {
            let patch = engine.sounds[index].compiled.patch
            guard [patch.tuning?.text, patch.keyboard?.text].contains(name), seen.insert(patch.file).inserted
            else { continue }
            do { lines.append(said(try bench.take(patch))) } catch {
                lines += ["\(error)", "\(path): nothing is changed; \(patch.name) plays on as it was"]
            }
        }
        return lines
    }

    /// Whether a file says something else than when it was last taken.
    private func isNew(_ path: String, _ text: String) -> Bool {
        last.updateValue(text, forKey: path) != text
    }

    private func plays(_ path: String) -> Bool {
        (0..<engine.sounds.count).contains { engine.sounds[$0].header.file == path }
    }

    /// Whether anything there is to play was made of a file.
    private func isInUse(_ path: String) -> Bool {
        if FileName.isSetList(path) { return files.setList == WatchedFiles.whole(path) }
        let folder = WatchedFiles.whole(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        guard files.mappings.contains(where: { WatchedFiles.whole($0) == folder }) else { return plays(path) }
        return sounds.mappings.contains { $0.name == FileName.stem(path) }
    }

    private func said(_ commit: PatchEditor.Commit) -> String {
        wake()
        return "\(commit.patch.name): as it was saved" + commit.lost.map { "; \($0)" }.joined()
    }
}

extension Patch {
    /// Bank × 128 + program, or nil.
    fileprivate var number: Int? { program.map { bank * 128 + $0 } }
}
