import Foundation
import KairosControl
import KairosDSP
import KairosEngine

/// A state with everything looked up in what there is to play, and what did not fit.
///
/// > Control threads.
public struct SessionPlan: Sendable {
    /// The place of the entry, where there is one.
    public private(set) var entry: Int?
    /// The patches to take, as whole patches of the files they belong to.
    public private(set) var edits: [Patch] = []
    /// The values to set.
    public private(set) var values: [Engine.LayerValue] = []
    /// Tempo, volumes, tunings, and macros that stay by their numbers.
    public private(set) var settings: LiveSettings
    /// The scale of patches that have none.
    public private(set) var scale: Tuning?
    /// Everything that does not fit, with its place.
    public private(set) var faults: [Diagnostic] = []

    private let state: SavedSession
    private let file: String
    private let rig: Rig
    private let registry: ModuleRegistry
    private var compiled: [Int: CompiledPatch] = [:]

    /// Looks a state up that was read from `file`.
    public init(
        _ state: SavedSession, file: String, owner: SavedSession.Owner, rig: Rig,
        registry: ModuleRegistry
    ) {
        self.state = state
        self.file = file
        self.rig = rig
        self.registry = registry
        settings = state.settings
        guard state.owner == owner else {
            let (its, ours) = (state.owner.description, owner.description)
            fault(
                Patch.Place(line: 1, column: 1),
                "this is the state of \(its.isEmpty ? "the usual patches" : its); what plays now is \(ours.isEmpty ? "the usual patches" : ours)"
            )
            return
        }
        scale = state.scale
        for edit in state.edits { take(edit) }
        entry = state.entry.flatMap { find($0) }
        for layer in state.layers { take(layer) }
        take(state.keptMacros)
    }

    /// Leaves the edits out, because they cannot be played. Their values go with them.
    public func withoutEdits() -> SessionPlan {
        var state = state
        state.edits = []
        return SessionPlan(state, file: file, owner: state.owner, rig: rig, registry: registry)
    }

    private mutating func fault(_ place: Patch.Place, _ message: String) {
        faults.append(Diagnostic(file: file, line: place.line, column: place.column, message: message))
    }

    /// By its name; where several have it, by its number.
    private mutating func find(_ entry: SavedSession.Entry) -> Int? {
        let named = rig.entries.indices.filter { rig.entries[$0].name == entry.name.text }
        let exact = named.first { rig.entries[$0].number == entry.number }
        guard let place = exact ?? named.first else {
            let near = didYouMean(entry.name.text, among: rig.entries.map(\.name))
            fault(entry.name.place, "there is no entry '\(entry.name.text)' any more\(near)")
            return nil
        }
        if let why = rig.entries[place].fault {
            fault(entry.name.place, "'\(entry.name.text)' has failed: \(why)")
            return nil
        }
        return place
    }

    private mutating func take(_ edit: SavedSession.Edit) {
        let places = rig.sounds.indices.filter {
            rig.sounds[$0].header.names.stem == edit.file.text
        }
        guard let first = places.first else {
            fault(edit.file.place, "no entry plays a patch '\(edit.file.text)' any more")
            return
        }
        let base = rig.sounds[first].compiled.patch
        guard Self.base(of: base) == edit.base else {
            fault(
                edit.file.place,
                "the file of '\(edit.file.text)' was changed since it was edited here; the file counts")
            return
        }
        var patch = edit.patch
        patch.file = base.file
        do {
            var new = try CompiledPatch(patch, registry: registry)
            new.tuning = try ScalaFile.tuning(of: patch)
            for place in places { compiled[place] = new }
            edits.append(patch)
        } catch let error as PatchError {
            for item in error.faults { fault(item.place, item.message) }
        } catch { fault(edit.file.place, "\(error)") }
    }

    /// What a patch's file says now, in our own words; of the patch itself where there is no file.
    public static func written(_ patch: Patch) -> String {
        PatchFile.text((try? PatchFile.read(path: patch.file)) ?? patch)
    }

    /// Its fingerprint.
    public static func base(of patch: Patch) -> String { SavedSession.fingerprint(written(patch)) }

    private mutating func take(_ layer: SavedSession.Layer) {
        var sound = layer.layer == 16 ? rig.master : nil
        if layer.layer < 16 {
            // Without its entry there is nobody to have them, and that was said.
            guard let entry else { return }
            let layers = rig.entries[entry].layers
            sound = layers.indices.contains(layer.layer) ? layers[layer.layer].sound : nil
        }
        let place = layer.layer == 16 ? "the master effects" : "layer \(layer.layer + 1)"
        guard let sound else {
            fault(layer.patch.place, "nothing plays '\(layer.patch.text)' in \(place) any more")
            return
        }
        let patch = compiled[sound] ?? rig.sounds[sound].compiled
        guard patch.fileStem == layer.patch.text else {
            fault(layer.patch.place, "\(place) plays '\(patch.fileStem)' now, and not '\(layer.patch.text)'")
            return
        }
        let presets = patch.presets
        for value in layer.values {
            let words = value.macro.text.split(separator: ".", omittingEmptySubsequences: false)
            guard words.count == 2, let spec = presets[value.macro.text]?.spec else {
                fault(
                    value.macro.place,
                    "'\(layer.patch.text)' has no parameter '\(value.macro.text)'"
                        + didYouMean(value.macro.text, among: Array(presets.keys)))
                continue
            }
            do {
                let number = try spec.parse(value.value.text)
                values.append(
                    (layer.layer, ParamKeys.key(String(words[0]), String(words[1])), number))
            } catch { fault(value.value.place, "\(value.macro.text): \(error)") }
        }
    }

    private mutating func take(_ keptMacros: [SavedSession.KeptMacro]) {
        let names = rig.sounds.first?.keptMacros ?? []
        settings.keptMacros = Array(repeating: nil, count: 16)
        for stay in keptMacros {
            guard let place = names.prefix(16).firstIndex(of: stay.name.text) else {
                fault(
                    stay.name.place,
                    "no macro '\(stay.name.text)' stays here" + didYouMean(stay.name.text, among: names))
                continue
            }
            settings.keptMacros[place] = stay.position
        }
    }
}
