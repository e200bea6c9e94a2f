import CJACK
import CRealtime
import Synchronization

/// The JACK clients of this process. Every client is opened and closed here.
///
/// When a server has died, libjack's next `jack_client_open` closes and frees all clients of the process that are still
/// open, whichever of them was told. Whoever uses or closes one of them afterwards crashes. So a client is dead when
/// any client was told so after it was opened, and none is opened before all dead ones are closed.
enum JACKClients {
    /// An open client. Its owner closes it once, whether its server lives or not.
    struct Client {
        /// libjack's handle.
        let pointer: OpaquePointer
        /// The value of `deaths` when it was opened.
        fileprivate let server: Int

        /// True when the client's server has died, or libjack takes it for dead.
        ///
        /// > Thread: [any]
        var isDead: Bool { JACKClients.deaths.load(ordering: .acquiring) != server }
    }

    /// Nanoseconds that ``open(_:)`` waits for the owners of dead clients to close them.
    private static let patience: UInt64 = 1_000_000_000

    /// The number of times that a client was told that its server died.
    private static let deaths = Atomic<Int>(0)
    /// The number of open clients for each value of `deaths`.
    private static let open = Mutex<[Int: Int]>([:])

    /// Opens a client; it never starts a server. Nil: no server answers, or a dead client is still open after a second.
    ///
    /// It waits for as long as a frozen server takes.
    ///
    /// > Thread: [any] that may wait
    static func open(_ name: String) -> Client? {
        guard waitForDead() else { return nil }
        let server = deaths.load(ordering: .acquiring)
        guard let pointer = cjack_open(name) else { return nil }
        open.withLock { $0[server, default: 0] += 1 }
        return Client(pointer: pointer, server: server)
    }

    /// Waits until no dead client is open, at most a second. False where one still is.
    ///
    /// > Thread: [any] that may wait
    private static func waitForDead() -> Bool {
        let end = crt_now() + patience
        while open.withLock({ open in open.keys.contains { $0 != deaths.load(ordering: .acquiring) } }) {
            guard crt_now() < end else { return false }
            crt_sleep_until(crt_now() + 2_000_000)
        }
        return true
    }

    /// A client was told that its server died.
    ///
    /// > Thread: libjack's
    static func serverDied() { deaths.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    /// Closes a client that nobody uses any more. It waits for as long as a frozen server takes.
    ///
    /// > Thread: [any] that may wait
    static func close(_ client: Client) {
        jack_client_close(client.pointer)
        open.withLock { open in
            open[client.server, default: 1] -= 1
            if open[client.server] == 0 { open[client.server] = nil }
        }
    }
}
