import Foundation
import Glibc
import Synchronization

/// A socket that waits for packets or connections.
struct Listener: Sendable {
    let socket: Int32
    let isStream: Bool

    /// UDP and TCP on one port, of IPv4 and of IPv6 where there is any.
    static func open(port: Int, everywhere: Bool) throws(OSCServerError) -> ([Listener], Int) {
        var listeners: [Listener] = []
        var port = port
        for (family, isStream) in [(AF_INET, false), (AF_INET, true), (AF_INET6, false), (AF_INET6, true)] {
            let opened = open(family, isStream, port, everywhere)
            if let listener = opened.listener {
                listeners.append(listener)
                if port == 0 { port = opened.port }
            } else if family == AF_INET {
                for listener in listeners { close(listener.socket) }
                let why =
                    opened.error == EADDRINUSE
                    ? "another program listens there already; --osc names another port"
                    : String(cString: strerror(opened.error))
                throw OSCServerError(description: "OSC cannot listen on port \(port): \(why)")
            }
        }
        return (listeners, port)
    }

    private static func open(
        _ family: Int32, _ isStream: Bool, _ port: Int, _ everywhere: Bool
    ) -> (listener: Listener?, port: Int, error: Int32) {
        let kind = isStream ? SOCK_STREAM : SOCK_DGRAM
        let socket = Glibc.socket(
            family, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { return (nil, port, errno) }
        var yes: Int32 = 1
        if isStream { setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, 4) }
        var address = Address()
        if family == AF_INET6 {
            setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, 4)
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = in_port_t(port).bigEndian
            v6.sin6_addr = everywhere ? in6addr_any : in6addr_loopback
            address.set(v6)
        } else {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = in_port_t(port).bigEndian
            v4.sin_addr.s_addr = in_addr_t(everywhere ? 0 : 0x7f00_0001).bigEndian
            address.set(v4)
        }
        let isOpen =
            address.withPointer { bind(socket, $0, $1) } == 0 && (!isStream || listen(socket, 8) == 0)
        guard isOpen else {
            let error = errno
            close(socket)
            return (nil, port, error)
        }
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
        }
        let own = family == AF_INET ? Int(in_port_t(bigEndian: bound.sin_port)) : port
        return (Listener(socket: socket, isStream: isStream), own, 0)
    }

    /// One packet and who sent it, or nil where none waits.
    func receive(_ buffer: UnsafeMutableRawBufferPointer) -> (count: Int, from: Address)? {
        var from = Address()
        let count = from.withMutablePointer {
            recvfrom(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT), $0, $1)
        }
        return count >= 0 ? (count, from) : nil
    }
}

/// Where a packet came from.
struct Address: Sendable {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    mutating func set<T>(_ address: T) {
        withUnsafeMutableBytes(of: &storage) { bytes in
            withUnsafeBytes(of: address) { bytes.copyMemory(from: $0) }
        }
        length = socklen_t(MemoryLayout<T>.size)
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &storage) { address in
            withUnsafeMutablePointer(to: &length) { length in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }

    /// The machine and the port.
    var endpoint: String {
        var host = [CChar](repeating: 0, count: 64), service = [CChar](repeating: 0, count: 16)
        _ = withPointer { getnameinfo($0, $1, &host, 64, &service, 16, NI_NUMERICHOST | NI_NUMERICSERV) }
        func text(_ name: [CChar]) -> String {
            String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        return "\(text(host)) \(text(service))"
    }

    /// The machine, without the port.
    var machine: String {
        var text = [CChar](repeating: 0, count: 64)
        _ = withPointer { getnameinfo($0, $1, &text, 64, nil, 0, NI_NUMERICHOST) }
        let name = text.withUnsafeBufferPointer {
            String(cString: $0.baseAddress ?? UnsafePointer($0.baseAddress!))
        }
        return name == "::1" || name == "127.0.0.1" ? "local" : name
    }
}

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

    /// Sends a message back. One that is too large for a packet is told of.
    func send(_ message: OSCMessage) {
        let bytes = message.bytes
        if let connection { return connection.send(bytes) }
        guard let address else { return }
        guard bytes.count <= 65_000 else {
            return send(
                OSCMessage(
                    "/error",
                    [
                        .string("too-much"), .string("the answer has \(bytes.count) bytes; ask over TCP"),
                        .string(message.address),
                    ]))
        }
        _ = address.withPointer { sendto(socket, bytes, bytes.count, Int32(MSG_DONTWAIT), $0, $1) }
    }
}

/// A TCP client: packets one after the other, each with its length before it (OSC 1.0) or in SLIP frames (OSC 1.1,
/// RFC 1055), as the first byte tells.
final class Connection: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isSLIP: Bool?
        var isEscaped = false
        var isOver = false
    }

    let socket: Int32
    let name: String
    private let state = Mutex(State())
    private static let count = Atomic<Int>(0)

    init(_ socket: Int32) {
        self.socket = socket
        name = "tcp \(Self.count.add(1, ordering: .relaxed).newValue)"
        var yes: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    }

    deinit { close(socket) }

    var isOver: Bool { state.withLock { $0.isOver } }

    func end() { state.withLock { $0.isOver = true } }

    /// Takes bytes in and hands every packet on that is complete.
    func take(_ new: UnsafeRawBufferPointer, _ give: ([UInt8]) -> Void) {
        let packets = state.withLock { state in
            if state.isSLIP == nil { state.isSLIP = new.first == 0xc0 }
            return state.isSLIP == true ? Self.frames(&state, new) : Self.counted(&state, new)
        }
        packets.forEach(give)
    }

    private static func counted(_ state: inout State, _ new: UnsafeRawBufferPointer) -> [[UInt8]] {
        state.bytes += new
        var packets: [[UInt8]] = [], at = 0
        while state.bytes.count - at >= 4 {
            let size = Int(state.bytes[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            // No packet of ours is so long: whoever sends it speaks something else.
            guard size <= OSCServer.packetLimit else {
                state.isOver = true
                return packets
            }
            guard state.bytes.count - at >= 4 + size else { break }
            packets.append(Array(state.bytes[(at + 4)..<(at + 4 + size)]))
            at += 4 + size
        }
        state.bytes.removeFirst(at)
        return packets
    }

    private static func frames(_ state: inout State, _ new: UnsafeRawBufferPointer) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        for byte in new {
            switch byte {
            case 0xc0:
                if !state.bytes.isEmpty { packets.append(state.bytes) }
                state.bytes = []
            case 0xdb: state.isEscaped = true
            default:
                state.bytes.append(state.isEscaped ? (byte == 0xdc ? 0xc0 : 0xdb) : byte)
                state.isEscaped = false
            }
            guard state.bytes.count <= OSCServer.packetLimit else {
                state.isOver = true
                return packets
            }
        }
        return packets
    }

    /// Sends a packet. A client that does not read is let go.
    func send(_ packet: [UInt8]) {
        state.withLock { state in
            guard !state.isOver else { return }
            var frame: [UInt8] = []
            if state.isSLIP == true {
                frame.append(0xc0)
                for byte in packet {
                    if byte == 0xc0 {
                        frame += [0xdb, 0xdc]
                    } else if byte == 0xdb {
                        frame += [0xdb, 0xdd]
                    } else {
                        frame.append(byte)
                    }
                }
                frame.append(0xc0)
            } else {
                frame = withUnsafeBytes(of: UInt32(packet.count).bigEndian, Array.init) + packet
            }
            let sent = Glibc.send(
                socket, frame, frame.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            if sent != frame.count { state.isOver = true }
        }
    }
}
