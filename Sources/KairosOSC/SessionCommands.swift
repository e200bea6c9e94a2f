import CRealtime
import Glibc
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import KairosSession

/// The commands under `/session`: the whole live state as text.
struct SessionCommands: CommandGroup {
    private let dispatcher: OSCDispatcher

    init(_ dispatcher: OSCDispatcher) { self.dispatcher = dispatcher }

    static let commands: [OSCCommand] = [
        command(
            "/session/get",
            "Returns the session as text: entry, values, edited patches, tempo, volumes, tunings. A text of more than 64 KiB needs TCP.",
            answer: "the text", example: "/session/get"
        ) { group, _ in [.string(group.dispatcher.host.store.text(try group.savedSession()))] },
        command(
            "/session/set", [.text("session", limit: OSCLimits.packetBytes)],
            "Restores a session from such a text. The whole text is checked first: if anything is wrong, nothing changes.",
            answer: "entry name, number of values, number of edited patches",
            example: "/session/set s \"$(cat session.yaml)\""
        ) { group, request in try group.restore(request) },
    ]

    /// The session as it is now, without the time of saving. Throws `nothing-plays` if the audio driver
    /// renders nothing. [control]
    func savedSession() throws -> SavedSession {
        let snapshot = try dispatcher.snapshots.read(), engine = dispatcher.engine
        let rig = engine.rig
        var session = SavedSession()
        session.owner = dispatcher.host.owner
        session.settings = snapshot.settings
        session.settings.entry = nil
        session.settings.keptMacros = LiveSettings().keptMacros
        let names = rig.sounds.first?.keptMacros ?? []
        for (name, normalized) in zip(names, snapshot.settings.keptMacros) {
            if let normalized {
                session.keptMacros.append(.init(name: Patch.Text(name), normalized: normalized))
            }
        }
        if let index = snapshot.settings.entry, rig.entries.indices.contains(index) {
            let entry = rig.entries[index]
            session.entry = .init(name: Patch.Text(entry.name), number: entry.number)
        }
        session.scale = dispatcher.editor.scale ?? engine.setup.tuning
        for layer in snapshot.values {
            let initial = dispatcher.snapshots.initialValues(of: layer.sound)
            let changed = layer.values.compactMap { name, spec, value -> SetList.Value? in
                guard let original = initial[name]?.value, original != value else {
                    return nil
                }
                return SetList.Value(Patch.Text(name), Patch.Text(spec.text(value)))
            }
            guard !changed.isEmpty else { continue }
            let stem = engine.sounds[layer.sound].compiled.fileStem
            session.layers.append(.init(layer: layer.layer, patch: Patch.Text(stem), values: changed))
        }
        session.edits = edits(snapshot)
        return session
    }

    /// The patches that differ from their files.
    private func edits(_ snapshot: Snapshot) -> [SavedSession.Edit] {
        let engine = dispatcher.engine, store = dispatcher.host.store
        var seen: Set<String> = []
        return engine.rig.sounds.indices.compactMap { index in
            guard engine.sounds.version(index) > 0 else { return nil }
            let base = engine.rig.sounds[index].compiled
            let patch = engine.sounds[index].compiled.patch
            guard seen.insert(PatchEditor.key(patch)).inserted else { return nil }
            let text = store.text(patch), original = store.text(base.patch)
            guard text != original else { return nil }
            let written = dispatcher.patchTexts.text(of: base.patch, store)
            // A patch that was saved meanwhile is no longer an edit.
            if written != original {
                let played = snapshot.values.first { $0.sound == index }.map { patch.with($0) } ?? patch
                if written == text || written == store.text(played) { return nil }
            }
            return .init(
                file: Patch.Text(base.fileStem), base: SavedSession.fingerprint(written), patch: patch)
        }
    }

    // MARK: restoring

    private func restore(_ request: OSCRequest) throws -> [OSCValue] {
        let engine = dispatcher.engine, store = dispatcher.host.store
        let session: SavedSession, plan: SessionPlan
        do {
            session = try store.session(request.text(0), file: "session")
            for patch in session.edits.map(\.patch) { try PatchCommands.checkSize(patch) }
            plan = SessionPlan(
                session, file: "session", owner: dispatcher.host.owner, rig: engine.rig,
                registry: dispatcher.registry, store: store)
            guard plan.faults.isEmpty else { throw Diagnostics(plan.faults) }
        } catch let error as Diagnostics {
            throw OSCError(.badArguments, error.description, name: "/session/set")
        }
        try commitEdits(plan, request)
        if let scale = plan.scale ?? (engine.setup.tuning != nil ? Tuning.equal : nil),
            !scale.isSame(as: dispatcher.editor.scale ?? engine.setup.tuning)
        {
            dispatcher.editor.setScale(scale)
            dispatcher.host.wake()
        }
        try enterEntry(plan, request)
        engine.request(plan.settings)
        try dispatcher.inputs.sendValue(Event(.restore, stamp: crt_now()))
        try restoreValues(plan, try dispatcher.snapshots.read())
        return [
            .string(session.entry?.name.text ?? ""), .count(plan.values.count), .count(plan.edits.count),
        ]
    }

    /// Commits the session's edited patches, and restores the patches it does not edit to their files.
    private func commitEdits(_ plan: SessionPlan, _ request: OSCRequest) throws {
        let engine = dispatcher.engine, store = dispatcher.host.store, start = crt_now()
        var seen: Set<String> = []
        for index in engine.rig.sounds.indices {
            let key = PatchEditor.key(engine.rig.sounds[index].header)
            guard seen.insert(key).inserted else { continue }
            let edit = plan.edits.first { PatchEditor.key($0) == key }
            // A patch that is not edited, neither now nor in the session, need not be read.
            guard edit != nil || engine.sounds.version(index) > 0 else { continue }
            let wanted = edit ?? engine.rig.sounds[index].compiled.patch
            guard store.text(wanted) != store.text(engine.sounds[index].compiled.patch) else {
                continue
            }
            _ = dispatcher.waitUntilSounding(
                try dispatcher.editor.applyExternalChange(wanted), since: start, deadline: request.deadline)
        }
    }

    /// Changes to the session's entry and waits until it plays. Throws `busy` at the request's deadline.
    private func enterEntry(_ plan: SessionPlan, _ request: OSCRequest) throws {
        let snapshots = dispatcher.snapshots
        guard let entry = plan.entry, try snapshots.read().settings.entry != entry else { return }
        try dispatcher.inputs.sendValue(Event(.selectEntry(UInt32(entry)), stamp: crt_now()))
        dispatcher.host.wake()
        while try snapshots.read().settings.entry != entry {
            guard !dispatcher.isOver(request.deadline) else {
                throw OSCError(
                    .busy, "the change to this entry is still pending; restore again when the entry plays",
                    name: dispatcher.engine.rig.entries[entry].name)
            }
            usleep(2000)
        }
    }

    /// Sets every parameter to its value in the session, or to its value in the patch if the session has
    /// none.
    private func restoreValues(_ plan: SessionPlan, _ snapshot: Snapshot) throws {
        struct Target: Hashable {
            var layer: Int
            var key: UInt64
        }
        let wanted = Dictionary(
            plan.values.map { (Target(layer: $0.layer, key: $0.key), $0.value) }, uniquingKeysWith: { $1 })
        var values: [Engine.LayerValue] = []
        for layer in snapshot.values {
            let initial = dispatcher.snapshots.initialValues(of: layer.sound)
            for (name, _, value) in layer.values {
                let words = name.split(separator: ".", maxSplits: 1).map(String.init)
                guard words.count == 2, let original = initial[name]?.value else { continue }
                let key = ParamKeys.key(words[0], words[1])
                let new = wanted[Target(layer: layer.layer, key: key)] ?? original
                if new != value { values.append((layer.layer, key, new)) }
            }
        }
        try dispatcher.snapshots.send(values)
    }
}

extension Tuning {
    /// True if every key has the same pitch in both tunings; nil is equal temperament.
    fileprivate func isSame(as other: Tuning?) -> Bool {
        (other ?? .equal).pitches == pitches
    }
}
