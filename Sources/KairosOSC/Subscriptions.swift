/// The topics that each endpoint has subscribed to, with the times at which the subscriptions end, in
/// nanoseconds of CLOCK_MONOTONIC.
struct Subscriptions: Sendable {
    /// The maximum number of subscriptions.
    static let limit = 64

    private struct Key: Hashable {
        var client: String
        var topic: Topic
    }

    private var ends: [Key: UInt64] = [:]

    /// Adds or renews a subscription; 0 seconds removes it. Throws `busy` at the limit.
    mutating func add(_ client: String, _ topic: Topic, seconds: Int, now: UInt64) throws(OSCError) {
        removeExpired(now)
        let key = Key(client: client, topic: topic)
        guard seconds > 0 else {
            ends[key] = nil
            return
        }
        guard ends[key] != nil || ends.count < Self.limit else {
            throw OSCError(
                .busy, "there are already \(Self.limit) subscriptions, the maximum", name: topic.rawValue)
        }
        ends[key] = now + UInt64(seconds) * 1_000_000_000
    }

    private mutating func removeExpired(_ now: UInt64) { ends = ends.filter { $0.value > now } }

    /// The subscribers of a topic, sorted.
    mutating func clients(of topic: Topic, now: UInt64) -> [String] {
        removeExpired(now)
        return ends.keys.filter { $0.topic == topic }.map(\.client).sorted()
    }

    /// The subscribers of any topic.
    mutating func all(now: UInt64) -> Set<String> {
        removeExpired(now)
        return Set(ends.keys.map(\.client))
    }

    /// Removes all subscriptions of a client.
    mutating func remove(_ client: String) { ends = ends.filter { $0.key.client != client } }
}
