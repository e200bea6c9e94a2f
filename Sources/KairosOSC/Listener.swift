import Glibc

/// A socket that receives UDP packets or TCP connections.
struct Listener: Sendable {
    let socket: Int32
    /// True for TCP.
    let isStream: Bool

    /// Opens UDP and TCP on one port (0: any free port), with IPv4 and, if available, IPv6. Returns the
    /// sockets and the port. Throws if an IPv4 socket cannot be opened.
    static func open(port: Int, onAllInterfaces: Bool) throws(OSCServerError) -> ([Listener], Int) {
        var listeners: [Listener] = []
        var port = port
        for (family, isStream) in [(AF_INET, false), (AF_INET, true), (AF_INET6, false), (AF_INET6, true)] {
            let opened = open(family, isStream, port, onAllInterfaces)
            if let listener = opened.listener {
                listeners.append(listener)
                if port == 0 { port = opened.port }
            } else if family == AF_INET {
                for listener in listeners { close(listener.socket) }
                let reason =
                    opened.error == EADDRINUSE
                    ? "another program uses the port; choose another one with --osc PORT"
                    : Socket.text(ofError: opened.error)
                throw OSCServerError(description: "OSC cannot listen on port \(port): \(reason)")
            }
        }
        return (listeners, port)
    }

    private static func open(
        _ family: Int32, _ isStream: Bool, _ port: Int, _ onAllInterfaces: Bool
    ) -> (listener: Listener?, port: Int, error: Int32) {
        let kind = isStream ? SOCK_STREAM : SOCK_DGRAM
        let socket = Glibc.socket(
            family, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { return (nil, port, errno) }
        if isStream { Socket.enable(SO_REUSEADDR, of: socket, level: SOL_SOCKET) }
        var address = Address()
        if family == AF_INET6 {
            Socket.enable(IPV6_V6ONLY, of: socket, level: Int32(IPPROTO_IPV6))
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = in_port_t(port).bigEndian
            v6.sin6_addr = onAllInterfaces ? in6addr_any : in6addr_loopback
            address.set(v6)
        } else {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = in_port_t(port).bigEndian
            v4.sin_addr.s_addr = in_addr_t(onAllInterfaces ? 0 : 0x7f00_0001).bigEndian
            address.set(v4)
        }
        let isOpen = address.bind(socket) && (!isStream || listen(socket, SOMAXCONN) == 0)
        guard isOpen else {
            let error = errno
            close(socket)
            return (nil, port, error)
        }
        let own = family == AF_INET ? Address.port(of: socket) : port
        return (Listener(socket: socket, isStream: isStream), own, 0)
    }

    /// Receives one packet: its size and its sender, or nil if none is waiting. Does not block.
    func receive(into buffer: inout [UInt8]) -> (count: Int, from: Address)? {
        var from = Address()
        let count = from.receive(from: socket, into: &buffer)
        return count >= 0 ? (count, from) : nil
    }
}
