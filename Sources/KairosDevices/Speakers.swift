import Synchronization

/// The connections of the JACK outputs, remembered across the consecutive clients of a session. Its
/// functions lock. [any]
public final class Speakers: Sendable {
    private let plan = Mutex(SpeakerPlan())

    /// Without remembered connections.
    public init() {}

    /// Begins with a new client.
    func begin() { plan.withLock { $0.begin() } }

    /// Records that a port appeared or disappeared.
    func portChanged(_ name: String, now: UInt64) { plan.withLock { $0.portChanged(name, now: now) } }

    /// The changes to make now: see ``SpeakerPlan/changes(inputs:connected:isAutomatic:now:)``.
    func changes(
        inputs: [SpeakerPlan.Port], connected: [Set<String>], isAutomatic: Bool, now: UInt64
    ) -> [SpeakerPlan.Change] {
        plan.withLock {
            $0.changes(inputs: inputs, connected: connected, isAutomatic: isAutomatic, now: now)
        }
    }
}
