import CRealtime
import Foundation
import KairosEngine
import KairosFiles

/// Lets a patch that is saved sound at once, and says what is wrong with one that is not.
final class Reloading {
    private let watch: FolderWatch
    private let bench: Workbench
    private let sounds: LiveSounds
    private let wake: () -> Void
    private var last: [String: String] = [:]

    /// Over the folders of patches; nil where the system cannot watch them.
    init?(_ folders: [String], _ bench: Workbench, _ sounds: LiveSounds, wake: @escaping () -> Void) {
        guard let watch = FolderWatch(folders) else { return nil }
        self.watch = watch
        self.bench = bench
        self.sounds = sounds
        self.wake = wake
    }

    /// Looks, and returns what the player should know.
    func tend() -> [String] { watch.take(now: crt_now()).flatMap(changed) }

    private func changed(_ path: String) -> [String] {
        if path.hasSuffix(SetListFile.ending) {
            return ["\(path): a set list is read when Kairos starts; it plays on as it was"]
        }
        if path.hasSuffix(".scl") || path.hasSuffix(".kbm") { return retune(path) }
        guard FileManager.default.fileExists(atPath: path) else {
            return plays(path) ? ["\(path) is gone; it plays on as it was"] : []
        }
        do {
            let patch = try PatchFile.read(path: path)
            guard plays(path) else { return ["\(path): no entry plays it; it is there when Kairos starts"] }
            let text = PatchFile.text(patch)
            guard last.updateValue(text, forKey: path) != text else { return [] }
            // Its faults are told with their places in the file.
            _ = try CompiledPatch(tuned: patch, catalog: bench.catalog)
            return [said(try bench.take(patch))]
        } catch {
            last[path] = nil
            return ["\(error)", "\(path): nothing is changed; it plays on as it was"]
        }
    }

    /// Patches that name a scale are made anew with it.
    private func retune(_ path: String) -> [String] {
        let name = URL(fileURLWithPath: path).lastPathComponent
        var lines: [String] = [], seen: Set<String> = []
        for index in 0..<sounds.count {
            let patch = sounds[index].compiled.patch
            guard [patch.tuning?.text, patch.keyboard?.text].contains(name), seen.insert(patch.file).inserted
            else { continue }
            do { lines.append(said(try bench.take(patch))) } catch {
                lines += ["\(error)", "\(path): nothing is changed; \(patch.name) plays on as it was"]
            }
        }
        return lines
    }

    private func plays(_ path: String) -> Bool {
        (0..<sounds.count).contains { sounds[$0].compiled.patch.file == path }
    }

    private func said(_ commit: Workbench.Commit) -> String {
        wake()
        return "\(commit.patch.name): as it was saved" + commit.lost.map { "; \($0)" }.joined()
    }
}
