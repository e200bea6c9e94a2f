import CRealtime
import KairosCompiler
import KairosDSP
import KairosEngine
import KairosPatch
import KairosSession

/// The commands under `/patch`: drafts, commits, patch files.
struct PatchCommands: CommandGroup {
    private let dispatcher: OSCDispatcher

    init(_ dispatcher: OSCDispatcher) { self.dispatcher = dispatcher }

    static let commands: [OSCCommand] = [
        command(
            "/patch/create", [.text("name"), .text("type")], "Adds a module to the draft.",
            example: "/patch/create ss osc1 sine"
        ) { group, request in
            try group.edit(request) { draft throws(EditError) in
                try draft.create(request.text(0), type: request.text(1))
            }
        },
        command(
            "/patch/delete", [.text("name")],
            "Removes a module from the draft, with its connections and macros.",
            example: "/patch/delete s osc1"
        ) { group, request in
            try group.edit(request) { draft throws(EditError) in try draft.delete(request.text(0)) }
        },
        command(
            "/patch/connect", [.text("from"), .text("to"), .text("depth", optional: true)],
            "Adds a connection from an outlet to an inlet or a parameter. A bare module name means its first port. A connection to a parameter takes a depth.",
            example: "/patch/connect ss osc1 filt1"
        ) { group, request in
            let depth = request.has(2) ? request.text(2) : nil
            return try group.edit(request) { draft throws(EditError) in
                try draft.connect(request.text(0), request.text(1), depth: depth)
            }
        },
        command(
            "/patch/disconnect", [.text("from"), .text("to")],
            "Removes a connection; between bare module names, all connections.",
            example: "/patch/disconnect ss osc1 filt1"
        ) { group, request in
            try group.edit(request) { draft throws(EditError) in
                try draft.disconnect(request.text(0), request.text(1))
            }
        },
        command(
            "/patch/rename", [.text("name"), .text("new")], "Renames a module.",
            example: "/patch/rename ss osc1 carrier"
        ) { group, request in
            try group.edit(request) { draft throws(EditError) in
                try draft.rename(request.text(0), to: request.text(1))
            }
        },
        command("/patch/clear", "Removes everything from the draft.", example: "/patch/clear") {
            group, request in
            try group.edit(request) { draft throws(EditError) in draft.clear() }
        },
        command(
            "/patch/commit",
            "Makes the draft sound. If it fails, the sound and the draft do not change. Modules that were created and never connected are connected to the output.",
            answer:
                "milliseconds until it sounds; names of the modules that were connected to the output; set list values whose parameter no longer exists",
            example: "/patch/commit"
        ) { group, request in
            _ = try group.dispatcher.sound(of: request.client)
            let start = crt_now()
            return group.answer(try group.dispatcher.editor.commit(request.client), start, request)
        },
        command("/patch/abort", "Discards the draft.", example: "/patch/abort") { group, request in
            guard group.dispatcher.editor.abort(request.client) else {
                throw EditError(.nothing, "there is no draft to discard", name: "draft")
            }
            return []
        },
        command(
            "/patch/undo", "Undoes the last commit.", answer: "milliseconds until it sounds",
            example: "/patch/undo"
        ) { group, request in
            let start = crt_now(), sound = try group.dispatcher.sound(of: request.client)
            return group.answer(try group.dispatcher.editor.undo(sound: sound), start, request)
        },
        command(
            "/patch/redo", "Redoes the commit that was undone last.", answer: "milliseconds until it sounds",
            example: "/patch/redo"
        ) { group, request in
            let start = crt_now(), sound = try group.dispatcher.sound(of: request.client)
            return group.answer(try group.dispatcher.editor.redo(sound: sound), start, request)
        },
        command(
            "/patch/save", [.text("name")],
            "Saves the sounding patch, with its current values, in the user's patch folder. An existing file is kept as a copy whose name ends in '~'.",
            answer: "the file", example: "/patch/save s my-bass"
        ) { group, request in [.string(try group.save(request))] },
        command(
            "/patch/load", [.text("name")], "Loads a patch of the library into the draft.",
            example: "/patch/load s slow-tide"
        ) { group, request in
            let patch = try group.read(request.text(0))
            try checkSize(patch)
            return try group.edit(request) { draft throws(EditError) in draft.load(patch) }
        },
        command(
            "/patch/list", "Lists the patches of the library.", answer: "names", example: "/patch/list"
        ) { group, _ in
            group.files.map { .string(FileName.stem($0)) }
        },
        command(
            "/patch/show", "Shows the draft as YAML, or the sounding patch if there is no draft.",
            answer: "the text", example: "/patch/show"
        ) { group, request in [.string(group.dispatcher.host.store.text(try group.draft(request).patch))] },
        command(
            "/patch/check", "Checks whether the draft could be committed.",
            answer: "number of modules, number of connections",
            example: "/patch/check"
        ) { group, request in
            var draft = try group.draft(request)
            _ = draft.connectNewModules()
            do { _ = try CompiledPatch(draft.patch, registry: group.dispatcher.registry) } catch let error
                as PatchError
            {
                throw EditError(
                    .badPatch, error.faults.map(\.message).joined(separator: "; "), name: draft.patch.name)
            }
            return [.count(draft.patch.modules.count), .count(draft.patch.connections.count)]
        },
        command(
            "/patch/layer", [.text("layer")],
            "Selects the layer of the entry that this client edits and queries: 1 … 16, or 'master' for the master effects.",
            example: "/patch/layer i 2"
        ) { group, request in try group.selectLayer(request) },
    ]

    /// Throws `limit` if a patch has more modules or connections than a draft may have.
    static func checkSize(_ patch: Patch) throws(OSCError) {
        guard patch.modules.count > Patch.moduleLimit || patch.connections.count > Patch.connectionLimit
        else { return }
        throw OSCError(
            .limit,
            "'\(patch.name)' has \(patch.modules.count) modules and \(patch.connections.count) connections; an edited patch may have at most \(Patch.moduleLimit) and \(Patch.connectionLimit); nothing was done",
            name: patch.name)
    }

    /// Applies `body` to the client's draft, which is created if there is none.
    private func edit(_ request: OSCRequest, _ body: (inout Draft) throws(EditError) -> Void) throws
        -> [OSCValue]
    {
        let sound = try dispatcher.sound(of: request.client)
        try dispatcher.enter(request.client)
        try dispatcher.editor.edit(request.client, sound: sound, body)
        return []
    }

    /// A copy of the client's draft, or of the sounding patch if there is none.
    private func draft(_ request: OSCRequest) throws -> Draft {
        dispatcher.editor.draft(of: request.client, sound: try dispatcher.sound(of: request.client))
    }

    /// Waits until a commit sounds, and returns the answer to it. `start` is in nanoseconds of
    /// CLOCK_MONOTONIC.
    private func answer(_ commit: PatchEditor.Commit, _ start: UInt64, _ request: OSCRequest) -> [OSCValue] {
        let milliseconds = dispatcher.waitUntilSounding(commit, since: start, deadline: request.deadline)
        return [.float(Float(milliseconds))] + (commit.connected + commit.lost).map { .string($0) }
    }

    private func selectLayer(_ request: OSCRequest) throws -> [OSCValue] {
        let layer: Int
        if request.values[0] == .string("master") {
            layer = 16
        } else if let number = request.values[0].number ?? Double(request.text(0)),
            let whole = Int(exactly: number),
            (1...16).contains(whole)
        {
            layer = whole - 1
        } else {
            throw OSCError(
                .badArguments,
                "invalid layer '\(request.text(0).prefix(40))': expected 1 … 16 or 'master'",
                name: request.address)
        }
        let previous = dispatcher.layer(of: request.client)
        try dispatcher.enter(request.client)
        dispatcher.setLayer(layer, for: request.client)
        do { _ = try dispatcher.sound(of: request.client) } catch {
            dispatcher.setLayer(previous, for: request.client)
            throw error
        }
        return []
    }

    // MARK: files

    private var files: [String] { dispatcher.host.store.patches(in: dispatcher.host.folders) }

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
        do { return try dispatcher.host.store.read(path: file) } catch {
            throw OSCError(.file, error.description, name: name)
        }
    }

    /// Saves the sounding patch with its current values, and returns the path.
    private func save(_ request: OSCRequest) throws -> String {
        let name = request.text(0)
        try UserFile.checkName(name, of: "patch")
        let sound = try dispatcher.sound(of: request.client), layer = dispatcher.layer(of: request.client)
        var patch = dispatcher.engine.sounds[sound].compiled.patch
        for values in try dispatcher.values() where values.layer == layer && values.sound == sound {
            patch = patch.with(values)
        }
        // Under another name it is another patch, and two patches must not have one program number.
        if FileName.stem(patch.file) != name {
            patch.name = name
            patch.program = nil
            patch.bank = 0
        }
        let path = dispatcher.host.userFolder + "/" + name + ".yaml"
        let store = dispatcher.host.store
        try UserFile.write(store.text(patch), to: path, name: name, store)
        return path
    }
}
