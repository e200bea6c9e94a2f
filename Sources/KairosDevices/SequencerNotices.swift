import Synchronization

/// The notices of the sequencer's reader thread that the control side has not read yet. Its functions lock. [any]
final class SequencerNotices: Sendable {
    private let list = Mutex<[SequencerInput.Notice]>([])
    /// The greatest number of notices: their reader may be blocked, and any program can send identity requests at any
    /// rate. Further ones are dropped.
    private static let limit = 4096

    /// Adds a notice.
    func append(_ notice: SequencerInput.Notice) {
        list.withLock { if $0.count < Self.limit { $0.append(notice) } }
    }

    /// Returns the notices since the last call.
    func popAll() -> [SequencerInput.Notice] {
        list.withLock { list in
            defer { list.removeAll() }
            return list
        }
    }
}
