import CRealtime
import Foundation
import KairosDSP
import KairosEngine
import KairosFiles
import Synchronization

// The graph: drafts, commits, files.
extension OSCDispatcher {
    static let patchCommands: [OSCCommand] = [
        OSCCommand(
            "/patch/create", [.text("name"), .text("type")], "Adds a module to the draft.",
            example: "/patch/create ss osc1 sine"
        ) { console, call in
            try console.edit(call) { draft throws(EditError) in
                try draft.create(call.text(0), type: call.text(1))
            }
        },
        OSCCommand(
            "/patch/delete", [.text("name")],
            "Takes a module out of the draft, with its connections and macros.",
            example: "/patch/delete s osc1"
        ) { console, call in
            try console.edit(call) { draft throws(EditError) in try draft.delete(call.text(0)) }
        },
        OSCCommand(
            "/patch/connect", [.text("from"), .text("to"), .text("depth", optional: true)],
            "Adds a connection from an outlet to an inlet or parameter; a bare name means its first port. A parameter takes a depth.",
            example: "/patch/connect ss osc1 filt1"
        ) { console, call in
            let depth = call.has(2) ? call.text(2) : nil
            return try console.edit(call) { draft throws(EditError) in
                try draft.connect(call.text(0), call.text(1), depth: depth)
            }
        },
        OSCCommand(
            "/patch/disconnect", [.text("from"), .text("to")],
            "Takes a connection away; between bare names, all connections.",
            example: "/patch/disconnect ss osc1 filt1"
        ) { console, call in
            try console.edit(call) { draft throws(EditError) in
                try draft.disconnect(call.text(0), call.text(1))
            }
        },
        OSCCommand(
            "/patch/rename", [.text("name"), .text("new")], "Gives a module another name.",
            example: "/patch/rename ss osc1 carrier"
        ) { console, call in
            try console.edit(call) { draft throws(EditError) in
                try draft.rename(call.text(0), to: call.text(1))
            }
        },
        OSCCommand("/patch/clear", "Takes everything out of the draft.", example: "/patch/clear") {
            console, call in
            try console.edit(call) { draft throws(EditError) in draft.clear() }
        },
        OSCCommand(
            "/patch/commit",
            "Lets the draft sound. On failure the sound and the draft stay as they were. Modules that were made and never connected go to the output.",
            answer: "milliseconds until it sounds, names that went to the output",
            example: "/patch/commit"
        ) { console, call in
            _ = try console.sound(of: call.client)
            let began = crt_now()
            return console.done(try console.bench.commit(call.client), began, call)
        },
        OSCCommand("/patch/abort", "Throws the draft away.", example: "/patch/abort") { console, call in
            guard console.bench.abort(call.client) else {
                throw EditError(.nothing, "there is no draft to throw away", name: "draft")
            }
            return []
        },
        OSCCommand(
            "/patch/undo", "Takes the last commit back.", answer: "milliseconds until it sounds",
            example: "/patch/undo"
        ) { console, call in
            let began = crt_now()
            return console.done(try console.bench.undo(sound: console.sound(of: call.client)), began, call)
        },
        OSCCommand(
            "/patch/redo", "Takes the last undo back.", answer: "milliseconds until it sounds",
            example: "/patch/redo"
        ) { console, call in
            let began = crt_now()
            return console.done(try console.bench.redo(sound: console.sound(of: call.client)), began, call)
        },
        OSCCommand(
            "/patch/save", [.text("name")],
            "Writes what sounds, with its present values, into the player's own folder of patches. A file that is there already is kept beside it, with '~'.",
            answer: "the file", example: "/patch/save s my-bass"
        ) { console, call in [.string(try console.save(call))] },
        OSCCommand(
            "/patch/load", [.text("name")], "Puts a patch of the library into the draft.",
            example: "/patch/load s slow-tide"
        ) { console, call in
            let patch = try console.read(call.text(0))
            guard patch.modules.count <= Patch.moduleLimit, patch.connections.count <= Patch.connectionLimit
            else {
                throw OSCError(
                    .limit,
                    "'\(patch.name)' has \(patch.modules.count) modules and \(patch.connections.count) connections, and a draft holds at most \(Patch.moduleLimit) and \(Patch.connectionLimit); nothing was done",
                    name: patch.name)
            }
            return try console.edit(call) { draft throws(EditError) in draft.load(patch) }
        },
        OSCCommand(
            "/patch/list", "The patches of the library.", answer: "names", example: "/patch/list"
        ) { console, _ in
            console.files.map { .string(FileName.stem($0)) }
        },
        OSCCommand(
            "/patch/show", "The draft, or what sounds where there is none, as YAML.", answer: "the text",
            example: "/patch/show"
        ) { console, call in
            let draft = console.bench.look(call.client, sound: try console.sound(of: call.client))
            return [.string(PatchFile.text(draft.patch))]
        },
        OSCCommand(
            "/patch/check", "Whether the draft could be committed.",
            answer: "how many modules and connections",
            example: "/patch/check"
        ) { console, call in
            var draft = console.bench.look(call.client, sound: try console.sound(of: call.client))
            _ = draft.plugIn()
            do { _ = try CompiledPatch(draft.patch, registry: console.registry) } catch let error
                as PatchError
            {
                throw EditError(
                    .badPatch, error.faults.map(\.message).joined(separator: "; "), name: draft.patch.name)
            }
            return [.count(draft.patch.modules.count), .count(draft.patch.connections.count)]
        },
        OSCCommand(
            "/patch/layer", [.text("layer")],
            "Which layer of the entry is edited and asked from now on: 1 … 16, or 'master'.",
            example: "/patch/layer i 2"
        ) { console, call in
            let layer: Int
            if call.values[0] == .string("master") {
                layer = 16
            } else if let number = call.values[0].number ?? Double(call.text(0)),
                let whole = Int(exactly: number),
                (1...16).contains(whole)
            {
                layer = whole - 1
            } else {
                throw OSCError(
                    .badArguments, "a layer is 1 … 16 or 'master', and this is '\(call.text(0).prefix(40))'",
                    name: call.address)
            }
            let before = console.layer(of: call.client)
            try console.enter(call.client)
            console.clients.withLock { $0.choose(layer, for: call.client) }
            do { _ = try console.sound(of: call.client) } catch {
                console.clients.withLock { $0.choose(before, for: call.client) }
                throw error
            }
            return []
        },
    ]

    private func edit(_ call: OSCRequest, _ body: (inout Draft) throws(EditError) -> Void) throws
        -> [OSCValue]
    {
        let sound = try sound(of: call.client)
        try enter(call.client)
        try bench.edit(call.client, sound: sound, body)
        return []
    }

    private func done(_ commit: PatchEditor.Commit, _ began: UInt64, _ call: OSCRequest) -> [OSCValue] {
        [.float(Float(settle(commit, began: began, deadline: call.deadline)))]
            + (commit.plugged + commit.lost).map { .string($0) }
    }

    // MARK: files

    fileprivate var files: [String] { Library.files(in: host.folders) }

    private func read(_ name: String) throws -> Patch {
        let files = files
        let names = files.lazy.map { PatchNames(file: $0, name: FileName.stem($0)) }
        guard let file = PatchNames.find(name, in: names).map({ files[$0] }) else {
            throw EditError(
                .unknownName,
                "there is no patch '\(name.prefix(64))'"
                    + didYouMean(String(name.prefix(64)), among: files.map(FileName.stem)),
                name: String(name.prefix(64)))
        }
        do { return try PatchFile.read(path: file) } catch {
            throw OSCError(.file, error.description, name: name)
        }
    }

    /// Writes what sounds, whole or not at all.
    private func save(_ call: OSCRequest) throws -> String {
        let name = call.text(0)
        guard Draft.isName(name) else {
            throw EditError(
                .badName,
                "'\(name.prefix(64))' is no name of a patch: letters, digits, '-' and '_', beginning with a letter, 64 at most",
                name: String(name.prefix(64)))
        }
        let sound = try sound(of: call.client), layer = layer(of: call.client)
        var patch = engine.sounds[sound].compiled.patch
        for values in try values() where values.layer == layer && values.sound == sound {
            patch = patch.with(values)
        }
        // What is called otherwise is another patch: no program change has two.
        if FileName.stem(patch.file) != name {
            patch.name = name
            patch.program = nil
            patch.bank = 0
        }
        let path = host.userFolder + "/" + name + ".yaml"
        try write(PatchFile.text(patch), to: path, name: name)
        return path
    }

    /// Writes a file whole or not at all, so that a power cut cannot take it away afterwards. A file that stands there
    /// is kept beside it, with '~'.
    func write(_ text: String, to path: String, name: String) throws(OSCError) {
        if FileManager.default.fileExists(atPath: path), !DurableFile.setAside(path) {
            throw OSCError(
                .file,
                "\(path): not written, because '\(path)~' cannot be written to keep the former file in",
                name: name)
        }
        do { try DurableFile.write(text, to: path) } catch {
            throw OSCError(.file, error.description, name: name)
        }
    }
}

extension Patch {
    /// The patch with the values that it is played with.
    public func with(_ values: LayerValues) -> Patch {
        var patch = self
        for (name, spec, value) in values.values {
            let layers = name.split(separator: ".").map(String.init)
            guard layers.count == 2,
                let place = patch.modules.firstIndex(where: { $0.name.text == layers[0] })
            else { continue }
            let setting = patch.modules[place].settings.firstIndex { $0.symbol.text == layers[1] }
            let before = setting.map { patch.modules[place].settings[$0].value.text }
            let present = (before.flatMap { try? spec.parse($0) }) ?? spec.defaultValue
            guard present.bitPattern != value.bitPattern else { continue }
            let new = (symbol: Patch.Text(layers[1]), value: Patch.Text(spec.text(value)))
            if let setting {
                patch.modules[place].settings[setting] = new
            } else {
                patch.modules[place].settings.append(new)
            }
        }
        return patch
    }
}
