import Synchronization

/// The commits that wait until they sound. Each is answered exactly once.
///
/// The loader owns the list: it alone knows which version plays where. It answers a commit in the round in which it
/// sees it sound or its time limit pass, and all of them when it ends. Whoever removes a commit from the list, under
/// the lock, answers it.
public final class CommitCompletions: Sendable {
    /// The end of the wait for a commit.
    public enum Outcome: Sendable, Equatable {
        /// The commit sounds wherever its patch plays.
        case sounding
        /// The time limit has passed, for example because the audio driver renders nothing.
        case timedOut
        /// The loader has ended.
        case ended
    }

    /// A sound and the version that is to sound.
    typealias Goal = (sound: Int, version: Int)

    private struct Waiting: Sendable {
        var goals: [Goal]
        /// Time limit in nanoseconds of CLOCK_MONOTONIC.
        var deadline: UInt64
        var completion: @Sendable (Outcome) -> Void
    }

    private struct State: Sendable {
        var waiting: [Waiting] = []
        var hasEnded = false
    }

    private let state = Mutex(State())

    init() {}

    /// Calls `completion` once: when `commit` sounds, at `deadline` (nanoseconds of CLOCK_MONOTONIC), or when the
    /// loader ends. Wake the loader afterwards. Locks. [control]
    ///
    /// The completion runs on the loader thread, or at once on this one if the loader has ended. It must not wait.
    public func add(
        _ commit: PatchEditor.Commit, deadline: UInt64, _ completion: @escaping @Sendable (Outcome) -> Void
    ) {
        let hasEnded = state.withLock { state in
            if !state.hasEnded {
                state.waiting.append(
                    Waiting(goals: commit.sounds, deadline: deadline, completion: completion))
            }
            return state.hasEnded
        }
        if hasEnded { completion(.ended) }
    }

    /// True if no commit waits. Locks. [any]
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// Answers the commits whose goals `areSounding`, and those whose time limit is before `now`, in nanoseconds of
    /// CLOCK_MONOTONIC. [loader]
    func complete(now: UInt64, where areSounding: ([Goal]) -> Bool) {
        let done = state.withLock { state in
            var done: [(completion: @Sendable (Outcome) -> Void, outcome: Outcome)] = []
            state.waiting.removeAll { item in
                let isSounding = areSounding(item.goals)
                guard isSounding || now >= item.deadline else { return false }
                done.append((item.completion, isSounding ? .sounding : .timedOut))
                return true
            }
            return done
        }
        for (completion, outcome) in done { completion(outcome) }
    }

    /// Answers all commits, and from now on every new one at once, with ``Outcome/ended``. Locks. [any]
    public func end() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.hasEnded = true
            return state.waiting
        }
        for item in waiting { item.completion(.ended) }
    }
}
