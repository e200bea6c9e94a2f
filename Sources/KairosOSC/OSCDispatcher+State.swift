import CRealtime
import Foundation
import Glibc
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import Synchronization

// The whole live state as a text.
extension OSCDispatcher {
    static let stateCommands: [OSCCommand] = [
        OSCCommand(
            "/session/get",
            "The state as a text: entry, values, edited patches, tempo, volumes, tunings. What is longer than 64 KiB comes over TCP.",
            answer: "the text", example: "/session/get"
        ) { console, _ in [.string(SessionFile.text(try console.state()))] },
        OSCCommand(
            "/session/set", [.text("session", limit: OSCLimits.packet)],
            "Sets the state from such a text. It is checked as a whole first: where anything is wrong, everything stays as it is.",
            answer: "the entry's name, how many values it has, how many patches are edited",
            example: "/session/set s \"$(cat session.yaml)\""
        ) { console, call in try console.set(state: call) },
    ]

    /// The state as it is now. Without the time.
    ///
    /// > Any thread but the audio thread. Throws where the sound stands still.
    public func state() throws -> SavedSession {
        let look = try look()
        let rig = engine.rig
        var state = SavedSession()
        state.owner = host.owner
        state.settings = look.settings
        state.settings.entry = -1
        state.settings.keptMacros = LiveSettings().keptMacros
        let names = rig.sounds.first?.keptMacros ?? []
        for (name, position) in zip(names, look.settings.keptMacros) {
            if let position { state.keptMacros.append(.init(name: Patch.Text(name), position: position)) }
        }
        if rig.entries.indices.contains(look.settings.entry) {
            let entry = rig.entries[look.settings.entry]
            state.entry = .init(name: Patch.Text(entry.name), number: entry.number)
        }
        state.scale = bench.scale ?? engine.setup.tuning
        for layer in look.values {
            let presets = presets(of: layer.sound)
            let moved = layer.values.compactMap { name, spec, value -> SetList.Value? in
                guard let preset = presets[name]?.value, preset.bitPattern != value.bitPattern else {
                    return nil
                }
                return SetList.Value(Patch.Text(name), Patch.Text(spec.text(value)))
            }
            guard !moved.isEmpty else { continue }
            let stem = engine.sounds[layer.sound].compiled.fileStem
            state.layers.append(.init(layer: layer.layer, patch: Patch.Text(stem), values: moved))
        }
        state.edits = edits(look)
        return state
    }

    /// The patches that are not as their files have them.
    private func edits(_ look: Snapshot) -> [SavedSession.Edit] {
        var seen: Set<String> = []
        return engine.rig.sounds.indices.compactMap { index in
            guard engine.sounds.version(index) > 0 else { return nil }
            let base = engine.rig.sounds[index].compiled
            let patch = engine.sounds[index].compiled.patch
            guard seen.insert(PatchEditor.key(patch)).inserted else { return nil }
            let text = PatchFile.text(patch), original = PatchFile.text(base.patch)
            guard text != original else { return nil }
            let written = self.written(base.patch)
            // Saved meanwhile, it is an edit no longer.
            if written != original {
                let played = look.values.first { $0.sound == index }.map { patch.with($0) } ?? patch
                if written == text || written == PatchFile.text(played) { return nil }
            }
            return .init(
                file: Patch.Text(base.fileStem), base: SavedSession.fingerprint(written), patch: patch)
        }
    }

    /// What a patch's file says now, in our own words; of the patch itself where there is no file. A file is read
    /// when it has changed.
    private func written(_ patch: Patch) -> String {
        var status = stat()
        guard stat(patch.file, &status) == 0 else { return PatchFile.text(patch) }
        let stamp = [
            Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
        ]
        if let known = fileTexts.withLock({ $0[patch.file] }), known.stamp == stamp { return known.text }
        let text = SessionPlan.written(patch)
        fileTexts.withLock { $0[patch.file] = (stamp, text) }
        return text
    }

    // MARK: setting

    private func set(state call: OSCRequest) throws -> [OSCValue] {
        let state: SavedSession, plan: SessionPlan
        do {
            state = try SessionFile.parse(call.text(0), file: "state")
            for patch in state.edits.map(\.patch)
            where patch.modules.count > Patch.moduleLimit || patch.connections.count > Patch.connectionLimit {
                throw OSCError(
                    .limit,
                    "'\(patch.name)' has \(patch.modules.count) modules and \(patch.connections.count) connections, and a patch that is edited holds at most \(Patch.moduleLimit) and \(Patch.connectionLimit); nothing was done",
                    name: patch.name)
            }
            plan = SessionPlan(
                state, file: "state", owner: host.owner, rig: engine.rig, registry: registry
            )
            guard plan.faults.isEmpty else { throw Diagnostics(plan.faults) }
        } catch let error as Diagnostics {
            throw OSCError(.badArguments, error.description, name: "/session/set")
        }
        try commit(plan, call)
        if let scale = plan.scale ?? (engine.setup.tuning != nil ? Tuning.equal : nil),
            !scale.isSame(as: bench.scale ?? engine.setup.tuning)
        {
            bench.retune(scale)
            host.wake()
        }
        try enter(plan, call)
        engine.request(plan.settings)
        try set(Event(.restore, stamp: crt_now()))
        try turn(plan, try look())
        return [
            .string(state.entry?.name.text ?? ""), .count(plan.values.count),
            .count(plan.edits.count),
        ]
    }

    /// Patches as the state has them; the others as their files have them.
    private func commit(_ plan: SessionPlan, _ call: OSCRequest) throws {
        let began = crt_now()
        var seen: Set<String> = []
        for index in engine.rig.sounds.indices {
            let key = PatchEditor.key(engine.rig.sounds[index].header)
            guard seen.insert(key).inserted else { continue }
            let edit = plan.edits.first { PatchEditor.key($0) == key }
            // What nobody edited, and what should not be edited, need not be read.
            guard edit != nil || engine.sounds.version(index) > 0 else { continue }
            let wanted = edit ?? engine.rig.sounds[index].compiled.patch
            guard PatchFile.text(wanted) != PatchFile.text(engine.sounds[index].compiled.patch) else {
                continue
            }
            _ = settle(try bench.take(wanted), began: began, deadline: call.deadline)
        }
    }

    /// Lets the entry take over, at its own moment.
    private func enter(_ plan: SessionPlan, _ call: OSCRequest) throws {
        guard let entry = plan.entry, try look().settings.entry != entry else { return }
        try set(Event(.selectEntry, stamp: crt_now(), number: UInt32(entry)))
        host.wake()
        while try look().settings.entry != entry {
            guard !isOver(call.deadline) else {
                throw OSCError(
                    .busy, "the entry waits for its moment; set the state again when it plays",
                    name: engine.rig.entries[entry].name)
            }
            usleep(2000)
        }
    }

    /// Every parameter goes where the state has it, or where its patch has it.
    private func turn(_ plan: SessionPlan, _ look: Snapshot) throws {
        struct Place: Hashable {
            var layer: Int
            var key: UInt64
        }
        let wanted = Dictionary(
            plan.values.map { (Place(layer: $0.layer, key: $0.key), $0.value) }, uniquingKeysWith: { $1 })
        var values: [Engine.LayerValue] = []
        for layer in look.values {
            let presets = presets(of: layer.sound)
            for (name, _, value) in layer.values {
                let words = name.split(separator: ".", maxSplits: 1).map(String.init)
                guard words.count == 2, let preset = presets[name]?.value else { continue }
                let key = ParamKeys.key(words[0], words[1])
                let new = wanted[Place(layer: layer.layer, key: key)] ?? preset
                if new.bitPattern != value.bitPattern { values.append((layer.layer, key, new)) }
            }
        }
        try send(values)
    }
}

extension Tuning {
    /// Whether every key has the same pitch.
    fileprivate func isSame(as other: Tuning?) -> Bool {
        (other ?? .equal).pitches.map(\.bitPattern) == pitches.map(\.bitPattern)
    }
}
