/// The messages of one packet, each with its time tag.
struct OSCPacket {
    /// A message and its time tag: seconds since 1900 with a fraction of 32 bits; 1 means immediately.
    struct Item {
        var message: OSCMessage
        var time: UInt64
    }

    private(set) var items: [Item] = []
    /// The address of the first element that could not be read, empty if it has none; nil if everything was
    /// read.
    private(set) var unread: String?

    /// The maximum number of messages in a packet, and of nested bundles.
    static let itemLimit = 4096, depthLimit = 8

    /// Parses a packet; see ``unread`` for errors.
    init(_ bytes: ArraySlice<UInt8>) { read(bytes, time: 1, depth: 0) }

    private mutating func read(_ bytes: ArraySlice<UInt8>, time: UInt64, depth: Int) {
        guard bytes.count >= 16, bytes.starts(with: Array("#bundle\0".utf8)) else {
            if let message = OSCMessage(bytes), items.count < Self.itemLimit {
                items.append(Item(message: message, time: time))
            } else {
                markUnread(bytes)
            }
            return
        }
        guard depth < Self.depthLimit else { return markUnread(bytes) }
        let own = bytes.dropFirst(8).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var rest = bytes.dropFirst(16)
        while rest.count >= 4 {
            let size = Int(rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            guard size > 0, size % 4 == 0, size <= rest.count - 4 else { return markUnread(bytes) }
            read(rest.dropFirst(4).prefix(size), time: own, depth: depth + 1)
            rest = rest.dropFirst(4 + size)
        }
        if !rest.isEmpty { markUnread(bytes) }
    }

    private mutating func markUnread(_ bytes: ArraySlice<UInt8>) {
        unread = unread ?? OSCMessage.address(bytes) ?? ""
    }
}
