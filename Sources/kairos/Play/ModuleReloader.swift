import CRealtime
import Foundation
import KairosFiles
import KairosPatch
import KairosSession

/// Reloads compound modules when their files change, and rebuilds the playing patches that use them.
/// `[control]`
final class ModuleReloader {
    private let watch: FolderWatch
    private let editor: PatchEditor
    private let wake: () -> Void
    private let folders: [String]
    /// The modules as of the last valid version of each file.
    private var modules: KnownModules

    /// Watches `folders`; nil if the system cannot watch them (`errno`). `wake` wakes the loader thread.
    init?(_ folders: [String], _ modules: KnownModules, _ editor: PatchEditor, wake: @escaping () -> Void) {
        guard let watch = FolderWatch(folders) else { return nil }
        self.watch = watch
        self.folders = folders
        self.modules = modules
        self.editor = editor
        self.wake = wake
    }

    /// Reloads the files that have changed. Returns messages for the user.
    func poll() -> [String] {
        // Files saved together are reloaded together, because one may use the other.
        let paths = watch.pop(now: crt_now()).filter(FileName.isYAML)
        return paths.isEmpty ? [] : reload(paths)
    }

    private func reload(_ paths: [String]) -> [String] {
        var lines: [String] = []
        var compounds = modules.compounds
        var saved: [String] = []
        // A file of the same name in an earlier folder takes precedence.
        let files = Library.files(in: folders)
        for path in paths {
            guard files.contains(path) else {
                if !FileManager.default.fileExists(atPath: path) {
                    lines.append("\(path): deleted; the loaded version keeps playing")
                }
                continue
            }
            do {
                let compound = try ModuleFile.read(path: path)
                guard !compounds.contains(compound) else { continue }
                compounds.removeAll { $0.name == compound.name }
                compounds.append(compound)
                saved.append(path)
            } catch { lines += ["\(error)", notReloaded(path)] }
        }
        return lines + (saved.isEmpty ? [] : apply(compounds, saved))
    }

    private func apply(_ compounds: [CompoundModule], _ saved: [String]) -> [String] {
        let new = KnownModules(compounds)
        // A module with errors is not reloaded. Errors that a valid module causes in others are reported.
        let failed = new.errors.filter { saved.contains($0.file) }
        guard failed.isEmpty else {
            let bad = Set(failed.map(\.file))
            let rest = saved.filter { !bad.contains($0) }
            let kept =
                compounds.filter { !bad.contains($0.file) }
                + modules.compounds.filter { bad.contains($0.file) }
            return failed.map(\.description) + bad.sorted().map(notReloaded)
                + (rest.isEmpty ? [] : apply(kept, rest))
        }
        let before = Set(modules.errors.map(\.description))
        var lines = new.errors.map(\.description).filter { !before.contains($0) }
        modules = new
        let changed = Set(saved.map(ModuleFile.type))
        let outcome = editor.replaceModules(new.registry, changed: changed)
        wake()
        lines += outcome.faults.flatMap {
            ["\($0.name): \($0)", "\($0.name): not rebuilt; the previous version keeps playing"]
        }
        for name in changed.sorted() { lines.append("module \(name): reloaded") }
        for commit in outcome.commits {
            lines.append(
                "\(commit.patch.name): rebuilt with the new module" + commit.lost.map { "; \($0)" }.joined())
        }
        return lines
    }

    private func notReloaded(_ path: String) -> String {
        "\(path): not reloaded; the previous version keeps playing"
    }
}
