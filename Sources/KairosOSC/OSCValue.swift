/// A value of an OSC message.
public enum OSCValue: Sendable, Equatable {
    /// OSC type `i`.
    case int(Int32)
    /// OSC type `h`.
    case long(Int64)
    /// OSC type `f`.
    case float(Float)
    /// OSC type `d`.
    case double(Double)
    /// OSC types `s`, `S` and `c`.
    case string(String)
    /// OSC types `T` and `F`.
    case bool(Bool)
    /// OSC 1.1's type `I`, also called bang: a button was pressed.
    case impulse
    /// OSC 1.1's type `N`: no value.
    case null
    /// A value of a type that no command takes, such as a blob; the letter of the type.
    case other(Character)

    /// A whole number, clamped to 32 bits.
    static func count(_ value: Int) -> OSCValue { .int(Int32(clamping: value)) }

    /// An index; −1 for nil.
    static func index(_ value: Int?) -> OSCValue { .count(value ?? -1) }

    /// The value as a number; nil for a text, an impulse, null and other types. True is 1, false is 0.
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

    /// The value as text: a string itself, a number in decimal, other types by name.
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

    /// The approximate size in a message, in bytes.
    var size: Int {
        if case .string(let text) = self { text.utf8.count + 16 } else { 16 }
    }
}
