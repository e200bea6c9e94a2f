import Glibc

/// A socket address: the sender of a packet, or where a socket is bound.
struct Address: Sendable {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Copies an address of the family's own type, such as `sockaddr_in`.
    mutating func set<T>(_ address: T) {
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe withUnsafeBytes(of: address) { unsafe bytes.copyMemory(from: $0) }
        }
        length = socklen_t(MemoryLayout<T>.size)
    }

    /// Calls `body` with the address as the system calls take it.
    private func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
    }

    /// Calls `body` with memory that a system call writes an address to.
    private mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &storage) { address in
            unsafe withUnsafeMutablePointer(to: &length) { length in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
            }
        }
    }

    /// Binds a socket to the address. Returns false, and sets `errno`, if that fails.
    func bind(_ socket: Int32) -> Bool { unsafe withPointer { unsafe Glibc.bind(socket, $0, $1) } == 0 }

    /// Sends a datagram to the address, without waiting.
    func send(_ bytes: [UInt8], from socket: Int32) {
        _ = unsafe withPointer { unsafe sendto(socket, bytes, bytes.count, Int32(MSG_DONTWAIT), $0, $1) }
    }

    /// Receives a datagram, and stores its sender, without waiting. Returns its size, or a negative number if none
    /// is there.
    mutating func receive(from socket: Int32, into buffer: inout [UInt8]) -> Int {
        let room = buffer.count
        return unsafe withMutablePointer {
            unsafe recvfrom(socket, &buffer, room, Int32(MSG_DONTWAIT), $0, $1)
        }
    }

    /// The port that an IPv4 socket is bound to.
    static func port(of socket: Int32) -> Int {
        var address = Address()
        _ = unsafe address.withMutablePointer { unsafe getsockname(socket, $0, $1) }
        return unsafe withUnsafeBytes(of: address.storage) {
            Int(in_port_t(bigEndian: unsafe $0.load(as: sockaddr_in.self).sin_port))
        }
    }

    /// Host and port as text.
    var endpoint: String {
        var host = [CChar](repeating: 0, count: 64), service = [CChar](repeating: 0, count: 16)
        _ = unsafe withPointer {
            unsafe getnameinfo($0, $1, &host, 64, &service, 16, NI_NUMERICHOST | NI_NUMERICSERV)
        }
        return "\(Self.string(host)) \(Self.string(service))"
    }

    private static func string(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The host as text, `local` for this machine.
    var machine: String {
        var text = [CChar](repeating: 0, count: 64)
        _ = unsafe withPointer { unsafe getnameinfo($0, $1, &text, 64, nil, 0, NI_NUMERICHOST) }
        let name = Self.string(text)
        return name == "::1" || name == "127.0.0.1" ? "local" : name
    }
}
