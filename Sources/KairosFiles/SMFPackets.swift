/// The system messages of a track, put together from the packets of its F0 and F7 events: a message may begin in one
/// packet and go on in later ones, and an F7 event may carry any other bytes (RP-001, "sysex events").
struct SMFPackets {
    /// The message that is not yet complete, from its status byte on; empty between messages.
    private var open: [UInt8] = []
    /// Bytes that were taken and belong to no complete message.
    private var lost = 0

    /// Whether a system exclusive message waits for its end.
    var isExclusiveOpen: Bool { open.first == 0xf0 }

    /// A system exclusive message begins; one that is open is dropped.
    mutating func begin() {
        drop()
        open = [0xf0]
    }

    /// Counts the open message as lost. A status byte alone, which may stand for more messages, is none.
    private mutating func drop() {
        if open.count > 1 { lost += open.count }
        open = []
    }

    /// The number of bytes lost since the last call.
    mutating func takeLost() -> Int {
        defer { lost = 0 }
        return lost
    }

    /// Ends the track: a message that is not complete is lost.
    mutating func end() { drop() }

    /// Ends the open system exclusive message, whose F7 is missing.
    mutating func endExclusive() -> [UInt8] {
        defer { open = [] }
        return open + [0xf7]
    }

    /// Takes one byte. Returns the message that it completes.
    mutating func take(_ byte: UInt8) -> [UInt8]? {
        switch byte {
        case 0xf8...: return [byte]
        case 0xf7:
            if isExclusiveOpen { return endExclusive() }
            drop()
            return nil
        case 0x80...:
            drop()
            open = [byte]
        default:
            // Data without a status byte belongs to no message.
            guard !open.isEmpty else {
                lost += 1
                return nil
            }
            open.append(byte)
        }
        guard let status = open.first, status != 0xf0, open.count > Self.dataCount(status) else { return nil }
        // A channel message may be followed by data of another with the same status.
        defer { open = status < 0xf0 ? [status] : [] }
        return open
    }

    /// Data bytes of a message other than system exclusive.
    static func dataCount(_ status: UInt8) -> Int {
        switch status {
        case 0xc0..<0xe0, 0xf1, 0xf3: 1
        case 0xf4...: 0
        default: 2
        }
    }
}
