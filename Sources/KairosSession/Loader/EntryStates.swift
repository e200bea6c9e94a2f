import Synchronization

/// The state of every entry, as last published by the loader.
public final class EntryStates: Sendable {
    private let states: Mutex<[EntryState]>

    init(_ states: [EntryState]) { self.states = Mutex(states) }

    /// The states, by index of the entry. Locks. [any]
    public var all: [EntryState] { states.withLock { $0 } }

    /// Replaces all states. [loader]
    func publish(_ new: [EntryState]) { states.withLock { $0 = new } }
}
