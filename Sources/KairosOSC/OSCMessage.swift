/// A message of Open Sound Control (OSC 1.0 specification, Wright 2002): an address and values.
public struct OSCMessage: Sendable, Equatable {
    /// The address, such as `/patch/create`.
    public var address: String
    /// The values in order.
    public var values: [OSCValue]

    /// Creates a message.
    public init(_ address: String, _ values: [OSCValue] = []) {
        self.address = address
        self.values = values
    }

    /// The maximum number of values of a received message.
    static let valueLimit = 256

    /// The approximate size, in bytes.
    var size: Int { values.reduce(64 + address.utf8.count) { $0 + $1.size } }

    /// The client's own tag: the last value if it is a text that begins with `#`.
    var tag: OSCValue? {
        guard case .string(let text)? = values.last, text.hasPrefix("#") else { return nil }
        return .string(text)
    }

    /// The message without the client's tag.
    var withoutTag: OSCMessage {
        tag == nil ? self : OSCMessage(address, values.dropLast())
    }

    /// Parses one message. Nil if the bytes are not a valid message, or if it has more than ``valueLimit``
    /// values.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count >= 4, bytes.count % 4 == 0, bytes.first == UInt8(ascii: "/"),
            let address = Self.address(bytes)
        else { return nil }
        // Older senders omit the type tags if there are no values (OSC 1.0, "OSC Type Tag String").
        guard bytes.count > address.utf8.count / 4 * 4 + 4 else {
            self.init(address)
            return
        }
        guard let message = LibloMessage(Array(bytes)), message.count <= Self.valueLimit,
            let values = message.values
        else { return nil }
        self.init(address, values)
    }

    /// The address at the start of the bytes; nil if it is longer than 1024 bytes or not valid UTF-8.
    static func address(_ bytes: some Collection<UInt8>) -> String? {
        guard let end = bytes.firstIndex(of: 0), bytes.distance(from: bytes.startIndex, to: end) <= 1024
        else { return nil }
        return String(validating: bytes[..<end], as: UTF8.self)
    }

    /// The message in OSC's binary format; empty if liblo has no memory.
    var bytes: [UInt8] {
        guard let message = LibloMessage() else { return [] }
        for value in values { message.append(value) }
        return message.bytes(address)
    }
}
