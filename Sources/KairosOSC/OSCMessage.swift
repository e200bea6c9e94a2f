import CLiblo

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
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 4, bytes.count % 4 == 0, bytes[0] == UInt8(ascii: "/"),
            let address = Self.address(bytes), let base = bytes.baseAddress
        else { return nil }
        // Older senders omit the type tags if there are no values (OSC 1.0, "OSC Type Tag String").
        guard bytes.count > address.utf8.count / 4 * 4 + 4 else {
            self.init(address)
            return
        }
        // liblo converts the byte order in place, so it gets a copy.
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 8)
        defer { copy.deallocate() }
        copy.copyMemory(from: base, byteCount: bytes.count)
        var result: Int32 = 0
        guard let message = lo_message_deserialise(copy, bytes.count, &result) else { return nil }
        defer { lo_message_free(message) }
        let count = Int(lo_message_get_argc(message))
        guard count <= Self.valueLimit else { return nil }
        self.init(address)
        guard count > 0 else { return }
        guard let arguments = lo_message_get_argv(message), let types = lo_message_get_types(message) else {
            return nil
        }
        for index in 0..<count {
            guard let value = Self.value(types[index], arguments[index]) else { return nil }
            values.append(value)
        }
    }

    /// Converts an argument. Nil if it is a text that is not valid UTF-8.
    private static func value(_ type: CChar, _ argument: UnsafeMutablePointer<lo_arg>?) -> OSCValue? {
        switch UInt8(bitPattern: type) {
        case UInt8(ascii: "T"): return .bool(true)
        case UInt8(ascii: "F"): return .bool(false)
        case UInt8(ascii: "N"): return .null
        case UInt8(ascii: "I"): return .impulse
        default: break
        }
        guard let argument else { return nil }
        switch UInt8(bitPattern: type) {
        case UInt8(ascii: "i"): return .int(argument.pointee.i)
        case UInt8(ascii: "h"): return .long(argument.pointee.h)
        case UInt8(ascii: "f"): return .float(argument.pointee.f)
        case UInt8(ascii: "d"): return .double(argument.pointee.d)
        case UInt8(ascii: "c"): return .string(String(UnicodeScalar(argument.pointee.c)))
        case UInt8(ascii: "s"), UInt8(ascii: "S"):
            let text = UnsafeRawPointer(argument).assumingMemoryBound(to: CChar.self)
            return String(validatingCString: text).map { .string($0) }
        default: return .other(Character(UnicodeScalar(UInt8(bitPattern: type))))
        }
    }

    /// The address at the start of the bytes; nil if it is longer than 1024 bytes or not valid UTF-8.
    static func address(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let end = bytes.firstIndex(of: 0), end <= 1024 else { return nil }
        return String(validating: bytes[..<end], as: UTF8.self)
    }

    /// The message in OSC's binary format; empty if liblo has no memory.
    var bytes: [UInt8] {
        guard let message = lo_message_new() else { return [] }
        defer { lo_message_free(message) }
        for value in values {
            switch value {
            case .int(let value): lo_message_add_int32(message, value)
            case .long(let value): lo_message_add_int64(message, value)
            case .float(let value): lo_message_add_float(message, value)
            case .double(let value): lo_message_add_double(message, value)
            case .string(let value): lo_message_add_string(message, value)
            case .bool(let value): _ = value ? lo_message_add_true(message) : lo_message_add_false(message)
            case .impulse: lo_message_add_infinitum(message)
            case .null, .other: lo_message_add_nil(message)
            }
        }
        let size = lo_message_length(message, address)
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { _ = lo_message_serialise(message, address, $0.baseAddress, nil) }
        return bytes
    }
}
