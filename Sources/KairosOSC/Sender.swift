import Glibc

/// The sender of a message, with what is needed to answer it.
struct Sender: Sendable {
    /// The name of the client, which owns a draft: for UDP the machine, because each call of a program like
    /// `oscsend` uses another port; for TCP the connection.
    let name: String
    private let socket: Int32
    private let address: Address?
    private let connection: Connection?

    /// The name of the address that subscriptions are sent to: for UDP host and port, for TCP the connection.
    var endpoint: String { address.map { "udp \($0.endpoint)" } ?? name }

    /// The sender of a datagram.
    init(udp socket: Int32, _ address: Address) {
        name = "udp \(address.machine)"
        self.socket = socket
        self.address = address
        connection = nil
    }

    /// The client of a connection.
    init(tcp connection: Connection) {
        name = connection.name
        socket = connection.socket
        address = nil
        self.connection = connection
    }

    /// The maximum size of an answer over UDP, in bytes.
    private static let datagramLimit = 65_000

    /// Sends a message to the sender, without waiting. If an answer is too large for UDP, an error is sent
    /// in its place, which says that the command was carried out. Locks. [any]
    func send(_ message: OSCMessage) {
        let bytes = message.bytes
        if let connection { return connection.send(bytes) }
        guard let address else { return }
        guard bytes.count <= Self.datagramLimit else { return send(Self.tooLarge(message, bytes.count)) }
        address.send(bytes, from: socket)
    }

    private static func tooLarge(_ message: OSCMessage, _ size: Int) -> OSCMessage {
        let about = message.address == OSCReply.ok.rawValue ? Array(message.values.prefix(2)) : []
        return OSCReply.error.message(
            [
                .string(OSCError.Code.limit.rawValue),
                .string(
                    "done, but the answer has \(size) bytes and UDP allows at most \(datagramLimit); use TCP"
                ), about.first ?? .string(message.address),
            ] + about + (message.tag.map { [$0] } ?? []))
    }
}
