/// The readiness of an entry.
public enum EntryState: Sendable, Equatable {
    /// In the standby pool, or playing: a program change takes effect at its own frame.
    case ready
    /// Being built or tested.
    case building
    /// Passed its self-test, but the standby pool has no room for it. It is built when it is selected.
    case tested
    /// Cannot be played, for the given reason.
    case failed(String)

    /// One word for lists, with the reason of a failure.
    public var word: String {
        switch self {
        case .ready: "ready"
        case .building: "building"
        case .tested: "tested"
        case .failed(let reason): "failed (\(reason))"
        }
    }
}
