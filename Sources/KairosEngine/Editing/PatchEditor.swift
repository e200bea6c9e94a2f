import KairosControl
import KairosDSP
import Synchronization

/// The patches of what plays as they are edited: drafts, commits, undo.
///
/// > Control threads. Edits are checked and compiled where they are asked for; the loader lets them sound.
public final class PatchEditor: Sendable {
    /// A patch that was edited.
    private struct Document {
        var patch: Patch
        var undone: [Patch] = []
        var done: [Patch] = []

        /// Keeps what undo needs within its limits. The last commit can always be taken back.
        mutating func forgetOldest() {
            var size = done.reduce(0) { $0 + $1.modules.count + $1.connections.count }
            while done.count > PatchEditor.undoLimit || (done.count > 1 && size > PatchEditor.undoSize) {
                let oldest = done.removeFirst()
                size -= oldest.modules.count + oldest.connections.count
            }
        }
    }

    private struct State {
        var documents: [String: Document] = [:]
        var drafts: [String: (key: String, draft: Draft)] = [:]
        var registry: ModuleRegistry
        /// The scale of patches without one, where it is no longer the one at the start.
        var scale: Tuning?
    }

    /// What a commit did.
    public struct Commit: Sendable {
        /// The sounds that were replaced, with their versions.
        public var sounds: [(sound: Int, version: Int)] = []
        /// Modules that were never plugged in and went to the output.
        public var plugged: [String] = []
        /// Values of the set list that have no parameter any more.
        public var lost: [String] = []
        /// The patch as it is now.
        public var patch: Patch
    }

    private let sounds: LiveSounds
    /// What patches that are not read yet are compiled with.
    private let context: PatchContext?
    private let tuning: @Sendable (Patch) throws -> Tuning?
    private let state: Mutex<State>
    /// The most drafts at once.
    public static let draftLimit = 64
    /// How far back undo goes: commits, and modules and connections of the patches that are kept for it. One of the
    /// largest patches has some 9 000 of these, which take 2 MB.
    public static let undoLimit = 100, undoSize = 200_000

    /// Over the sounds of an engine; `tuning` reads what a patch names. `context` is told of new modules and scales.
    public init(
        _ sounds: LiveSounds, registry: ModuleRegistry, context: PatchContext? = nil,
        tuning: @escaping @Sendable (Patch) throws -> Tuning? = { _ in nil }
    ) {
        self.sounds = sounds
        self.context = context
        state = Mutex(State(registry: registry))
        self.tuning = tuning
    }

    /// The modules that there are now.
    public var registry: ModuleRegistry { state.withLock { $0.registry } }

    /// Offers other modules than before. What plays and stands on one of `changed` is made anew with them.
    ///
    /// Returns what was made anew, and why what could not be plays on as it was.
    public func offer(
        _ registry: ModuleRegistry, changed: Set<String>
    ) -> (commits: [Commit], faults: [EditError]) {
        state.withLock { state in
            state.registry = registry
            context?.use(registry)
            var commits: [Commit] = [], faults: [EditError] = [], seen: Set<String> = []
            for index in 0..<sounds.count where sounds[index].isRead {
                let compiled = sounds[index].compiled, key = Self.key(compiled.patch)
                guard !compiled.subPatches.isDisjoint(with: changed), seen.insert(key).inserted else {
                    continue
                }
                do throws(EditError) {
                    commits.append(try replace(key, with: compiled.patch, state))
                } catch { faults.append(error) }
            }
            return (commits, faults)
        }
    }

    /// What a patch is known by: its file, or its name where it has none.
    public static func key(_ patch: Patch) -> String { patch.file.isEmpty ? patch.name : patch.file }

    /// The same of a patch of which only the header is needed.
    public static func key(_ header: PatchHeader) -> String {
        header.file.isEmpty ? header.name : header.file
    }

    /// Works on the draft of `client`, which begins with the patch of `sound` where there is none yet.
    public func edit<Result>(
        _ client: String, sound: Int, _ body: (inout Draft) throws(EditError) -> Result
    ) throws(EditError) -> Result {
        let outcome: Swift.Result<Result, EditError> = state.withLock { state in
            do throws(EditError) {
                var open = try Self.draft(&state, client, sounds[sound].compiled.patch)
                open.draft.registry = state.registry
                // One owner: else every change would copy the whole patch.
                state.drafts[client] = nil
                defer { state.drafts[client] = open }
                return .success(try body(&open.draft))
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    private static func draft(
        _ state: inout State, _ client: String, _ patch: Patch
    ) throws(EditError) -> (key: String, draft: Draft) {
        if let open = state.drafts[client] { return open }
        guard state.drafts.count < draftLimit else {
            throw EditError(.tooMuch, "\(draftLimit) drafts are open already", name: client)
        }
        return (key(patch), Draft(state.documents[key(patch)]?.patch ?? patch, registry: state.registry))
    }

    /// The draft of `client`, or the patch of `sound` as it is now.
    public func look(_ client: String, sound: Int) -> Draft {
        state.withLock { state in
            let patch = sounds[sound].compiled.patch
            var draft =
                state.drafts[client]?.draft
                ?? Draft(state.documents[Self.key(patch)]?.patch ?? patch, registry: state.registry)
            draft.registry = state.registry
            return draft
        }
    }

    /// Whether `client` has a draft that was changed.
    public func hasDraft(_ client: String) -> Bool {
        state.withLock { $0.drafts[client]?.draft.isChanged ?? false }
    }

    /// Throws the draft away. False where there was none.
    @discardableResult
    public func abort(_ client: String) -> Bool {
        state.withLock { $0.drafts.removeValue(forKey: client)?.draft.isChanged ?? false }
    }

    /// Lets the draft of `client` sound. On failure the sound and the draft stay as they were.
    public func commit(_ client: String) throws(EditError) -> Commit {
        try locked { state throws(EditError) in
            guard let open = state.drafts[client], open.draft.isChanged else {
                throw EditError(.nothing, "nothing was changed since the last commit", name: client)
            }
            var draft = open.draft
            let plugged = draft.plugIn()
            let present = self.present(state, open.key) ?? draft.base
            let merge = Merge(base: draft.base, mine: draft.patch, theirs: present)
            guard merge.conflicts.isEmpty else {
                throw EditError(
                    .conflict,
                    "changed by somebody else since this draft began: \(merge.conflicts.joined(separator: ", ")); /patch/abort begins anew",
                    name: merge.conflicts[0])
            }
            var commit = try self.replace(open.key, with: merge.patch, state)
            commit.plugged = plugged
            self.remember(&state, open.key, before: present, after: merge.patch)
            state.drafts[client] = nil
            return commit
        }
    }

    /// Takes the last commit of the patch of `sound` back. It is itself a commit.
    public func undo(sound: Int) throws(EditError) -> Commit { try step(sound, \.done, \.undone, "undo") }

    /// Takes the last undo back.
    public func redo(sound: Int) throws(EditError) -> Commit { try step(sound, \.undone, \.done, "redo") }

    private func step(
        _ sound: Int, _ from: WritableKeyPath<Document, [Patch]>,
        _ to: WritableKeyPath<Document, [Patch]>, _ word: String
    ) throws(EditError) -> Commit {
        let key = Self.key(sounds[sound].compiled.patch)
        return try locked { state throws(EditError) in
            guard var document = state.documents[key], let patch = document[keyPath: from].popLast() else {
                throw EditError(.nothing, "there is nothing to \(word)", name: word)
            }
            let commit = try self.replace(key, with: patch, state)
            document[keyPath: to].append(document.patch)
            document.patch = patch
            state.documents[key] = document
            return commit
        }
    }

    /// A patch was changed elsewhere, as by saving its file. It is itself a commit.
    public func take(_ patch: Patch) throws(EditError) -> Commit {
        let key = Self.key(patch)
        return try locked { state throws(EditError) in
            let present = self.present(state, key)
            let commit = try self.replace(key, with: patch, state)
            if let present { self.remember(&state, key, before: present, after: patch) }
            return commit
        }
    }

    /// Gives patches that name no scale another one; notes that begin from now on have it.
    public func retune(_ scale: Tuning) {
        state.withLock { state in
            state.scale = scale
            context?.use(scale)
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

    /// The scale that ``retune(_:)`` gave last.
    public var scale: Tuning? { state.withLock { $0.scale } }

    /// A patch as edits have made it, or nil where nobody edited it.
    public func edited(_ patch: Patch) -> Patch? { state.withLock { $0.documents[Self.key(patch)]?.patch } }

    private func locked<Result>(
        _ body: (inout State) throws(EditError) -> Result
    ) throws(EditError) -> Result {
        let outcome: Swift.Result<Result, EditError> = state.withLock { state in
            do throws(EditError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    private func present(_ state: State, _ key: String) -> Patch? {
        state.documents[key]?.patch
            ?? (0..<sounds.count).lazy.map { self.sounds[$0] }.first { Self.key($0.header) == key }?
            .compiled.patch
    }

    private func remember(_ state: inout State, _ key: String, before: Patch, after: Patch) {
        var document = state.documents[key] ?? Document(patch: before)
        document.done.append(before)
        document.forgetOldest()
        document.undone = []
        document.patch = after
        state.documents[key] = document
    }

    /// Compiles a patch and puts it where the sounds made of it are.
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
