/// The TCP connections that are open.
///
/// A connection that has sent no packet for a minute makes room for another, when there is no room left; a client that
/// uses its connection keeps it. [input]
struct ConnectionTable {
    private(set) var connections: [Connection] = []

    /// Takes a connection in that came at `now`, in nanoseconds of CLOCK_MONOTONIC. False where there is no room: it is
    /// to be closed.
    mutating func admit(_ new: Connection, now: UInt64) -> Bool {
        let open = connections.count { !$0.isOver }
        guard open < OSCLimits.connections || endLongestIdle(now: now) else { return false }
        connections.append(new)
        return true
    }

    /// Ends the connection that has sent nothing for the longest time, if that is long enough. Whether there was one.
    @discardableResult
    func endLongestIdle(now: UInt64) -> Bool {
        let open = connections.filter { !$0.isOver }
        guard let oldest = open.min(by: { $0.lastPacket < $1.lastPacket }),
            now >= oldest.lastPacket + OSCLimits.secondsIdle * 1_000_000_000
        else { return false }
        oldest.end()
        return true
    }

    /// Takes out the connections that are over and returns their names.
    mutating func removeEnded() -> [String] {
        let ended = connections.filter(\.isOver).map(\.name)
        if !ended.isEmpty { connections.removeAll(where: \.isOver) }
        return ended
    }
}
