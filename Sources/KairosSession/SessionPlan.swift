import Foundation
public import KairosCompiler
public import KairosControl
import KairosDSP
public import KairosEngine
public import KairosPatch

/// A saved session with its names resolved in a rig: the values to restore, and a diagnostic for each that cannot be
/// restored. [control]
public struct SessionPlan: Sendable {
    /// Index of the active entry; nil if it does not exist or has failed.
    public private(set) var entry: Int?
    /// The edited patches to load, with the files that they belong to.
    public private(set) var edits: [Patch] = []
    /// The parameter values to set.
    public private(set) var values: [Engine.LayerValue] = []
    /// Tempo, volumes, tunings, and the values of kept macros by index.
    public private(set) var settings: LiveSettings
    /// The tuning of patches without one; nil for equal temperament.
    public private(set) var scale: Tuning?
    /// A diagnostic for everything that cannot be restored.
    public private(set) var faults: [Diagnostic] = []

    private let session: SavedSession
    private let file: String
    private let rig: Rig
    private let registry: ModuleRegistry
    private let store: any PatchStore
    /// The edited patches, compiled, by index of the sound.
    private var compiled: [Int: CompiledPatch] = [:]

    /// Resolves a session that was read from `file`. If it belongs to another `owner`, only its settings are
    /// restored. `store` reads the patches that it edits.
    public init(
        _ session: SavedSession, file: String, owner: SavedSession.Owner, rig: Rig,
        registry: ModuleRegistry, store: any PatchStore
    ) {
        self.session = session
        self.file = file
        self.rig = rig
        self.registry = registry
        self.store = store
        settings = session.settings
        guard session.owner == owner else {
            let (saved, present) = (session.owner.description, owner.description)
            report(
                Patch.Place(line: 1, column: 1),
                "this session belongs to \(saved.isEmpty ? "the default patches" : saved); "
                    + "loaded now: \(present.isEmpty ? "the default patches" : present)"
            )
            return
        }
        scale = session.scale
        for edit in session.edits { resolve(edit) }
        entry = session.entry.flatMap { find($0) }
        for layer in session.layers { resolve(layer) }
        resolve(session.keptMacros)
    }

    /// The plan without the edited patches, for the case that they cannot be played. Values of parameters
    /// that only the edited patches have are omitted too.
    public func withoutEdits() -> SessionPlan {
        var session = session
        session.edits = []
        return SessionPlan(
            session, file: file, owner: session.owner, rig: rig, registry: registry, store: store)
    }

    private mutating func report(_ place: Patch.Place, _ message: String) {
        faults.append(Diagnostic(file: file, line: place.line, column: place.column, message: message))
    }

    /// The index of the entry with the same name; if there are several, preferably the one with the same
    /// number.
    private mutating func find(_ entry: SavedSession.Entry) -> Int? {
        let named = rig.entries.indices.filter { rig.entries[$0].name == entry.name.text }
        let exact = named.first { rig.entries[$0].number == entry.number }
        guard let index = exact ?? named.first else {
            let near = didYouMean(entry.name.text, among: rig.entries.map(\.name))
            report(entry.name.place, "there is no entry '\(entry.name.text)' any more\(near)")
            return nil
        }
        if let reason = rig.entries[index].fault {
            report(entry.name.place, "'\(entry.name.text)' has failed: \(reason)")
            return nil
        }
        return index
    }

    /// Compiles an edited patch, unless its file has changed since.
    private mutating func resolve(_ edit: SavedSession.Edit) {
        let sounds = rig.sounds.indices.filter {
            rig.sounds[$0].header.names.stem == edit.file.text
        }
        guard let first = sounds.first else {
            report(edit.file.place, "no entry plays the patch '\(edit.file.text)' any more")
            return
        }
        let base = rig.sounds[first].compiled.patch
        guard store.fingerprint(of: base) == edit.base else {
            report(
                edit.file.place,
                "the file of '\(edit.file.text)' was changed since this "
                    + "edit was made; the file is used, and not the edit"
            )
            return
        }
        var patch = edit.patch
        patch.file = base.file
        do {
            var new = try CompiledPatch(patch, registry: registry)
            new.tuning = try store.tuning(of: patch)
            for sound in sounds { compiled[sound] = new }
            edits.append(patch)
        } catch let error as PatchError {
            for item in error.faults { report(item.place, item.message) }
        } catch { report(edit.file.place, "\(error)") }
    }

    /// Resolves the values of a layer or of the master effects.
    private mutating func resolve(_ layer: SavedSession.Layer) {
        var sound = layer.layer == 16 ? rig.master : nil
        if layer.layer < 16 {
            // Without its entry the values have no target; the missing entry was reported.
            guard let entry else { return }
            let layers = rig.entries[entry].layers
            sound = layers.indices.contains(layer.layer) ? layers[layer.layer].sound : nil
        }
        let name = layer.layer == 16 ? "the master effects" : "layer \(layer.layer + 1)"
        guard let sound else {
            report(layer.patch.place, "'\(layer.patch.text)' does not play in \(name) any more")
            return
        }
        let patch = compiled[sound] ?? rig.sounds[sound].compiled
        guard patch.fileStem == layer.patch.text else {
            report(
                layer.patch.place,
                "the patch of \(name) is '\(patch.fileStem)' now, not '\(layer.patch.text)'")
            return
        }
        let presets = patch.presets
        for value in layer.values {
            let words = value.macro.text.split(separator: ".", omittingEmptySubsequences: false)
            guard words.count == 2, let spec = presets[value.macro.text]?.spec else {
                report(
                    value.macro.place,
                    "'\(layer.patch.text)' has no parameter '\(value.macro.text)'"
                        + didYouMean(value.macro.text, among: Array(presets.keys)))
                continue
            }
            do {
                let number = try spec.parseValue(value.value.text)
                values.append(
                    (layer.layer, ParamKeys.key(String(words[0]), String(words[1])), number))
            } catch { report(value.value.place, "\(value.macro.text): \(error)") }
        }
    }

    /// Resolves the kept macros to their indices.
    private mutating func resolve(_ keptMacros: [SavedSession.KeptMacro]) {
        let names = rig.sounds.first?.keptMacros ?? []
        settings.keptMacros = Array(repeating: nil, count: 16)
        for macro in keptMacros {
            guard let index = names.prefix(16).firstIndex(of: macro.name.text) else {
                report(
                    macro.name.place,
                    "'\(macro.name.text)' is not a kept macro here"
                        + didYouMean(macro.name.text, among: names))
                continue
            }
            settings.keptMacros[index] = macro.normalized
        }
    }
}
