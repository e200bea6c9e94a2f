import CRealtime
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import Synchronization

/// The subscribers, and the messages that are due to them.
final class Subscribers: Sendable {
    private let engine: Engine
    private let snapshots: SnapshotReader
    private let host: OSCHost
    private let state = Mutex<(subscriptions: Subscriptions, sent: SubscriberState)>(
        (Subscriptions(), SubscriberState()))
    /// Lines for the subscribers of `errors`, at most 64.
    private let lines = Mutex<[String]>([])

    init(_ engine: Engine, _ snapshots: SnapshotReader, _ host: OSCHost) {
        self.engine = engine
        self.snapshots = snapshots
        self.host = host
    }

    /// Subscribes an endpoint to a topic; 0 seconds ends the subscription. Throws `busy` at the limit.
    /// Locks. [any]
    func subscribe(_ endpoint: String, _ topic: Topic, seconds: Int) throws(OSCError) {
        let outcome: Result<Void, OSCError> = state.withLock { state in
            do throws(OSCError) {
                try state.subscriptions.add(endpoint, topic, seconds: seconds, now: crt_now())
                // A new subscriber gets everything once.
                if topic == .values { state.sent.values = [:] }
                if topic == .state { state.sent.entry = [] }
                return .success(())
            } catch { return .failure(error) }
        }
        try outcome.get()
    }

    /// The endpoints that have any subscription. Locks. [any]
    var endpoints: Set<String> { state.withLock { $0.subscriptions.all(now: crt_now()) } }

    /// Removes the subscriptions of an endpoint. Locks. [any]
    func remove(_ endpoint: String) { state.withLock { $0.subscriptions.remove(endpoint) } }

    /// Adds a line for the subscribers of `errors`. Locks. [any]
    func append(line: String) { lines.withLock { if $0.count < 64 { $0.append(line) } } }

    /// Load, xruns, voices, slots in use. Locks. [any]
    var meters: [OSCValue] {
        let machine = host.machine()
        return [
            .float(Float(machine.load)), .count(machine.xruns), .count(engine.voices),
            .count(engine.slotsInUse),
        ]
    }

    /// The messages that are due now, with the endpoints to send them to. [control]
    func dueMessages() -> [(client: String, message: OSCMessage)] {
        let now = crt_now()
        var due: [(String, OSCMessage)] = []
        func add(_ topic: Topic, _ messages: () -> [OSCMessage]) {
            let clients = state.withLock { $0.subscriptions.clients(of: topic, now: now) }
            guard !clients.isEmpty else { return }
            let messages = messages()
            for client in clients { due += messages.map { (client, $0) } }
        }
        add(.values) { changedValues() }
        add(.state) {
            let (rig, entry) = engine.playing
            let name = entry.flatMap { rig.entry(at: $0) }?.name ?? ""
            let answer = [OSCValue.index(entry), .string(name)]
            let isNew = state.withLock { state in
                defer { state.sent.entry = answer }
                return state.sent.entry != answer
            }
            guard isNew else { return [] }
            return [OSCReply.entry.message(answer)]
        }
        add(.meters) {
            guard state.withLock({ now - $0.sent.metersTime >= 95_000_000 }) else { return [] }
            state.withLock { $0.sent.metersTime = now }
            return [OSCReply.meters.message(meters)]
        }
        let lines = lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
        if !lines.isEmpty { add(.errors) { lines.map { OSCReply.log.message([.string($0)]) } } }
        return due
    }

    /// Parameters whose value differs from the one sent last; at most 200 at once.
    private func changedValues() -> [OSCMessage] {
        guard let layers = try? snapshots.read().values else { return [] }
        return state.withLock { state in
            var messages: [OSCMessage] = []
            // Also drops layers that no longer play; all playing values are then sent once more.
            if state.sent.values.count > SubscriberState.limit { state.sent.values = [:] }
            for layer in layers {
                for (name, spec, value) in layer.values where messages.count < 200 {
                    let key = "\(layer.layer) \(layer.sound) \(name)"
                    guard state.sent.values[key] != value else { continue }
                    state.sent.values[key] = value
                    let number = layer.layer == 16 ? OSCValue.string("master") : .count(layer.layer + 1)
                    messages.append(
                        OSCReply.value.message(
                            [
                                number, .string(name), .float(snapshots.number(of: value, spec)),
                                .string(spec.display(value)),
                            ]))
                }
            }
            return messages
        }
    }
}
