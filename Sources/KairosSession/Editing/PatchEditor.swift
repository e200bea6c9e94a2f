public import KairosCompiler
public import KairosControl
import KairosDSP
public import KairosEngine
public import KairosPatch
import Synchronization

/// Live editing of the patches of a rig: drafts, commits, undo. [control]
///
/// An edit is validated and compiled on the calling thread; the loader then builds the instance that sounds.
public final class PatchEditor: Sendable {
    private struct State {
        /// The histories of edited patches, by ``PatchEditor/key(_:)``.
        var histories: [String: EditHistory] = [:]
        var drafts: [String: (key: String, draft: Draft)] = [:]
        var registry: ModuleRegistry
        /// The tuning of patches that name none, if it has been changed since the start.
        var scale: Tuning?
    }

    /// The effects of a commit.
    public struct Commit: Sendable {
        /// The sounds that were replaced, with their new versions.
        public var sounds: [(sound: Int, version: Int)] = []
        /// Names of new modules that were connected to the output automatically.
        public var connected: [String] = []
        /// Messages on values of the set list whose parameter no longer exists.
        public var lost: [String] = []
        /// The patch after the commit.
        public var patch: Patch
    }

    private let sounds: LiveSounds
    /// The registry and tuning with which patches that have not been read yet will be compiled.
    private let context: PatchContext?
    private let tuning: @Sendable (Patch) throws -> Tuning?
    private let state: Mutex<State>
    /// The greatest number of open drafts.
    public static let draftLimit = 64
    /// Limits of the undo history of a patch: number of commits, and sum of modules and connections of the
    /// kept versions. A patch at the size limit has some 9 000 of these, which take 2 MB.
    public static let undoLimit = 100, undoSize = 200_000

    /// Creates an editor of the sounds of an engine. `tuning` reads the tuning that a patch names. `context`,
    /// if any, gets new registries and tunings.
    public init(
        _ sounds: LiveSounds, registry: ModuleRegistry, context: PatchContext? = nil,
        tuning: @escaping @Sendable (Patch) throws -> Tuning? = { _ in nil }
    ) {
        self.sounds = sounds
        self.context = context
        state = Mutex(State(registry: registry))
        self.tuning = tuning
    }

    /// The current module registry.
    public var registry: ModuleRegistry { state.withLock { $0.registry } }

    /// Replaces the module registry. Patches in use that contain one of the types in `changed` are compiled
    /// anew.
    ///
    /// - Returns: The commits, and the errors of patches that no longer compile and keep playing in their
    ///   previous version.
    public func replaceModules(
        _ registry: ModuleRegistry, changed: Set<String>
    ) -> (commits: [Commit], faults: [EditError]) {
        state.withLock { state in
            state.registry = registry
            context?.setRegistry(registry)
            var commits: [Commit] = [], faults: [EditError] = [], seen: Set<String> = []
            for index in 0..<sounds.count where sounds[index].isRead {
                let compiled = sounds[index].compiled, key = Self.key(compiled.patch)
                guard !compiled.compounds.isDisjoint(with: changed), seen.insert(key).inserted else {
                    continue
                }
                do throws(EditError) {
                    commits.append(try replace(key, with: compiled.patch, state))
                } catch { faults.append(error) }
            }
            return (commits, faults)
        }
    }

    /// The key of a patch's history: its file, or its name if it has no file.
    public static func key(_ patch: Patch) -> String { patch.file.isEmpty ? patch.name : patch.file }

    /// The same from a header.
    public static func key(_ header: PatchHeader) -> String {
        header.file.isEmpty ? header.name : header.file
    }

    /// Runs `body` on the draft of `client`; opens one of the patch of `sound` if there is none.
    public func edit<Result>(
        _ client: String, sound: Int, _ body: (inout Draft) throws(EditError) -> Result
    ) throws(EditError) -> Result {
        let outcome: Swift.Result<Result, EditError> = state.withLock { state in
            do throws(EditError) {
                var open = try Self.openDraft(&state, client, sounds[sound].compiled.patch)
                open.draft.registry = state.registry
                // Removed from the dictionary during the change, so that the patch is not copied on write.
                state.drafts[client] = nil
                defer { state.drafts[client] = open }
                return .success(try body(&open.draft))
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// The open draft of `client`, or a new one of `patch` that is not stored yet.
    private static func openDraft(
        _ state: inout State, _ client: String, _ patch: Patch
    ) throws(EditError) -> (key: String, draft: Draft) {
        if let open = state.drafts[client] { return open }
        guard state.drafts.count < draftLimit else {
            throw EditError(.tooMuch, "the limit of \(draftLimit) open drafts is reached", name: client)
        }
        return (key(patch), Draft(state.histories[key(patch)]?.patch ?? patch, registry: state.registry))
    }

    /// A copy of the draft of `client`; of the current patch of `sound` if there is none.
    public func draft(of client: String, sound: Int) -> Draft {
        state.withLock { state in
            let patch = sounds[sound].compiled.patch
            var draft =
                state.drafts[client]?.draft
                ?? Draft(state.histories[Self.key(patch)]?.patch ?? patch, registry: state.registry)
            draft.registry = state.registry
            return draft
        }
    }

    /// True if `client` has a draft with changes.
    public func hasDraft(_ client: String) -> Bool {
        state.withLock { $0.drafts[client]?.draft.isChanged ?? false }
    }

    /// Discards the draft of `client`.
    ///
    /// - Returns: True if it had changes.
    @discardableResult
    public func abort(_ client: String) -> Bool {
        state.withLock { $0.drafts.removeValue(forKey: client)?.draft.isChanged ?? false }
    }

    /// Commits the draft of `client`: merges it with changes by others, compiles it and replaces the sounds.
    ///
    /// - Throws: `EditError`; the sounds and the draft then stay as they were.
    public func commit(_ client: String) throws(EditError) -> Commit {
        try withState { state throws(EditError) in
            guard let open = state.drafts[client], open.draft.isChanged else {
                throw EditError(.nothing, "there are no changes to commit", name: client)
            }
            var draft = open.draft
            let connected = draft.connectNewModules()
            let current = self.current(state, open.key) ?? draft.base
            let merge = Merge(base: draft.base, mine: draft.patch, theirs: current)
            guard merge.conflicts.isEmpty else {
                throw EditError(
                    .conflict,
                    "changed by another client since this draft was opened: \(merge.conflicts.joined(separator: ", ")); discard the draft with /patch/abort",
                    name: merge.conflicts[0])
            }
            var commit = try self.replace(open.key, with: merge.patch, state)
            commit.connected = connected
            self.recordUndo(&state, open.key, before: current, after: merge.patch)
            state.drafts[client] = nil
            return commit
        }
    }

    /// Undoes the last commit of the patch of `sound`.
    public func undo(sound: Int) throws(EditError) -> Commit {
        try step(sound, "undo", to: \.previous) { $0.undo() }
    }

    /// Redoes the commit that was undone last.
    public func redo(sound: Int) throws(EditError) -> Commit {
        try step(sound, "redo", to: \.next) { $0.redo() }
    }

    /// Commits a version of the history of a patch, and then moves the history there.
    private func step(
        _ sound: Int, _ word: String, to version: KeyPath<EditHistory, Patch?>,
        _ move: (inout EditHistory) -> Void
    ) throws(EditError) -> Commit {
        let key = Self.key(sounds[sound].compiled.patch)
        return try withState { state throws(EditError) in
            guard var history = state.histories[key], let patch = history[keyPath: version] else {
                throw EditError(.nothing, "there is nothing to \(word)", name: word)
            }
            let commit = try self.replace(key, with: patch, state)
            move(&history)
            state.histories[key] = history
            return commit
        }
    }

    /// Commits a patch that was changed elsewhere, for example by saving its file.
    public func applyExternalChange(_ patch: Patch) throws(EditError) -> Commit {
        let key = Self.key(patch)
        return try withState { state throws(EditError) in
            let current = self.current(state, key)
            let commit = try self.replace(key, with: patch, state)
            if let current { self.recordUndo(&state, key, before: current, after: patch) }
            return commit
        }
    }

    /// Sets the tuning of patches that name none, for notes that start from now on.
    public func setScale(_ scale: Tuning) {
        state.withLock { state in
            state.scale = scale
            context?.setScale(scale)
            for index in 0..<sounds.count where sounds[index].isRead {
                let before = sounds[index]
                guard before.compiled.patch.tuning == nil, before.compiled.patch.keyboard == nil else {
                    continue
                }
                var own = before.compiled
                own.tuning = scale
                sounds.replace(
                    index,
                    with: Sound(
                        own, mappings: before.mappings, keptMacros: before.keptMacros, values: before.values))
            }
        }
    }

    /// The tuning that ``setScale(_:)`` has set last; nil if none was.
    public var scale: Tuning? { state.withLock { $0.scale } }

    /// The current version of a patch that has been edited; nil if it has not.
    public func edited(_ patch: Patch) -> Patch? { state.withLock { $0.histories[Self.key(patch)]?.patch } }

    /// `state.withLock` for a body that throws `EditError`.
    private func withState<Result>(
        _ body: (inout State) throws(EditError) -> Result
    ) throws(EditError) -> Result {
        let outcome: Swift.Result<Result, EditError> = state.withLock { state in
            do throws(EditError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// The current version of the patch with this key; nil if no sound has it.
    private func current(_ state: State, _ key: String) -> Patch? {
        state.histories[key]?.patch
            ?? (0..<sounds.count).lazy.map { self.sounds[$0] }.first { Self.key($0.header) == key }?
            .compiled.patch
    }

    /// Adds a commit to the undo history and clears the redo history.
    private func recordUndo(_ state: inout State, _ key: String, before: Patch, after: Patch) {
        state.histories[key, default: EditHistory(before)].record(before: before, after: after)
    }

    /// Compiles `patch` and replaces all sounds of the patch with this key.
    private func replace(
        _ key: String, with patch: Patch, _ state: State
    ) throws(EditError) -> Commit {
        let compiled: CompiledPatch
        do {
            var made = try CompiledPatch(patch, registry: state.registry)
            made.tuning = try tuning(patch) ?? state.scale
            compiled = made
        } catch let error as PatchError {
            let all = error.faults.map(\.message)
            throw EditError(
                .badPatch, all.prefix(8).joined(separator: "; ") + (all.count > 8 ? "; and more" : ""),
                name: patch.name)
        } catch { throw EditError(.badPatch, "\(error)", name: patch.name) }
        var commit = Commit(patch: patch)
        for index in 0..<sounds.count where Self.key(sounds[index].header) == key {
            let version = sounds.version(index), before = sounds[index]
            guard Self.key(before.header) == key else { continue }
            var own = compiled
            for value in before.values {
                do { try own.set(value.macro.text, to: value.value.text) } catch {
                    commit.lost.append("\(error)")
                }
            }
            let sound = Sound(
                own, mappings: before.mappings, keptMacros: before.keptMacros, values: before.values)
            if let new = sounds.replace(index, with: sound, after: version) {
                commit.sounds.append((index, new))
            }
        }
        return commit
    }
}
