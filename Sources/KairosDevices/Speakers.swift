import Synchronization

/// What the outputs are connected to, remembered over all the clients that a session has one after the other.
public final class Speakers: Sendable {
    private let plan = Mutex(SpeakerPlan())

    /// Nothing is remembered yet.
    public init() {}

    /// A new client begins.
    func begin() { plan.withLock { $0.begin() } }

    /// A port of some client came or went.
    func portChanged(_ name: String, now: UInt64) { plan.withLock { $0.portChanged(name, now: now) } }

    /// What should be done now.
    func changes(
        inputs: [SpeakerPlan.Port], connected: [Set<String>], isAutomatic: Bool, now: UInt64
    ) -> [SpeakerPlan.Change] {
        plan.withLock {
            $0.changes(inputs: inputs, connected: connected, isAutomatic: isAutomatic, now: now)
        }
    }
}
