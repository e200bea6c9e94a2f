import Synchronization

/// Records calls into sound servers that did not return and were abandoned. Its functions lock. [any]
final class AbandonedCalls: Sendable {
    private let state = Mutex<(names: [String], count: Int)>(([], 0))

    /// Adds a call; `name` is the driver's name.
    func add(_ name: String) {
        state.withLock {
            $0.names.append(name)
            $0.count += 1
        }
    }

    /// Returns the names added since the last call.
    func popNames() -> [String] {
        state.withLock { state in
            defer { state.names = [] }
            return state.names
        }
    }

    /// The number of all abandoned calls.
    var count: Int { state.withLock { $0.count } }
}
