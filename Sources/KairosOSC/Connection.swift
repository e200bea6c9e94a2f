import Glibc
import Synchronization

/// A TCP connection of a client. Packets have a length before them (OSC 1.0) or are SLIP frames (OSC 1.1, RFC
/// 1055); the first byte decides.
final class Connection: Sendable {
    private struct State {
        /// The beginning of a packet that is not complete.
        var bytes: [UInt8] = []
        /// Nil before the first byte.
        var isSLIP: Bool?
        var isEscaped = false
        var isClosed = false
        /// See ``Connection/lastPacket``.
        var lastPacket: UInt64
    }

    let socket: Int32
    /// `tcp` and the number of the connection.
    let name: String
    private let state: Mutex<State>
    private static let count = Atomic<Int>(0)

    /// Takes ownership of a socket that was accepted at `now`, in nanoseconds of CLOCK_MONOTONIC, and
    /// closes it at deinitialization.
    init(_ socket: Int32, now: UInt64) {
        self.socket = socket
        state = Mutex(State(lastPacket: now))
        name = "tcp \(Self.count.wrappingAdd(1, ordering: .relaxed).newValue)"
        Socket.enable(TCP_NODELAY, of: socket, level: Int32(IPPROTO_TCP))
    }

    deinit { close(socket) }

    /// Whether the connection is to be removed from the table. Locks. [any]
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Marks the connection for removal from the table. Locks. [any]
    func markClosed() { state.withLock { $0.isClosed = true } }

    /// When the last complete packet was received, or else the connection accepted, in nanoseconds of
    /// CLOCK_MONOTONIC. Locks. [any]
    var lastPacket: UInt64 { state.withLock { $0.lastPacket } }

    /// Appends bytes that were received at `now`, and calls `body` with each packet that is complete. [input]
    func append(_ new: some Collection<UInt8>, now: UInt64, _ body: ([UInt8]) -> Void) {
        let new = Array(new)
        let packets = state.withLock { state in
            if state.isSLIP == nil { state.isSLIP = new.first == 0xc0 }
            let packets =
                state.isSLIP == true ? Self.decodeSLIP(&state, new) : Self.decodeLengths(&state, new)
            if !packets.isEmpty { state.lastPacket = now }
            return packets
        }
        packets.forEach(body)
    }

    private static func decodeLengths(_ state: inout State, _ new: [UInt8]) -> [[UInt8]] {
        state.bytes += new
        var packets: [[UInt8]] = [], offset = 0
        while state.bytes.count - offset >= 4 {
            let size = Int(state.bytes[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            // A larger length is another protocol.
            guard size <= OSCLimits.packetBytes else {
                state.isClosed = true
                return packets
            }
            guard state.bytes.count - offset >= 4 + size else { break }
            packets.append(Array(state.bytes[(offset + 4)..<(offset + 4 + size)]))
            offset += 4 + size
        }
        state.bytes.removeFirst(offset)
        return packets
    }

    private static func decodeSLIP(_ state: inout State, _ new: [UInt8]) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        for byte in new {
            switch byte {
            case 0xc0:
                if !state.bytes.isEmpty { packets.append(state.bytes) }
                state.bytes = []
                // A truncated escape does not affect the next frame.
                state.isEscaped = false
            case 0xdb: state.isEscaped = true
            default:
                state.bytes.append(state.isEscaped ? (byte == 0xdc ? 0xc0 : 0xdb) : byte)
                state.isEscaped = false
            }
            guard state.bytes.count <= OSCLimits.packetBytes else {
                state.isClosed = true
                return packets
            }
        }
        return packets
    }

    /// Sends a packet without waiting. A connection whose client does not read is marked closed. Locks.
    /// [any]
    func send(_ packet: [UInt8]) {
        state.withLock { state in
            guard !state.isClosed else { return }
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
                let size = UInt32(packet.count)
                frame = (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } + packet
            }
            if Socket.send(frame, to: socket) != frame.count { state.isClosed = true }
        }
    }
}
