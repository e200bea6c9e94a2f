import CRealtime
import Foundation
import KairosEngine
import KairosFiles

/// Offers a module that is saved at once, to patches and to those who edit, and lets what plays and uses it follow.
final class ModuleReloading {
    private let watch: FolderWatch
    private let bench: PatchEditor
    private let wake: () -> Void
    private let folders: [String]
    /// What the files say, as it was last good.
    private var modules: KnownModules

    /// Over the folders of modules; nil where the system cannot watch them.
    init?(_ folders: [String], _ modules: KnownModules, _ bench: PatchEditor, wake: @escaping () -> Void) {
        guard let watch = FolderWatch(folders) else { return nil }
        self.watch = watch
        self.folders = folders
        self.modules = modules
        self.bench = bench
        self.wake = wake
    }

    /// Looks, and returns what the player should know.
    func tend() -> [String] {
        // What is saved together is taken together: one may need the other.
        let paths = watch.take(now: crt_now()).filter(FileName.isYAML)
        return paths.isEmpty ? [] : take(paths)
    }

    private func take(_ paths: [String]) -> [String] {
        var lines: [String] = []
        var subPatches = modules.subPatches
        var saved: [String] = []
        // One that an earlier folder has is not this one.
        let files = Library.files(in: folders)
        for path in paths {
            guard files.contains(path) else {
                if !FileManager.default.fileExists(atPath: path) {
                    lines.append("\(path) is gone; what uses it plays on as it was")
                }
                continue
            }
            do {
                let subPatch = try ModuleFile.read(path: path)
                guard !subPatches.contains(subPatch) else { continue }
                subPatches.removeAll { $0.name == subPatch.name }
                subPatches.append(subPatch)
                saved.append(path)
            } catch { lines += ["\(error)", unchanged(path)] }
        }
        return lines + (saved.isEmpty ? [] : offer(subPatches, saved))
    }

    private func offer(_ subPatches: [SubPatch], _ saved: [String]) -> [String] {
        let new = KnownModules(subPatches)
        // What is broken itself is not taken; what it breaks elsewhere is told of, and waits to be put right.
        let failed = new.errors.filter { saved.contains($0.file) }
        guard failed.isEmpty else {
            let bad = Set(failed.map(\.file))
            let rest = saved.filter { !bad.contains($0) }
            let kept =
                subPatches.filter { !bad.contains($0.file) }
                + modules.subPatches.filter { bad.contains($0.file) }
            return failed.map(\.description) + bad.sorted().map(unchanged)
                + (rest.isEmpty ? [] : offer(kept, rest))
        }
        let before = Set(modules.errors.map(\.description))
        var lines = new.errors.map(\.description).filter { !before.contains($0) }
        modules = new
        let changed = Set(saved.map(ModuleFile.type))
        let outcome = bench.offer(new.registry, changed: changed)
        wake()
        lines += outcome.faults.flatMap { ["\($0.name): \($0)", "\($0.name): plays on as it was"] }
        for name in changed.sorted() { lines.append("module \(name): as it was saved") }
        for commit in outcome.commits {
            lines.append("\(commit.patch.name): made anew" + commit.lost.map { "; \($0)" }.joined())
        }
        return lines
    }

    private func unchanged(_ path: String) -> String {
        "\(path): nothing is changed; what uses it plays on as it was"
    }
}
