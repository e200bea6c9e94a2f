import Glibc
import Synchronization

/// A TCP client: packets one after the other, each with its length before it (OSC 1.0) or in SLIP frames (OSC 1.1,
/// RFC 1055), as the first byte tells.
final class Connection: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isSLIP: Bool?
        var isEscaped = false
        var isOver = false
        /// When the last whole packet came, or the connection did, in nanoseconds of CLOCK_MONOTONIC.
        var lastPacket: UInt64
    }

    let socket: Int32
    let name: String
    private let state: Mutex<State>
    private static let count = Atomic<Int>(0)

    /// Takes over a socket that was accepted at `now`, in nanoseconds of CLOCK_MONOTONIC, and closes it at the end.
    init(_ socket: Int32, now: UInt64) {
        self.socket = socket
        state = Mutex(State(lastPacket: now))
        name = "tcp \(Self.count.wrappingAdd(1, ordering: .relaxed).newValue)"
        var yes: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    }

    deinit { close(socket) }

    var isOver: Bool { state.withLock { $0.isOver } }

    func end() { state.withLock { $0.isOver = true } }

    /// When the last whole packet came, or the connection did, in nanoseconds of CLOCK_MONOTONIC.
    var lastPacket: UInt64 { state.withLock { $0.lastPacket } }

    /// Takes bytes in that came at `now`, and hands every packet on that is complete.
    func take(_ new: UnsafeRawBufferPointer, now: UInt64, _ give: ([UInt8]) -> Void) {
        let packets = state.withLock { state in
            if state.isSLIP == nil { state.isSLIP = new.first == 0xc0 }
            let packets = state.isSLIP == true ? Self.frames(&state, new) : Self.counted(&state, new)
            if !packets.isEmpty { state.lastPacket = now }
            return packets
        }
        packets.forEach(give)
    }

    private static func counted(_ state: inout State, _ new: UnsafeRawBufferPointer) -> [[UInt8]] {
        state.bytes += new
        var packets: [[UInt8]] = [], at = 0
        while state.bytes.count - at >= 4 {
            let size = Int(state.bytes[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            // No packet of ours is so long: whoever sends it speaks something else.
            guard size <= OSCLimits.packet else {
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
                // An escape that was cut off is no part of the next frame.
                state.isEscaped = false
            case 0xdb: state.isEscaped = true
            default:
                state.bytes.append(state.isEscaped ? (byte == 0xdc ? 0xc0 : 0xdb) : byte)
                state.isEscaped = false
            }
            guard state.bytes.count <= OSCLimits.packet else {
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
