/// The clients that edit, and the layer that each has selected.
///
/// A client is a machine (UDP) or a connection (TCP), so a sender that invents addresses can fill the table.
/// When it is full, a new client replaces the one that has been idle longest: at once if that one has neither
/// a draft nor a selected layer, otherwise after ``idleLimit``; the next edit of the replaced client is then
/// refused. [any]
struct ClientTable: Sendable {
    /// The outcome of adding a client.
    enum Entry: Equatable {
        /// The client is in the table. `dismissed` is the client that it replaced, whose draft is to be
        /// discarded.
        case entered(dismissed: String?)
        /// The table is full.
        case full
    }

    /// The state of a client in the table.
    enum Status: Equatable {
        case known, unknown
        /// The client was replaced since its last use. Returned once.
        case dismissed
    }

    private struct Record {
        var layer = 0
        /// In nanoseconds of CLOCK_MONOTONIC.
        var lastUse: UInt64
    }

    /// The maximum number of clients.
    static let limit = 64
    /// The idle time after which a client may lose its draft, in nanoseconds.
    static let idleLimit: UInt64 = 600_000_000_000

    private var records: [String: Record] = [:]
    /// Clients that lost a draft or a layer and have not had an error for it, oldest first.
    private var dismissed: [String] = []

    /// The layer that a client edits: 0…15, or 16 for the master effects.
    func layer(of client: String) -> Int { records[client]?.layer ?? 0 }

    /// Records that a client uses its draft or its layer at `now`, in nanoseconds of CLOCK_MONOTONIC.
    mutating func recordUse(_ client: String, now: UInt64) -> Status {
        if records[client] != nil {
            records[client]?.lastUse = now
            return .known
        }
        guard let index = dismissed.firstIndex(of: client) else { return .unknown }
        dismissed.remove(at: index)
        return .dismissed
    }

    /// Adds a client, or records that it still edits, at `now`, in nanoseconds of CLOCK_MONOTONIC.
    mutating func enter(_ client: String, now: UInt64, hasDraft: (String) -> Bool) -> Entry {
        if records[client] != nil {
            records[client]?.lastUse = now
            return .entered(dismissed: nil)
        }
        var replaced: String?
        if records.count >= Self.limit {
            let oldest = records.sorted { ($0.value.lastUse, $0.key) < ($1.value.lastUse, $1.key) }
            if let idle = oldest.first(where: { $0.value.layer == 0 && !hasDraft($0.key) }) {
                replaced = idle.key
            } else if let (client, record) = oldest.first, now >= record.lastUse + Self.idleLimit {
                replaced = client
                dismissed.append(client)
                if dismissed.count > Self.limit { dismissed.removeFirst() }
            } else {
                return .full
            }
        }
        if let replaced { records[replaced] = nil }
        records[client] = Record(lastUse: now)
        return .entered(dismissed: replaced)
    }

    /// Sets the layer of a client that has entered: 0…15, or 16 for the master effects.
    mutating func setLayer(_ layer: Int, for client: String) { records[client]?.layer = layer }

    /// Removes a client that is gone.
    mutating func remove(_ client: String) {
        records[client] = nil
        dismissed.removeAll { $0 == client }
    }
}
