import CLiblo
import Foundation

/// One value of a message.
public enum OSCValue: Sendable, Equatable {
    case int(Int32)
    case long(Int64)
    case float(Float)
    case double(Double)
    case string(String)
    case bool(Bool)
    /// OSC 1.1's `I`, also called bang: a button was pressed.
    case impulse
    /// OSC 1.1's `N`: there is no value.
    case null
    /// A value of a type that no command takes, such as a blob: the letter of its type.
    case other(Character)

    /// A whole number of ours, which a message has as 32 bits.
    static func count(_ value: Int) -> OSCValue { .int(Int32(clamping: value)) }

    /// As a number, where it is one.
    public var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .long(let value): Double(value)
        case .float(let value): Double(value)
        case .double(let value): value
        case .bool(let value): value ? 1 : 0
        case .string, .impulse, .null, .other: nil
        }
    }

    /// As a text: a string, or a number as it would be typed.
    public var text: String {
        switch self {
        case .int(let value): "\(value)"
        case .long(let value): "\(value)"
        case .float(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string(let value): value
        case .impulse: "impulse"
        case .null: "nil"
        case .other(let type): "a value of OSC type '\(type)'"
        }
    }

    /// How many bytes a message has it in, roughly.
    var size: Int {
        if case .string(let text) = self { text.utf8.count + 16 } else { 16 }
    }
}

/// A message of Open Sound Control (OSC 1.0 specification, Wright 2002): an address and values.
public struct OSCMessage: Sendable, Equatable {
    /// As in `/patch/create`.
    public var address: String
    /// In order.
    public var values: [OSCValue]

    /// A message.
    public init(_ address: String, _ values: [OSCValue] = []) {
        self.address = address
        self.values = values
    }

    /// The most values of a message that is taken.
    static let valueLimit = 256

    /// How many bytes it has, roughly.
    var size: Int { values.reduce(64 + address.utf8.count) { $0 + $1.size } }

    /// The client's own tag: a last text that begins with `#`.
    var tag: OSCValue? {
        guard case .string(let text)? = values.last, text.hasPrefix("#") else { return nil }
        return .string(text)
    }

    /// The message as a command reads it.
    var withoutTag: OSCMessage {
        tag == nil ? self : OSCMessage(address, values.dropLast())
    }

    /// Reads one message, or nil where the bytes are none that is taken.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 4, bytes.count % 4 == 0, bytes[0] == UInt8(ascii: "/"),
            let address = Self.address(bytes), let base = bytes.baseAddress
        else { return nil }
        // Older programs leave the type tags out where there are no values (OSC 1.0, "OSC Type Tag String").
        guard bytes.count > address.utf8.count / 4 * 4 + 4 else {
            self.init(address)
            return
        }
        // liblo reads the arguments; it changes the bytes' order in place, so it has its own.
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

    /// Nil where it is a text that is not UTF-8.
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

    /// The address that the bytes begin with, or nil where that is no text of at most 1024 bytes.
    static func address(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let end = bytes.firstIndex(of: 0), end <= 1024 else { return nil }
        return String(validating: bytes[..<end], as: UTF8.self)
    }

    /// As bytes.
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

/// What one packet holds: messages, each with its time.
struct OSCPacket {
    /// A message, and when: seconds since 1900 with 32 bits of fraction; 1 is at once.
    struct Item {
        var message: OSCMessage
        var time: UInt64
    }

    private(set) var items: [Item] = []
    /// The address of the first part that could not be read, as far as it has one; nil where all of it could.
    private(set) var unread: String?

    static let itemLimit = 4096, depthLimit = 8

    init(_ bytes: UnsafeRawBufferPointer) { read(bytes, time: 1, depth: 0) }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, time: UInt64, depth: Int) {
        guard bytes.count >= 16, bytes.starts(with: Array("#bundle\0".utf8)) else {
            if let message = OSCMessage(bytes), items.count < Self.itemLimit {
                items.append(Item(message: message, time: time))
            } else {
                lose(bytes)
            }
            return
        }
        guard depth < Self.depthLimit else { return lose(bytes) }
        let own = bytes[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var at = 16
        while at + 4 <= bytes.count {
            let size = Int(bytes[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            guard size > 0, size % 4 == 0, size <= bytes.count - at - 4 else { return lose(bytes) }
            read(
                UnsafeRawBufferPointer(rebasing: bytes[(at + 4)..<(at + 4 + size)]), time: own,
                depth: depth + 1)
            at += 4 + size
        }
        if at != bytes.count { lose(bytes) }
    }

    private mutating func lose(_ bytes: UnsafeRawBufferPointer) {
        unread = unread ?? OSCMessage.address(bytes) ?? ""
    }
}
