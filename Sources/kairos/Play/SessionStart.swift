import Foundation
import KairosControl
import KairosEngine
import KairosFiles

/// The state that was kept, on its way back into the instrument that starts.
final class SessionStart {
    /// Where it is kept from now on.
    let path: String
    /// Whose it is.
    let owner: SavedSession.Owner
    private var state: SavedSession?
    private var plan: SessionPlan?
    private var isKept = false
    private var restored = 0

    /// Reads what is there. What cannot be read is kept beside it, and told of.
    init(path: String, owner: SavedSession.Owner) {
        self.path = path
        self.owner = owner
    }

    /// Looks the state up in what there is to play. Returns what the player should know.
    func read(_ rig: Rig, _ registry: ModuleRegistry) -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            let found = try SessionFile.read(path: path)
            state = found
            plan = SessionPlan(
                found, file: path, owner: owner, rig: rig, registry: registry)
            return tell(plan?.faults ?? [])
        } catch {
            return tell(error.list) + ["the state cannot be read: Kairos begins anew"]
        }
    }

    /// A few of the faults, and where the state as it was is found.
    private func tell(_ faults: [Diagnostic]) -> [String] {
        guard !faults.isEmpty else { return [] }
        var lines = faults.prefix(4).map(\.description)
        if faults.count > 4 { lines.append("and \(faults.count - 4) more") }
        if !isKept {
            isKept = DurableFile.setAside(path)
            if isKept { lines.append("the state as it was is kept as \(path)~") }
        }
        return lines
    }

    /// The entry to begin with, and the scale.
    var entry: Int? { plan?.entry }
    var scale: Tuning? { plan?.scale }

    /// Patches that were edited sound so again, before any program is built.
    func edit(_ bench: PatchEditor) -> [String] {
        var lines: [String] = []
        for patch in plan?.edits ?? [] {
            do { lines += try bench.take(patch).lost } catch { lines.append("\(error)") }
        }
        return lines
    }

    /// The edits cannot be played after all: the patches are as their files have them.
    func revert(_ bench: PatchEditor, _ rig: Rig, because why: String) -> [String] {
        guard let plan, !plan.edits.isEmpty else { return [] }
        for patch in plan.edits {
            let key = PatchEditor.key(patch)
            for sound in rig.sounds where PatchEditor.key(sound.header) == key {
                _ = try? bench.take(sound.compiled.patch)
                break
            }
        }
        self.plan = plan.withoutEdits()
        return tell([Diagnostic(file: path, message: "the edited patch cannot be played: \(why)")])
    }

    /// Everything stands where it stood, before the first block. `entry` is what begins.
    func begin(_ engine: Engine, entry: Int) -> [String] {
        guard let plan, state?.owner == owner else { return [] }
        let isSame = plan.entry == entry
        restored = engine.begin(plan.settings, values: plan.values.filter { $0.layer == 16 || isSame })
        return [line(engine, plan, isSame ? entry : nil)] + soundingAlone(engine, entry)
    }

    /// The patches of what begins, and the master effects, that sound before any key is struck.
    private func soundingAlone(_ engine: Engine, _ entry: Int) -> [String] {
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

    /// What came back, in a line.
    private func line(_ engine: Engine, _ plan: SessionPlan, _ entry: Int?) -> String {
        var words = entry.map { ["'\(engine.rig.entries[$0].name)'"] } ?? []
        words.append("\(restored) value\(restored == 1 ? "" : "s")")
        let edits = plan.edits.count
        if edits > 0 { words.append("\(edits) edited patch\(edits == 1 ? "" : "es")") }
        if let scale = engine.setup.tuning { words.append("tuned to '\(scale.name)'") }
        if plan.settings.volume < 1 {
            words.append("volume \(fixed(Double(plan.settings.volume) * 100, 0)) %")
        }
        return "as it was at \(time): \(words.joined(separator: ", ")); kairos play --no-session begins anew"
    }

    /// The time alone where it was today.
    private var time: String {
        let saved = state?.saved ?? "", parts = saved.split(separator: "T")
        guard parts.count == 2 else { return saved.isEmpty ? "some time" : saved }
        let clock = String(parts[1].prefix(8))
        return SessionSaver.stamp().hasPrefix(parts[0] + "T") ? clock : "\(clock) on \(parts[0])"
    }
}
