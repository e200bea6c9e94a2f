/// Decides to which ports the two JACK outputs are connected.
///
/// Connections are persistent: each is made again, by its port's name, whenever the port returns. The user
/// adds a connection by connecting in a patchbay, and removes it by disconnecting; a connection that ended
/// because its port disappeared is kept. Where the user has not chosen, the first physical inputs are used,
/// then those of other sinks, and a dummy sink only until there is something better.
struct SpeakerPlan {
    /// An audio input of another client.
    struct Port: Equatable {
        /// `client:port`.
        var name: String
        /// True for a socket of a sound card.
        var isPhysical: Bool
        /// True if the audio does not leave the port's client (JackPortIsTerminal).
        var isTerminal: Bool

        /// The client's name: the text before the last colon.
        var client: Substring { name.lastIndex(of: ":").map { name[..<$0] } ?? name[...] }

        /// The preference as a loudspeaker: 0 is best; nil if it is not one.
        var rank: Int? {
            // PipeWire's sink if there is no other.
            if name.hasPrefix("Dummy Output") || name.hasPrefix("auto_null") { return 2 }
            if isPhysical { return 0 }
            let port = name.lastIndex(of: ":").map { name[name.index(after: $0)...] } ?? ""
            return isTerminal || port.hasPrefix("playback") ? 1 : nil
        }
    }

    /// A change of the connections. `output` is 0 (left) or 1 (right).
    enum Change: Equatable {
        case connect(output: Int, to: String)
        case disconnect(output: Int, from: String)
    }

    private struct Output {
        /// The ports that the user connected.
        var chosen: Set<String> = []
        /// True after the user disconnected an automatic connection; Kairos then makes no more of them.
        var isUserManaged = false
        /// The port that Kairos connects automatically whenever it exists.
        var preferred: String?
        /// The port that Kairos connected automatically last.
        var automatic: String?
        /// The connections at the last update.
        var seen: Set<String> = []
        /// Connections that ended while their ports seem to exist, and when they ended.
        var unconfirmed: [String: UInt64] = [:]
        /// The time of the last attempt to make each connection.
        var tried: [String: UInt64] = [:]
    }

    /// The time in nanoseconds that a port must exist without its connection before the disconnection counts
    /// as the user's; and the time between two attempts to connect.
    private static let confirmTime: UInt64 = 500_000_000, retryInterval: UInt64 = 500_000_000
    private var outputs = [Output(), Output()]
    /// The time at which each port last appeared or disappeared.
    private var changed: [String: UInt64] = [:]

    /// Begins with a new client: nothing is connected yet, and that is not the user's choice.
    mutating func begin() {
        for output in outputs.indices {
            outputs[output].seen = []
            outputs[output].unconfirmed = [:]
            outputs[output].tried = [:]
            outputs[output].automatic = nil
        }
        changed = [:]
    }

    /// Records that a port appeared or disappeared; `now` is in nanoseconds.
    mutating func portChanged(_ name: String, now: UInt64) {
        if changed.count > 1000 { changed = [:] }
        changed[name] = now
    }

    /// The changes to make now. `inputs` are the existing ports, `connected` the connections of each output,
    /// `isAutomatic` is whether Kairos makes connections of its own, and `now` is in nanoseconds.
    mutating func changes(
        inputs: [Port], connected: [Set<String>], isAutomatic: Bool, now: UInt64
    ) -> [Change] {
        let names = Set(inputs.map(\.name))
        for output in outputs.indices { update(output, names, connected[output], now) }
        var result: [Change] = []
        let targets = isAutomatic ? self.targets(inputs, names) : [nil, nil]
        for output in outputs.indices {
            let target = outputs[output].isUserManaged ? nil : targets[output]
            for name in outputs[output].chosen.union([target].compactMap { $0 }).sorted() {
                guard names.contains(name), !connected[output].contains(name),
                    outputs[output].unconfirmed[name] == nil,
                    now &- (outputs[output].tried[name] ?? 0) >= Self.retryInterval
                else { continue }
                outputs[output].tried[name] = now
                result.append(.connect(output: output, to: name))
            }
            result += dropFallback(output, target, connected[output])
        }
        return result
    }

    /// Updates the state of one output with the user's changes since the last call.
    private mutating func update(_ output: Int, _ names: Set<String>, _ connected: Set<String>, _ now: UInt64)
    {
        var state = outputs[output]
        // Connections that Kairos attempted recently are not the user's.
        for name in connected.subtracting(state.seen) where state.tried[name] == nil {
            state.chosen.insert(name)
        }
        for name in connected { state.unconfirmed[name] = nil }
        for name in state.seen.subtracting(connected) {
            state.tried[name] = nil
            // The port disappeared, or returned in the meantime.
            let isCausedByPort = changed[name].map { now &- $0 < 2 * Self.confirmTime } ?? false
            if names.contains(name), !isCausedByPort { state.unconfirmed[name] = now }
        }
        for (name, since) in state.unconfirmed {
            if !names.contains(name) || (changed[name] ?? 0) >= since {
                state.unconfirmed[name] = nil
            } else if now &- since >= Self.confirmTime {
                state.unconfirmed[name] = nil
                if state.chosen.remove(name) == nil || name == state.preferred { state.isUserManaged = true }
            }
        }
        state.seen = connected
        outputs[output] = state
    }

    /// The ports for automatic connections: the preferred ones, or the best that exist.
    private mutating func targets(_ inputs: [Port], _ names: Set<String>) -> [String?] {
        let preferred = outputs.map(\.preferred)
        if let left = preferred[0], names.contains(left) || preferred[1].map(names.contains) ?? false {
            return preferred
        }
        guard let rank = inputs.compactMap(\.rank).min(),
            let first = inputs.firstIndex(where: { $0.rank == rank })
        else { return [nil, nil] }
        let left = inputs[first].name
        // A client with a single input gets both channels.
        let right =
            inputs[(first + 1)...].first { $0.rank == rank && $0.client == inputs[first].client }?.name
            ?? left
        if preferred[0] == nil, rank < 2 {
            outputs[0].preferred = left
            outputs[1].preferred = right
        }
        for (output, name) in [left, right].enumerated() where outputs[output].automatic == nil {
            outputs[output].automatic = name
        }
        return [left, right]
    }

    /// Removes the connection that Kairos made while the target did not exist.
    private mutating func dropFallback(_ output: Int, _ target: String?, _ connected: Set<String>) -> [Change]
    {
        guard let target, connected.contains(target) else { return [] }
        defer { outputs[output].automatic = target }
        guard let automatic = outputs[output].automatic, automatic != target, connected.contains(automatic),
            !outputs[output].chosen.contains(automatic)
        else { return [] }
        // So that it does not count as disconnected by the user.
        outputs[output].seen.remove(automatic)
        outputs[output].tried[automatic] = nil
        return [.disconnect(output: output, from: automatic)]
    }
}
