import Glibc

/// A socket address: the sender of a packet, or where a socket is bound.
struct Address: Sendable {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Copies an address of the family's own type, such as `sockaddr_in`.
    mutating func set<T>(_ address: T) {
        withUnsafeMutableBytes(of: &storage) { bytes in
            withUnsafeBytes(of: address) { bytes.copyMemory(from: $0) }
        }
        length = socklen_t(MemoryLayout<T>.size)
    }

    /// Calls `body` with the address as the system calls take it.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Calls `body` with memory that a system call writes an address to.
    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &storage) { address in
            withUnsafeMutablePointer(to: &length) { length in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }

    /// Host and port as text.
    var endpoint: String {
        var host = [CChar](repeating: 0, count: 64), service = [CChar](repeating: 0, count: 16)
        _ = withPointer { getnameinfo($0, $1, &host, 64, &service, 16, NI_NUMERICHOST | NI_NUMERICSERV) }
        return "\(Self.string(host)) \(Self.string(service))"
    }

    private static func string(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The host as text, `local` for this machine.
    var machine: String {
        var text = [CChar](repeating: 0, count: 64)
        _ = withPointer { getnameinfo($0, $1, &text, 64, nil, 0, NI_NUMERICHOST) }
        let name = Self.string(text)
        return name == "::1" || name == "127.0.0.1" ? "local" : name
    }
}
