/// Which clients edit, and the layer that each has chosen.
///
/// A client is a machine (over UDP) or a connection (over TCP), so a sender that invents addresses can fill the table.
/// Where it is full, the client that has not used its place for the longest time loses it: at once where it has
/// nothing to lose, otherwise after ``patience``; it is told at its next edit. [any]
struct ClientTable: Sendable {
    /// What became of a client that wants a place.
    enum Entry: Equatable {
        /// It has one. The other client lost its place, and its draft with it.
        case entered(dismissed: String?)
        /// Every place is in use.
        case full
    }

    /// How a client stands.
    enum Standing: Equatable {
        case known, unknown
        /// It lost its place since it was used last. Told once.
        case dismissed
    }

    private struct Place {
        var layer = 0
        /// In nanoseconds of CLOCK_MONOTONIC.
        var lastUse: UInt64
    }

    /// The most clients.
    static let limit = 64
    /// After how long a client may lose its draft, in nanoseconds.
    static let patience: UInt64 = 600_000_000_000

    private var places: [String: Place] = [:]
    /// Clients that lost a draft or a layer and do not know it yet, the longest ago first.
    private var dismissed: [String] = []

    /// The layer that a client edits: 0…15, or 16 for the master effects.
    func layer(of client: String) -> Int { places[client]?.layer ?? 0 }

    /// A client does something for which its draft or its layer matters.
    mutating func use(_ client: String, now: UInt64) -> Standing {
        if places[client] != nil {
            places[client]?.lastUse = now
            return .known
        }
        guard let index = dismissed.firstIndex(of: client) else { return .unknown }
        dismissed.remove(at: index)
        return .dismissed
    }

    /// A client begins to edit, or goes on.
    mutating func enter(_ client: String, now: UInt64, hasDraft: (String) -> Bool) -> Entry {
        if places[client] != nil {
            places[client]?.lastUse = now
            return .entered(dismissed: nil)
        }
        var loser: String?
        if places.count >= Self.limit {
            let oldest = places.sorted { ($0.value.lastUse, $0.key) < ($1.value.lastUse, $1.key) }
            if let idle = oldest.first(where: { $0.value.layer == 0 && !hasDraft($0.key) }) {
                loser = idle.key
            } else if let (client, place) = oldest.first, now >= place.lastUse + Self.patience {
                loser = client
                dismissed.append(client)
                if dismissed.count > Self.limit { dismissed.removeFirst() }
            } else {
                return .full
            }
        }
        if let loser { places[loser] = nil }
        places[client] = Place(lastUse: now)
        return .entered(dismissed: loser)
    }

    /// A client that has entered chooses a layer: 0…15, or 16 for the master effects.
    mutating func choose(_ layer: Int, for client: String) { places[client]?.layer = layer }

    /// A client is gone.
    mutating func remove(_ client: String) {
        places[client] = nil
        dismissed.removeAll { $0 == client }
    }
}
