import Foundation
import KairosControl
import KairosDSP
import KairosEngine

/// A state with everything looked up in what there is to play, and what did not fit.
///
/// > Control threads.
public struct StatePlan: Sendable {
    /// The place of the entry, where there is one.
    public private(set) var entry: Int?
    /// The patches to take, as whole patches of the files they belong to.
    public private(set) var edits: [Patch] = []
    /// The values to set.
    public private(set) var values: [Engine.PartValue] = []
    /// Tempo, volumes, tunings, and macros that stay by their numbers.
    public private(set) var settings: LiveSettings
    /// The scale of patches that have none.
    public private(set) var scale: Tuning?
    /// Everything that does not fit, with its place.
    public private(set) var faults: [Diagnostic] = []

    private let state: InstrumentState
    private let file: String
    private let repertoire: Repertoire
    private let catalog: ModuleCatalog
    private var compiled: [Int: CompiledPatch] = [:]

    /// Looks a state up that was read from `file`.
    public init(
        _ state: InstrumentState, file: String, owner: InstrumentState.Owner, repertoire: Repertoire,
        catalog: ModuleCatalog
    ) {
        self.state = state
        self.file = file
        self.repertoire = repertoire
        self.catalog = catalog
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
        for part in state.parts { take(part) }
        take(state.stays)
    }

    /// Leaves the edits out, because they cannot be played. Their values go with them.
    public func withoutEdits() -> StatePlan {
        var state = state
        state.edits = []
        return StatePlan(state, file: file, owner: state.owner, repertoire: repertoire, catalog: catalog)
    }

    private mutating func fault(_ place: Patch.Place, _ message: String) {
        faults.append(Diagnostic(file: file, line: place.line, column: place.column, message: message))
    }

    /// By its name; where several have it, by its number.
    private mutating func find(_ entry: InstrumentState.Entry) -> Int? {
        let named = repertoire.entries.indices.filter { repertoire.entries[$0].name == entry.name.text }
        let exact = named.first { repertoire.entries[$0].number == entry.number }
        guard let place = exact ?? named.first else {
            let near = didYouMean(entry.name.text, among: repertoire.entries.map(\.name))
            fault(entry.name.place, "there is no entry '\(entry.name.text)' any more\(near)")
            return nil
        }
        if let why = repertoire.entries[place].fault {
            fault(entry.name.place, "'\(entry.name.text)' is broken: \(why)")
            return nil
        }
        return place
    }

    private mutating func take(_ edit: InstrumentState.Edit) {
        let places = repertoire.sounds.indices.filter {
            repertoire.sounds[$0].header.names.stem == edit.file.text
        }
        guard let first = places.first else {
            fault(edit.file.place, "no entry plays a patch '\(edit.file.text)' any more")
            return
        }
        let base = repertoire.sounds[first].compiled.patch
        guard Self.base(of: base) == edit.base else {
            fault(
                edit.file.place,
                "the file of '\(edit.file.text)' was changed since it was edited here; the file counts")
            return
        }
        var patch = edit.patch
        patch.file = base.file
        do {
            var new = try CompiledPatch(patch, catalog: catalog)
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
    public static func base(of patch: Patch) -> String { InstrumentState.fingerprint(written(patch)) }

    private mutating func take(_ part: InstrumentState.Part) {
        var sound = part.part == 16 ? repertoire.rack : nil
        if part.part < 16 {
            // Without its entry there is nobody to have them, and that was said.
            guard let entry else { return }
            let parts = repertoire.entries[entry].parts
            sound = parts.indices.contains(part.part) ? parts[part.part].sound : nil
        }
        let place = part.part == 16 ? "the rack" : "part \(part.part + 1)"
        guard let sound else {
            fault(part.patch.place, "nothing plays '\(part.patch.text)' in \(place) any more")
            return
        }
        let patch = compiled[sound] ?? repertoire.sounds[sound].compiled
        guard patch.fileStem == part.patch.text else {
            fault(part.patch.place, "\(place) plays '\(patch.fileStem)' now, and not '\(part.patch.text)'")
            return
        }
        let presets = patch.presets
        for value in part.values {
            let words = value.macro.text.split(separator: ".", omittingEmptySubsequences: false)
            guard words.count == 2, let spec = presets[value.macro.text]?.spec else {
                fault(
                    value.macro.place,
                    "'\(part.patch.text)' has no parameter '\(value.macro.text)'"
                        + didYouMean(value.macro.text, among: Array(presets.keys)))
                continue
            }
            do {
                let number = try spec.parse(value.value.text)
                values.append(
                    (part.part, ParamKeys.key(String(words[0]), String(words[1])), number))
            } catch { fault(value.value.place, "\(value.macro.text): \(error)") }
        }
    }

    private mutating func take(_ stays: [InstrumentState.Stay]) {
        let names = repertoire.sounds.first?.stays ?? []
        settings.stays = Array(repeating: nil, count: 16)
        for stay in stays {
            guard let place = names.prefix(16).firstIndex(of: stay.name.text) else {
                fault(
                    stay.name.place,
                    "no macro '\(stay.name.text)' stays here" + didYouMean(stay.name.text, among: names))
                continue
            }
            settings.stays[place] = stay.position
        }
    }
}
