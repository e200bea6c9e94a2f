import CJACK
import CRealtime
import Synchronization

/// Opens and closes all JACK clients of this process.
///
/// When a server has died, libjack's next `jack_client_open` closes and frees all clients of the process that
/// are still open, whichever of them received the shutdown callback. Using or closing one of them afterwards
/// crashes. Therefore a client counts as dead when any client received the callback after it was opened, and
/// no client is opened before all dead ones are closed.
enum JACKClients {
    /// An open client. Its owner closes it exactly once, also where its server has died.
    struct Client: Sendable {
        fileprivate let handle: SharedHandle
        /// libjack's handle.
        var pointer: OpaquePointer { handle.pointer }
        /// The value of `deaths` when the client was opened.
        fileprivate let server: Int

        /// True if the client's server has died, or libjack treats it as dead. [any]
        var isDead: Bool { JACKClients.deaths.load(ordering: .acquiring) != server }
    }

    /// The time in nanoseconds that ``open(_:)`` waits for the owners of dead clients to close them.
    private static let patience: UInt64 = 1_000_000_000

    /// The number of shutdown callbacks of all clients.
    private static let deaths = Atomic<Int>(0)
    /// The number of open clients for each value of `deaths`.
    private static let open = Mutex<[Int: Int]>([:])

    /// Opens a client; never starts a server. Returns nil if no server answers, or a dead client is still
    /// open after a second. For any thread that may wait: a frozen server delays it indefinitely.
    static func open(_ name: String) -> Client? {
        guard waitForDead() else { return nil }
        let server = deaths.load(ordering: .acquiring)
        guard let pointer = cjack_open(name) else { return nil }
        open.withLock { $0[server, default: 0] += 1 }
        return Client(handle: SharedHandle(pointer: pointer), server: server)
    }

    /// Waits at most a second until no dead client is open. Returns false if one still is.
    private static func waitForDead() -> Bool {
        let end = crt_now() + patience
        while open.withLock({ open in open.keys.contains { $0 != deaths.load(ordering: .acquiring) } }) {
            guard crt_now() < end else { return false }
            crt_sleep_until(crt_now() + 2_000_000)
        }
        return true
    }

    /// Records a shutdown callback. For libjack's thread.
    static func serverDied() { deaths.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    /// Closes a client that is no longer used. For any thread that may wait: a frozen server delays it
    /// indefinitely.
    static func close(_ client: Client) {
        jack_client_close(client.pointer)
        open.withLock { open in
            open[client.server, default: 1] -= 1
            if open[client.server] == 0 { open[client.server] = nil }
        }
    }
}
