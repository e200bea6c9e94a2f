import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import KairosSession

/// The commands under `/preset`: named sets of values of the edited patch.
struct PresetCommands: CommandGroup {
    private let dispatcher: OSCDispatcher

    init(_ dispatcher: OSCDispatcher) { self.dispatcher = dispatcher }

    static let commands: [OSCCommand] = [
        command(
            "/preset/save", [.text("name")],
            "Saves all values of the edited patch (see `/patch/layer`) as a preset in the user's preset folder. A preset with the same name is replaced.",
            answer: "the file, number of values", example: "/preset/save s dark-verse"
        ) { group, request in try group.save(request) },
        command(
            "/preset/load", [.text("name")],
            "Sets the values of a preset, smoothed like controller movements.",
            answer: "number of values; names of parameters that the patch no longer has",
            example: "/preset/load s dark-verse"
        ) { group, request in try group.load(request) },
        command(
            "/preset/list", "Lists the presets of the edited patch.", answer: "names",
            example: "/preset/list"
        ) { group, request in
            try group.presetFile(request).presets.list.map { .string($0.name.text) }
        },
        command(
            "/preset/delete", [.text("name")],
            "Deletes a preset. The previous file is kept as a copy whose name ends in '~'.",
            example: "/preset/delete s dark-verse"
        ) { group, request in
            var (path, presets) = try group.presetFile(request)
            presets.list.remove(at: try group.index(request, presets))
            let store = group.dispatcher.host.store
            try UserFile.write(store.text(presets), to: path, name: request.text(0), store)
            return []
        },
    ]

    /// The presets of the patch that the client edits, and the path of their file, which need not exist.
    private func presetFile(_ request: OSCRequest) throws -> (path: String, presets: Presets) {
        let sound = try dispatcher.sound(of: request.client)
        let stem = dispatcher.engine.sounds[sound].compiled.fileStem
        // A patch name may have any characters; a file name may not.
        let safe = String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" })
        let path = dispatcher.host.presetFolder + "/" + String(safe.prefix(64)) + ".yaml"
        do { return (path, try dispatcher.host.store.presets(path: path, patch: stem)) } catch {
            throw OSCError(.file, error.description, name: stem)
        }
    }

    /// The index of the requested preset. Throws `unknown-name`.
    private func index(_ request: OSCRequest, _ presets: Presets) throws -> Int {
        let name = request.text(0)
        guard let index = presets.list.firstIndex(where: { $0.name.text == name }) else {
            throw EditError(
                .unknownName,
                "'\(presets.patch)' has no preset '\(name.prefix(64))'"
                    + didYouMean(String(name.prefix(64)), among: presets.list.map(\.name.text)),
                name: String(name.prefix(64)))
        }
        return index
    }

    private func save(_ request: OSCRequest) throws -> [OSCValue] {
        let name = request.text(0)
        try UserFile.checkName(name, of: "preset")
        var (path, presets) = try presetFile(request)
        let layer = dispatcher.layer(of: request.client)
        guard let played = try dispatcher.values().first(where: { $0.layer == layer }) else {
            throw OSCError(.nothingPlays, "no patch sounds yet", name: name)
        }
        let known = dispatcher.snapshots.initialValues(of: played.sound)
        let preset = Presets.Preset(
            name: Patch.Text(name),
            values: played.values.filter { known[$0.name] != nil }.map { name, spec, value in
                SetList.Value(Patch.Text(name), Patch.Text(spec.text(value)))
            })
        if let index = presets.list.firstIndex(where: { $0.name.text == name }) {
            presets.list[index] = preset
        } else {
            guard presets.list.count < Presets.limit else {
                throw EditError(
                    .tooMuch, "'\(presets.patch)' already has \(Presets.limit) presets, the maximum",
                    name: name)
            }
            presets.list.append(preset)
        }
        let store = dispatcher.host.store
        try UserFile.write(store.text(presets), to: path, name: name, store)
        return [.string(path), .count(preset.values.count)]
    }

    private func load(_ request: OSCRequest) throws -> [OSCValue] {
        let (path, presets) = try presetFile(request)
        let preset = presets.list[try index(request, presets)]
        let layer = dispatcher.layer(of: request.client)
        let known = dispatcher.snapshots.initialValues(of: try dispatcher.sound(of: request.client))
        var values: [Engine.LayerValue] = [], missing: [OSCValue] = []
        for item in preset.values {
            let words = item.macro.text.split(separator: ".", maxSplits: 1).map(String.init)
            guard words.count == 2, let spec = known[item.macro.text]?.spec else {
                missing.append(.string(item.macro.text))
                continue
            }
            do {
                values.append(
                    (layer, ParamKeys.key(words[0], words[1]), try spec.parseValue(item.value.text)))
            } catch {
                let place = item.value.place
                throw OSCError(
                    .file, "\(path):\(place.line):\(place.column): \(item.macro.text): \(error)",
                    name: preset.name.text)
            }
        }
        try dispatcher.snapshots.send(values)
        return [.count(values.count)] + missing
    }
}
