import Foundation
import KairosCompiler
import KairosControl
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession

/// Reads the saved session and restores it in steps while the instrument starts: `read`, `restoreEdits`,
/// `restore`.
final class SessionRestorer {
    /// The session file; the session is also saved here while playing.
    let path: String
    /// The set list or folder that the session belongs to.
    let owner: SavedSession.Owner
    private var saved: SavedSession?
    private var plan: SessionPlan?
    /// True once a copy of the old file has been made.
    private var hasBackup = false
    /// The number of parameter values that were restored.
    private var restoredValues = 0

    /// The session in the file at `path`; nothing is read before ``read(_:_:)``.
    init(path: String, owner: SavedSession.Owner) {
        self.path = path
        self.owner = owner
    }

    /// Reads the session file and resolves its names in `rig`. Returns messages for the user. If the file has
    /// errors, a copy is kept as `path~`.
    func read(_ rig: Rig, _ registry: ModuleRegistry) -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            let found = try SessionFile.read(path: path)
            saved = found
            plan = SessionPlan(
                found, file: path, owner: owner, rig: rig, registry: registry, store: FileStore())
            return messages(plan?.faults ?? [])
        } catch {
            return messages(error.list) + ["the session cannot be read; starting fresh"]
        }
    }

    /// Messages for the first four errors, and the name of the backup, which is made at the first call.
    private func messages(_ faults: [Diagnostic]) -> [String] {
        guard !faults.isEmpty else { return [] }
        var lines = faults.prefix(4).map(\.description)
        if faults.count > 4 { lines.append("and \(faults.count - 4) more") }
        if !hasBackup {
            hasBackup = DurableFile.setAside(path)
            if hasBackup { lines.append("the previous session was saved as \(path)~") }
        }
        return lines
    }

    /// The index of the saved entry; nil if it does not exist any more.
    var entry: Int? { plan?.entry }
    /// The saved scale; nil if none was set.
    var scale: Tuning? { plan?.scale }

    /// Replaces patches by their edited versions. Must be called before the first patch instance is built.
    /// Returns messages for the user.
    func restoreEdits(_ editor: PatchEditor) -> [String] {
        var lines: [String] = []
        for patch in plan?.edits ?? [] {
            do { lines += try editor.applyExternalChange(patch).lost } catch { lines.append("\(error)") }
        }
        return lines
    }

    /// Restores the patches from their files, because an edited version failed its self-test for `reason`.
    /// Returns messages for the user.
    func revertEdits(_ editor: PatchEditor, _ rig: Rig, because reason: String) -> [String] {
        guard let plan, !plan.edits.isEmpty else { return [] }
        for patch in plan.edits {
            let key = PatchEditor.key(patch)
            for sound in rig.sounds where PatchEditor.key(sound.header) == key {
                _ = try? editor.applyExternalChange(sound.compiled.patch)
                break
            }
        }
        self.plan = plan.withoutEdits()
        return messages([Diagnostic(file: path, message: "the edited patch cannot be used: \(reason)")])
    }

    /// Restores parameter values and settings. Must be called before the first block; `entry` is the entry
    /// that starts. Returns messages for the user.
    func restore(_ engine: Engine, entry: Int) -> [String] {
        guard let plan, saved?.owner == owner else { return [] }
        let isSame = plan.entry == entry
        restoredValues = engine.begin(plan.settings, values: plan.values.filter { $0.layer == 16 || isSame })
        return [summary(engine, plan, isSame ? entry : nil)] + droneWarnings(engine, entry)
    }

    /// A message for each patch of `entry` and of the master effects that sounds without notes.
    private func droneWarnings(_ engine: Engine, _ entry: Int) -> [String] {
        let rig = engine.rig
        let sounds =
            (rig.entry(at: entry)?.layers.map(\.sound) ?? []) + (rig.master.map { [$0] } ?? [])
        var names: [String] = []
        for sound in sounds {
            let compiled = engine.sounds[sound].compiled
            if compiled.soundsWithoutNotes, !names.contains(compiled.patch.name) {
                names.append(compiled.patch.name)
            }
        }
        return names.map { "'\($0)' sounds without notes; press ! for silence" }
    }

    /// One line: what was restored, and from when.
    private func summary(_ engine: Engine, _ plan: SessionPlan, _ entry: Int?) -> String {
        var words = entry.map { ["'\(engine.rig.entries[$0].name)'"] } ?? []
        words.append("\(restoredValues) value\(restoredValues == 1 ? "" : "s")")
        let edits = plan.edits.count
        if edits > 0 { words.append("\(edits) edited patch\(edits == 1 ? "" : "es")") }
        if let scale = engine.setup.tuning { words.append("tuned to '\(scale.name)'") }
        if plan.settings.volume < 1 {
            words.append("volume \(fixed(Double(plan.settings.volume) * 100, 0)) %")
        }
        return "Restored session from \(time): \(words.joined(separator: ", ")) (--no-session starts fresh)"
    }

    /// The time at which the session was saved, with the date unless it was today.
    private var time: String {
        let stamp = saved?.saved ?? "", parts = stamp.split(separator: "T")
        guard parts.count == 2 else { return stamp.isEmpty ? "an unknown time" : stamp }
        let clock = String(parts[1].prefix(8))
        return SessionSaver.stamp().hasPrefix(parts[0] + "T") ? clock : "\(clock) on \(parts[0])"
    }
}
