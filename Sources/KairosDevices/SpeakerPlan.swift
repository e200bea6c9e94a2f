/// Decides what the two outputs should be connected to.
///
/// A connection is a wish that lasts: it is made again whenever its port is there again, by its name. The player makes
/// wishes by connecting in a patchbay, and takes them back by disconnecting; a connection that ended because its port
/// went away is still wished for. Where the player has not chosen, the first physical inputs are taken, then those of
/// other sinks, and a stand-in only until there is something better.
struct SpeakerPlan {
    /// An audio input of another client.
    struct Port: Equatable {
        /// `client:port`.
        var name: String
        /// Whether it is a socket of a card.
        var isPhysical: Bool
        /// Whether what it takes goes no further.
        var isTerminal: Bool

        /// Everything before the last colon.
        var client: Substring { name.lastIndex(of: ":").map { name[..<$0] } ?? name[...] }

        /// How well it serves as a loudspeaker: 0 is best, nil is not at all.
        var rank: Int? {
            // PipeWire's sink for when there is none.
            if name.hasPrefix("Dummy Output") || name.hasPrefix("auto_null") { return 2 }
            if isPhysical { return 0 }
            let port = name.lastIndex(of: ":").map { name[name.index(after: $0)...] } ?? ""
            return isTerminal || port.hasPrefix("playback") ? 1 : nil
        }
    }

    /// What should be done. Outputs are 0 (left) and 1 (right).
    enum Change: Equatable {
        case connect(output: Int, to: String)
        case disconnect(output: Int, from: String)
    }

    private struct Output {
        /// Ports that the player connected himself.
        var chosen: Set<String> = []
        /// Whether the player disconnected what Kairos had connected: then it connects nothing on its own any more.
        var isPlayers = false
        /// The port that Kairos connects on its own, wherever it is there.
        var home: String?
        /// What Kairos connected on its own last.
        var own: String?
        /// What was connected at the last look.
        var seen: Set<String> = []
        /// Connections that ended though their ports seem to be there, and since when.
        var doubtful: [String: UInt64] = [:]
        /// When each was tried last.
        var tried: [String: UInt64] = [:]
    }

    /// Nanoseconds for which a port must be there, without its connection, before that is the player's wish; and those
    /// between two tries.
    private static let doubt: UInt64 = 500_000_000, pause: UInt64 = 500_000_000
    private var outputs = [Output(), Output()]
    /// When ports last came or went.
    private var changed: [String: UInt64] = [:]

    /// Another client has taken the place of the one before: nothing is connected yet, and that is nobody's wish.
    mutating func begin() {
        for output in outputs.indices {
            outputs[output].seen = []
            outputs[output].doubtful = [:]
            outputs[output].tried = [:]
            outputs[output].own = nil
        }
        changed = [:]
    }

    /// A port came or went.
    mutating func portChanged(_ name: String, now: UInt64) {
        if changed.count > 1000 { changed = [:] }
        changed[name] = now
    }

    /// What should be done where `inputs` are there and each output is `connected` so.
    mutating func changes(
        inputs: [Port], connected: [Set<String>], isAutomatic: Bool, now: UInt64
    ) -> [Change] {
        let names = Set(inputs.map(\.name))
        for output in outputs.indices { learn(output, names, connected[output], now) }
        var result: [Change] = []
        let targets = isAutomatic ? self.targets(inputs, names) : [nil, nil]
        for output in outputs.indices {
            let target = outputs[output].isPlayers ? nil : targets[output]
            for name in outputs[output].chosen.union([target].compactMap { $0 }).sorted() {
                guard names.contains(name), !connected[output].contains(name),
                    outputs[output].doubtful[name] == nil,
                    now &- (outputs[output].tried[name] ?? 0) >= Self.pause
                else { continue }
                outputs[output].tried[name] = now
                result.append(.connect(output: output, to: name))
            }
            result += leaveStandIn(output, target, connected[output])
        }
        return result
    }

    /// Takes in what the player did since the last look.
    private mutating func learn(_ output: Int, _ names: Set<String>, _ connected: Set<String>, _ now: UInt64)
    {
        var state = outputs[output]
        // What Kairos tried lately is its own doing.
        for name in connected.subtracting(state.seen) where state.tried[name] == nil {
            state.chosen.insert(name)
        }
        for name in connected { state.doubtful[name] = nil }
        for name in state.seen.subtracting(connected) {
            state.tried[name] = nil
            // Its port went away, or came back in the meantime.
            let isByPort = changed[name].map { now &- $0 < 2 * Self.doubt } ?? false
            if names.contains(name), !isByPort { state.doubtful[name] = now }
        }
        for (name, since) in state.doubtful {
            if !names.contains(name) || (changed[name] ?? 0) >= since {
                state.doubtful[name] = nil
            } else if now &- since >= Self.doubt {
                state.doubtful[name] = nil
                if state.chosen.remove(name) == nil || name == state.home { state.isPlayers = true }
            }
        }
        state.seen = connected
        outputs[output] = state
    }

    /// The ports that Kairos chooses on its own: where it was at home, or the best that are there.
    private mutating func targets(_ inputs: [Port], _ names: Set<String>) -> [String?] {
        let home = outputs.map(\.home)
        if let left = home[0], names.contains(left) || home[1].map(names.contains) ?? false { return home }
        guard let rank = inputs.compactMap(\.rank).min(),
            let first = inputs.firstIndex(where: { $0.rank == rank })
        else { return [nil, nil] }
        let left = inputs[first].name
        // A client with one input gets both channels.
        let right =
            inputs[(first + 1)...].first { $0.rank == rank && $0.client == inputs[first].client }?.name
            ?? left
        if home[0] == nil, rank < 2 {
            outputs[0].home = left
            outputs[1].home = right
        }
        for (output, name) in [left, right].enumerated() where outputs[output].own == nil {
            outputs[output].own = name
        }
        return [left, right]
    }

    /// Takes down what Kairos connected while its target was away.
    private mutating func leaveStandIn(_ output: Int, _ target: String?, _ connected: Set<String>) -> [Change]
    {
        guard let target, connected.contains(target) else { return [] }
        defer { outputs[output].own = target }
        guard let own = outputs[output].own, own != target, connected.contains(own),
            !outputs[output].chosen.contains(own)
        else { return [] }
        // It is not the player who takes it down.
        outputs[output].seen.remove(own)
        outputs[output].tried[own] = nil
        return [.disconnect(output: output, from: own)]
    }
}
