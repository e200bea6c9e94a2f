/// The open TCP connections.
///
/// When the table is full, a new connection replaces one that has sent no packet for a minute; a connection
/// in use is kept. [input]
struct ConnectionTable {
    /// In the order in which they were accepted.
    private(set) var connections: [Connection] = []

    /// Adds a connection that was accepted at `now`, in nanoseconds of CLOCK_MONOTONIC. Returns false if
    /// the table is full; the caller then drops the connection, which closes it.
    mutating func add(_ new: Connection, now: UInt64) -> Bool {
        let open = connections.count { !$0.isClosed }
        guard open < OSCLimits.connections || closeLongestIdle(now: now) else { return false }
        connections.append(new)
        return true
    }

    /// Closes the connection that has been idle longest, if that is at least ``OSCLimits/secondsIdle``.
    /// Returns whether one was closed.
    @discardableResult
    func closeLongestIdle(now: UInt64) -> Bool {
        let open = connections.filter { !$0.isClosed }
        guard let oldest = open.min(by: { $0.lastPacket < $1.lastPacket }),
            now >= oldest.lastPacket + OSCLimits.secondsIdle * 1_000_000_000
        else { return false }
        oldest.markClosed()
        return true
    }

    /// Removes the closed connections and returns their names.
    mutating func removeClosed() -> [String] {
        let closed = connections.filter(\.isClosed).map(\.name)
        if !closed.isEmpty { connections.removeAll(where: \.isClosed) }
        return closed
    }
}
