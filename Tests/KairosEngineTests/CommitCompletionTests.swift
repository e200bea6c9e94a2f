import CRealtime
import Dispatch
import KairosCompiler
import KairosControl
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession
import KairosTestSupport
import Synchronization
import Testing

/// The answers to commits: each comes exactly once, whatever happens meanwhile.
@Suite struct CommitCompletionTests {
    /// The outcomes that the completions of one or more commits were called with.
    private final class Answers: Sendable {
        private let outcomes = Mutex<[CommitCompletions.Outcome]>([])
        var all: [CommitCompletions.Outcome] { outcomes.withLock { $0 } }
        func add(_ outcome: CommitCompletions.Outcome) { outcomes.withLock { $0.append(outcome) } }
    }

    /// An engine and its loader, which run only when the test says so, and an editor.
    private final class Desk {
        let engine: Engine
        let loader: Loader
        let editor: PatchEditor
        private let patches: [CompiledPatch]
        private var edits = 0

        /// Plays the first of some patches.
        init(_ names: [String]) throws {
            patches = try names.map { name in
                let text = "kairos: patch/1\nname: \(name)\n" + LevelPatch.text()
                return try CompiledPatch(
                    try PatchFile.parse(text, file: "\(name).yaml"), registry: .standard)
            }
            engine = Engine(EngineSetup(rig: Rig(patches.map { Sound($0) })))
            loader = Loader(engine)
            editor = PatchEditor(engine.sounds, registry: .standard)
            engine.select(entry: 0, part: 0)
            loader.service()
            render()
        }

        /// Renders one block.
        func render() {
            var left = [Float](repeating: 0, count: 64), right = left
            engine.render(
                left: &left, right: &right, frames: 64, timebase: .offline(sampleRate: engine.sampleRate))
        }

        /// Commits an edit of a patch, which adds a module, and returns its answers. `limit` is in milliseconds.
        func commit(_ patch: Int, limit: UInt64 = 60_000) throws -> Answers {
            let answers = Answers()
            loader.completions.add(try edit(patch), deadline: crt_now() + limit * 1_000_000) {
                answers.add($0)
            }
            return answers
        }

        /// Adds a module to a patch.
        func edit(_ patch: Int) throws -> PatchEditor.Commit {
            edits += 1
            var edited = editor.edited(patches[patch].patch) ?? patches[patch].patch
            edited.modules.append(
                Patch.Module(Patch.Text("more\(edits)"), type: Patch.Text("sine")))
            edited.connections.append(
                Patch.Connection(from: Patch.Text("more\(edits)"), to: Patch.Text("out")))
            return try editor.applyExternalChange(edited)
        }
    }

    @Test func `a commit is answered once, after the block in which it begins to sound`() throws {
        let desk = try Desk(["One"])
        let answers = try desk.commit(0)
        #expect(answers.all.isEmpty, "the loader has not seen it")
        desk.loader.service()
        #expect(answers.all.isEmpty, "the audio thread does not have it yet")
        desk.render()
        desk.loader.service()
        #expect(answers.all == [.sounding])
        for _ in 0..<20 {
            desk.render()
            desk.loader.service()
        }
        #expect(answers.all == [.sounding])
    }

    @Test func `a commit of a patch that does not play is answered once the standby pool is told`() throws {
        let desk = try Desk(["One", "Two"])
        let answers = try desk.commit(1)
        #expect(answers.all.isEmpty)
        desk.loader.service()
        #expect(answers.all == [.sounding])
    }

    @Test func `a commit is answered at its time limit while the audio thread stands`() throws {
        let desk = try Desk(["One"])
        let answers = try desk.commit(0, limit: 5), later = try desk.commit(0)
        let until = crt_now() + 10_000_000_000
        while answers.all.isEmpty, crt_now() < until { desk.loader.service() }
        #expect(answers.all == [.timedOut] && later.all.isEmpty)
        // The audio thread goes on: the one that is answered is not answered again.
        for _ in 0..<40 {
            desk.render()
            desk.loader.service()
        }
        #expect(answers.all == [.timedOut] && later.all == [.sounding])
    }

    @Test(arguments: [false, true]) func `a commit is answered while another rig takes over`(
        isRendering: Bool
    ) throws {
        let desk = try Desk(["One", "Two"])
        // The commit's patch is no longer in the list and plays on.
        let other = Rig([try Desk(["Three"]).engine.sounds[0]])
        #expect(desk.engine.change(to: other))
        let answers = try desk.commit(0, limit: isRendering ? 60_000 : 300)
        desk.loader.service()
        #expect(answers.all.isEmpty && !desk.engine.playsNewest)
        let until = crt_now() + 10_000_000_000
        while answers.all.isEmpty, crt_now() < until {
            if isRendering { desk.render() }
            desk.loader.service()
        }
        #expect(answers.all == [isRendering ? .sounding : .timedOut])
        #expect(desk.engine.playsNewest == isRendering)
    }

    /// Before the loader takes the edit, a program change would still get the former version from the pool.
    @Test func `a commit is not answered before the loader has taken the edit`() throws {
        let desk = try Desk(["One", "Two"])
        #expect(desk.engine.change(to: Rig([desk.engine.sounds[1], desk.engine.sounds[0]])))
        let answers = try desk.commit(1)
        desk.loader.service()
        #expect(answers.all.isEmpty, "the loader waits until the other rig plays")
        desk.render()
        desk.loader.service()
        #expect(answers.all == [.sounding])
    }

    @Test func `all commits are answered when the loader ends, and later ones at once`() throws {
        var desk: Desk? = try Desk(["One"])
        let answers = [try #require(desk).commit(0), try #require(desk).commit(0)]
        let completions = try #require(desk).loader.completions, edit = try #require(desk).edit(0)
        desk = nil
        #expect(answers.map { $0.all } == [[.ended], [.ended]])
        let late = Answers()
        completions.add(edit, deadline: .max) { late.add($0) }
        #expect(late.all == [.ended])
        completions.end()
        #expect(late.all == [.ended])
    }

    @Test func `the end of the loader thread answers what waits`() throws {
        let engine = Engine(EngineSetup(rig: Rig([try Desk(["One"]).engine.sounds[0]])))
        let editor = PatchEditor(engine.sounds, registry: .standard)
        engine.select(entry: 0, part: 0)
        let loader = Loader(engine)
        loader.service()
        var left = [Float](repeating: 0, count: 64), right = left
        engine.render(left: &left, right: &right, frames: 64, timebase: .offline(sampleRate: 48_000))
        let thread = LoaderThread(loader), answered = DispatchSemaphore(value: 0), answers = Answers()
        var patch = engine.sounds[0].compiled.patch
        patch.modules.append(Patch.Module(Patch.Text("more"), type: Patch.Text("sine")))
        patch.connections.append(Patch.Connection(from: Patch.Text("more"), to: Patch.Text("out")))
        thread.completions.add(try editor.applyExternalChange(patch), deadline: .max) {
            answers.add($0)
            answered.signal()
        }
        thread.wake()
        // Nothing renders, so that it cannot sound.
        #expect(answered.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        thread.stop()
        #expect(answered.wait(timeout: .now()) == .success && answers.all == [.ended])
    }

    @Test func `edits from three threads while it plays are each answered once`() throws {
        let names = ["One", "Two", "Three"]
        let sounds = try names.map { try Desk([$0]).engine.sounds[0] }
        let rig = LiveRig(Rig(sounds))
        rig.start()
        defer { rig.stop() }
        let editor = PatchEditor(rig.engine.sounds, registry: .standard)
        let counts = Mutex([Int](repeating: 0, count: 90)), answered = DispatchSemaphore(value: 0)
        DispatchQueue.concurrentPerform(iterations: 3) { thread in
            for turn in 0..<30 {
                var patch = sounds[thread].compiled.patch
                patch.about = "\(turn)"
                guard let commit = try? editor.applyExternalChange(patch) else { continue }
                rig.completions.add(commit, deadline: crt_now() + 20_000_000_000) { outcome in
                    if outcome == .sounding { counts.withLock { $0[thread * 30 + turn] += 1 } }
                    answered.signal()
                }
            }
        }
        for _ in 0..<90 { #expect(answered.wait(timeout: .now() + 20) == .success) }
        #expect(counts.withLock { $0 } == [Int](repeating: 1, count: 90))
    }
}
