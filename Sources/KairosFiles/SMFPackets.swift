/// Assembles the system messages of a track from its F0 and F7 events: a message may begin in one event and
/// continue in later ones, and an F7 event may contain any other bytes (RP-001, "sysex events").
struct SMFPackets {
    /// The incomplete message with its status byte; empty between messages.
    private var open: [UInt8] = []
    /// Number of bytes that are not part of a complete message.
    private var lost = 0

    /// True if a system exclusive message is incomplete.
    var isExclusiveOpen: Bool { open.first == 0xf0 }

    /// Begins a system exclusive message, and drops an incomplete one.
    mutating func begin() {
        drop()
        open = [0xf0]
    }

    /// Drops the incomplete message and counts its bytes as lost. A single status byte, kept as running
    /// status, does not count.
    private mutating func drop() {
        if open.count > 1 { lost += open.count }
        open = []
    }

    /// Returns the number of bytes lost since the last call.
    mutating func popLost() -> Int {
        defer { lost = 0 }
        return lost
    }

    /// Ends the track; an incomplete message is lost.
    mutating func end() { drop() }

    /// Completes the open system exclusive message with an F7, and returns it.
    mutating func endExclusive() -> [UInt8] {
        defer { open = [] }
        return open + [0xf7]
    }

    /// Appends a byte. Returns the message that it completes, if any.
    mutating func append(_ byte: UInt8) -> [UInt8]? {
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
            // A data byte without a status byte is lost.
            guard !open.isEmpty else {
                lost += 1
                return nil
            }
            open.append(byte)
        }
        guard let status = open.first, status != 0xf0, open.count > Self.dataCount(status) else { return nil }
        // Running status: data of another channel message with the same status may follow.
        defer { open = status < 0xf0 ? [status] : [] }
        return open
    }

    /// Number of data bytes of a message other than system exclusive, by its status byte.
    static func dataCount(_ status: UInt8) -> Int {
        switch status {
        case 0xc0..<0xe0, 0xf1, 0xf3: 1
        case 0xf4...: 0
        default: 2
        }
    }
}
