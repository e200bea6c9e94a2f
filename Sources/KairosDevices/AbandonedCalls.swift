import Synchronization

/// Calls into servers that did not return and were left alone.
final class AbandonedCalls: Sendable {
    private let state = Mutex<(names: [String], count: Int)>(([], 0))

    /// One more, into what is called `name`.
    ///
    /// > Thread: [any]
    func add(_ name: String) {
        state.withLock {
            $0.names.append(name)
            $0.count += 1
        }
    }

    /// Those since the last call.
    func take() -> [String] {
        state.withLock { state in
            defer { state.names = [] }
            return state.names
        }
    }

    /// All so far.
    var count: Int { state.withLock { $0.count } }
}
