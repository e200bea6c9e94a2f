import CRealtime
import KairosControl
import KairosDSP
import KairosEngine
import Synchronization

/// What a client can be told without asking.
enum Topic: String, CaseIterable, Sendable {
    /// Parameters that moved.
    case values
    /// Load, interruptions, voices, slots, every tenth of a second.
    case meters
    /// The entry, when it changes.
    case state
    /// What the player is told at the terminal.
    case errors
}

/// Who is told what, and until when.
struct Subscriptions: Sendable {
    /// The most at once.
    static let limit = 64

    private struct Key: Hashable {
        var client: String
        var topic: Topic
    }

    private var ends: [Key: UInt64] = [:]

    mutating func add(_ client: String, _ topic: Topic, seconds: Int, now: UInt64) throws(OSCError) {
        expire(now)
        let key = Key(client: client, topic: topic)
        guard seconds > 0 else {
            ends[key] = nil
            return
        }
        guard ends[key] != nil || ends.count < Self.limit else {
            throw OSCError(.busy, "\(Self.limit) subscriptions are taken already", name: topic.rawValue)
        }
        ends[key] = now + UInt64(seconds) * 1_000_000_000
    }

    private mutating func expire(_ now: UInt64) { ends = ends.filter { $0.value > now } }

    mutating func clients(of topic: Topic, now: UInt64) -> [String] {
        expire(now)
        return ends.keys.filter { $0.topic == topic }.map(\.client).sorted()
    }

    /// Who is told anything.
    mutating func all(now: UInt64) -> Set<String> {
        expire(now)
        return Set(ends.keys.map(\.client))
    }

    mutating func remove(_ client: String) { ends = ends.filter { $0.key.client != client } }
}

/// What was told last.
struct SubscriberState: Sendable {
    /// The most values that are remembered.
    static let limit = 65_536

    var values: [String: UInt32] = [:]
    var entry = ""
    var metersAt: UInt64 = 0
}

extension OSCDispatcher {
    func subscribe(_ client: String, _ topic: Topic, seconds: Int) throws(OSCError) {
        let outcome: Result<Void, OSCError> = subscriptions.withLock { state in
            do throws(OSCError) {
                try state.0.add(client, topic, seconds: seconds, now: crt_now())
                // Whoever begins is told where everything is.
                if topic == .values { state.1.values = [:] }
                if topic == .state { state.1.entry = "" }
                return .success(())
            } catch { return .failure(error) }
        }
        try outcome.get()
    }

    /// Who is told anything.
    var subscribers: Set<String> { subscriptions.withLock { $0.0.all(now: crt_now()) } }

    /// A client is gone.
    func forget(_ client: String) {
        subscriptions.withLock { $0.0.remove(client) }
        clients.withLock { $0.remove(client) }
        decoders.withLock { $0.forget(client) }
        bench.abort(client)
    }

    /// What is to be told now, and to whom.
    ///
    /// > The console's own thread.
    func due() -> [(client: String, message: OSCMessage)] {
        let now = crt_now()
        var due: [(String, OSCMessage)] = []
        func tell(_ topic: Topic, _ messages: () -> [OSCMessage]) {
            let clients = subscriptions.withLock { $0.0.clients(of: topic, now: now) }
            guard !clients.isEmpty else { return }
            let messages = messages()
            for client in clients { due += messages.map { (client, $0) } }
        }
        tell(.values) { movedValues() }
        tell(.state) {
            let (rig, entry) = engine.playing
            let name = rig.entry(at: entry)?.name ?? ""
            let isNew = subscriptions.withLock { state in
                defer { state.1.entry = "\(entry) \(name)" }
                return state.1.entry != "\(entry) \(name)"
            }
            guard isNew else { return [] }
            return [OSCReply.entry.message([.count(entry), .string(name)])]
        }
        tell(.meters) {
            guard subscriptions.withLock({ now - $0.1.metersAt >= 95_000_000 }) else { return [] }
            subscriptions.withLock { $0.1.metersAt = now }
            return [OSCReply.meters.message(meters)]
        }
        let lines = lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
        if !lines.isEmpty { tell(.errors) { lines.map { OSCReply.log.message([.string($0)]) } } }
        return due
    }

    /// A line that the player is told.
    ///
    /// > Any thread.
    public func note(_ line: String) {
        lines.withLock { if $0.count < 64 { $0.append(line) } }
    }

    /// Parameters that are not where they were told to be; 200 at once at most.
    private func movedValues() -> [OSCMessage] {
        guard let layers = try? values() else { return [] }
        return subscriptions.withLock { state in
            var messages: [OSCMessage] = []
            // Layers that played long ago are forgotten; everything that plays is then told once more.
            if state.1.values.count > SubscriberState.limit { state.1.values = [:] }
            for layer in layers {
                for (name, spec, value) in layer.values where messages.count < 200 {
                    let key = "\(layer.layer) \(layer.sound) \(name)"
                    guard state.1.values[key] != value.bitPattern else { continue }
                    state.1.values[key] = value.bitPattern
                    let place = layer.layer == 16 ? OSCValue.string("master") : .count(layer.layer + 1)
                    messages.append(
                        OSCReply.value.message(
                            [place, .string(name), .float(value), .string(spec.display(value))]))
                }
            }
            return messages
        }
    }
}
