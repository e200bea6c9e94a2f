import CLiblo

/// A message in liblo's memory, which it owns.
@safe struct LibloMessage: ~Copyable {
    private let message: lo_message

    /// An empty message; nil if liblo has no memory.
    init?() {
        guard let message = unsafe lo_message_new() else { return nil }
        unsafe self.message = message
    }

    /// The message in `bytes`; nil if they are not a valid message.
    init?(_ bytes: [UInt8]) {
        // liblo converts the byte order in place, so it gets a copy.
        var copy = bytes, result: Int32 = 0
        guard let message = unsafe lo_message_deserialise(&copy, bytes.count, &result) else { return nil }
        unsafe self.message = message
    }

    deinit { unsafe lo_message_free(message) }

    /// The number of values.
    var count: Int { Int(unsafe lo_message_get_argc(message)) }

    /// The values in order. Nil if one is a text that is not valid UTF-8.
    var values: [OSCValue]? {
        let count = count
        guard count > 0 else { return [] }
        guard let arguments = unsafe lo_message_get_argv(message),
            let types = unsafe lo_message_get_types(message)
        else { return nil }
        var values: [OSCValue] = []
        for index in 0..<count {
            guard let value = unsafe Self.value(types[index], arguments[index]) else { return nil }
            values.append(value)
        }
        return values
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
        guard let argument = unsafe argument else { return nil }
        switch UInt8(bitPattern: type) {
        case UInt8(ascii: "i"): return .int(unsafe argument.pointee.i)
        case UInt8(ascii: "h"): return .long(unsafe argument.pointee.h)
        case UInt8(ascii: "f"): return .float(unsafe argument.pointee.f)
        case UInt8(ascii: "d"): return .double(unsafe argument.pointee.d)
        case UInt8(ascii: "c"): return .string(String(UnicodeScalar(unsafe argument.pointee.c)))
        case UInt8(ascii: "s"), UInt8(ascii: "S"):
            let text = unsafe UnsafeRawPointer(argument).assumingMemoryBound(to: CChar.self)
            return unsafe String(validatingCString: text).map { .string($0) }
        default: return .other(Character(UnicodeScalar(UInt8(bitPattern: type))))
        }
    }

    /// Appends a value.
    func append(_ value: OSCValue) {
        switch value {
        case .int(let value): unsafe lo_message_add_int32(message, value)
        case .long(let value): unsafe lo_message_add_int64(message, value)
        case .float(let value): unsafe lo_message_add_float(message, value)
        case .double(let value): unsafe lo_message_add_double(message, value)
        case .string(let value): unsafe lo_message_add_string(message, value)
        case .bool(true): unsafe lo_message_add_true(message)
        case .bool(false): unsafe lo_message_add_false(message)
        case .impulse: unsafe lo_message_add_infinitum(message)
        case .null, .other: unsafe lo_message_add_nil(message)
        }
    }

    /// The message in OSC's binary format, with an address.
    func bytes(_ address: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: unsafe lo_message_length(message, address))
        _ = unsafe lo_message_serialise(message, address, &bytes, nil)
        return bytes
    }
}
