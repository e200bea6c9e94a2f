import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles

// Named sets of values of the patch that is edited.
extension OSCDispatcher {
    static let presetCommands: [OSCCommand] = [
        OSCCommand(
            "/preset/save", [.text("name")],
            "Keeps all values of the patch that is edited (`/patch/layer`) under a name, in the player's own folder. One of this name is replaced.",
            answer: "the file, how many values", example: "/preset/save s dark-verse"
        ) { console, call in try console.savePreset(call) },
        OSCCommand(
            "/preset/load", [.text("name")],
            "Moves the values there, as smoothly as knobs would.",
            answer: "how many values; names that the patch has no longer",
            example: "/preset/load s dark-verse"
        ) { console, call in try console.loadPreset(call) },
        OSCCommand(
            "/preset/list", "The presets of the patch that is edited.", answer: "names",
            example: "/preset/list"
        ) { console, call in
            try console.presetFile(call).presets.list.map { .string($0.name.text) }
        },
        OSCCommand(
            "/preset/delete", [.text("name")],
            "Takes a preset away. The file as it was stays beside it, with '~'.",
            example: "/preset/delete s dark-verse"
        ) { console, call in
            var (path, presets) = try console.presetFile(call)
            presets.list.remove(at: try console.place(call, presets))
            try console.write(PresetFile.text(presets), to: path, name: call.text(0))
            return []
        },
    ]

    /// The presets of the patch that a client edits, and their file.
    private func presetFile(_ call: OSCRequest) throws -> (path: String, presets: Presets) {
        let stem = engine.sounds[try sound(of: call.client)].compiled.fileStem
        // A name of a patch may hold anything; that of a file may not.
        let safe = String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" })
        let path = host.presetFolder + "/" + String(safe.prefix(64)) + ".yaml"
        guard FileManager.default.fileExists(atPath: path) else { return (path, Presets(patch: stem)) }
        do { return (path, try PresetFile.read(path: path)) } catch {
            throw OSCError(.file, error.description, name: stem)
        }
    }

    private func place(_ call: OSCRequest, _ presets: Presets) throws -> Int {
        let name = call.text(0)
        guard let place = presets.list.firstIndex(where: { $0.name.text == name }) else {
            throw EditError(
                .unknownName,
                "'\(presets.patch)' has no preset '\(name.prefix(64))'"
                    + didYouMean(String(name.prefix(64)), among: presets.list.map(\.name.text)),
                name: String(name.prefix(64)))
        }
        return place
    }

    private func savePreset(_ call: OSCRequest) throws -> [OSCValue] {
        let name = call.text(0)
        guard Draft.isName(name) else {
            throw EditError(
                .badName,
                "'\(name.prefix(64))' is no name of a preset: letters, digits, '-' and '_', beginning with a letter, 64 at most",
                name: String(name.prefix(64)))
        }
        var (path, presets) = try presetFile(call)
        let layer = layer(of: call.client)
        guard let played = try values().first(where: { $0.layer == layer }) else {
            throw OSCError(.nothingPlays, "no patch sounds yet", name: name)
        }
        let known = self.presets(of: played.sound)
        let preset = Presets.Preset(
            name: Patch.Text(name),
            values: played.values.filter { known[$0.name] != nil }.map { name, spec, value in
                SetList.Value(Patch.Text(name), Patch.Text(spec.text(value)))
            })
        if let place = presets.list.firstIndex(where: { $0.name.text == name }) {
            presets.list[place] = preset
        } else {
            guard presets.list.count < PresetFile.limit else {
                throw EditError(
                    .tooMuch, "'\(presets.patch)' has \(PresetFile.limit) presets already", name: name)
            }
            presets.list.append(preset)
        }
        try write(PresetFile.text(presets), to: path, name: name)
        return [.string(path), .count(preset.values.count)]
    }

    private func loadPreset(_ call: OSCRequest) throws -> [OSCValue] {
        let (path, presets) = try presetFile(call)
        let preset = presets.list[try place(call, presets)], layer = layer(of: call.client)
        let known = self.presets(of: try sound(of: call.client))
        var values: [Engine.LayerValue] = [], lost: [OSCValue] = []
        for item in preset.values {
            let words = item.macro.text.split(separator: ".", maxSplits: 1).map(String.init)
            guard words.count == 2, let spec = known[item.macro.text]?.spec else {
                lost.append(.string(item.macro.text))
                continue
            }
            do {
                values.append((layer, ParamKeys.key(words[0], words[1]), try spec.parse(item.value.text)))
            } catch {
                let place = item.value.place
                throw OSCError(
                    .file, "\(path):\(place.line):\(place.column): \(item.macro.text): \(error)",
                    name: preset.name.text)
            }
        }
        try send(values)
        return [.count(values.count)] + lost
    }
}
