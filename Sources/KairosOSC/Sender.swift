import Glibc

/// Who sent something, and the way back.
struct Sender: Sendable {
    /// What drafts are kept by: over UDP the machine, so that one command after another of a program like `oscsend`
    /// is one client; over TCP the connection.
    let name: String
    private let socket: Int32
    private let address: Address?
    private let connection: Connection?

    /// What subscriptions are kept by: where they go.
    var endpoint: String { address.map { "udp \($0.endpoint)" } ?? name }

    init(udp socket: Int32, _ address: Address) {
        name = "udp \(address.machine)"
        self.socket = socket
        self.address = address
        connection = nil
    }

    init(tcp connection: Connection) {
        name = connection.name
        socket = connection.socket
        address = nil
        self.connection = connection
    }

    /// The largest answer over UDP, in bytes.
    private static let datagramLimit = 65_000

    /// Sends a message back. Where an answer is too large for a packet of UDP, an error says so instead, and that the
    /// command was carried out.
    func send(_ message: OSCMessage) {
        let bytes = message.bytes
        if let connection { return connection.send(bytes) }
        guard let address else { return }
        guard bytes.count <= Self.datagramLimit else { return send(Self.tooLarge(message, bytes.count)) }
        _ = address.withPointer { sendto(socket, bytes, bytes.count, Int32(MSG_DONTWAIT), $0, $1) }
    }
    private static func tooLarge(_ message: OSCMessage, _ size: Int) -> OSCMessage {
        let about = message.address == OSCReply.ok.rawValue ? Array(message.values.prefix(2)) : []
        return OSCReply.error.message(
            [
                .string(OSCError.Code.limit.rawValue),
                .string(
                    "done, but the answer has \(size) bytes, and a packet of UDP has at most \(datagramLimit): ask over TCP"
                ), about.first ?? .string(message.address),
            ] + about + (message.tag.map { [$0] } ?? []))
    }
}
