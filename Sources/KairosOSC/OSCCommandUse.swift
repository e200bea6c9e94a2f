import KairosSession

/// The meaning of a request's values for a command.
enum OSCCommandUse: Sendable {
    /// The command runs.
    case act
    /// A button was released: the request is acknowledged, and the command does not run.
    case release
}

extension OSCCommand {
    /// Checks the number of values and their types, and returns whether the command runs. Throws
    /// `bad-arguments` or `bad-name`. [any]
    func use(_ values: [OSCValue]) throws(OSCError) -> OSCCommandUse {
        let minimum = arguments.count { !$0.isOptional }
        if arguments.isEmpty, values.count == 1 { return try button(values[0]) }
        guard values.count >= minimum, values.count <= arguments.count else {
            let words = arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }
            let takes = words.isEmpty ? "no values" : words.joined(separator: " ")
            throw OSCError(
                .badArguments,
                "\(address) takes \(takes); received \(values.count) value\(values.count == 1 ? "" : "s")",
                name: address)
        }
        for (argument, value) in zip(arguments, values) { try argument.check(value, in: address) }
        return .act
    }

    /// Interprets the single value of a command without arguments: control surfaces send 1 when a button is
    /// pressed, and 0 when it is released.
    private func button(_ value: OSCValue) throws(OSCError) -> OSCCommandUse {
        switch value {
        case .impulse, .null: return .act
        case .string, .other: break
        case .bool, .int, .long, .float, .double:
            if let number = value.number, number.isFinite { return number == 0 ? .release : .act }
        }
        throw OSCError(
            .badArguments,
            "\(address) takes no value, or a button's: 1 or T (press), 0 or F (release); this is \(value.quoted)",
            name: address)
    }
}

extension OSCCommand.Argument {
    fileprivate func check(_ value: OSCValue, in address: String) throws(OSCError) {
        let expected: String
        switch kind {
        case .text(let limit):
            if case .string(let text) = value {
                guard text.utf8.count > limit else { return }
                let error = EditError(
                    .badName, "\(name) has \(text.utf8.count) bytes; at most \(limit) are allowed",
                    name: String(text.prefix(64)))
                throw OSCError(error)
            }
            if let number = value.number, !value.isBool, number.isFinite { return }
            expected = "a text"
        case .midi:
            _ = try MIDIValue(value, name: name, in: address)
            return
        case .number(let range):
            if let number = value.number, !value.isBool, range.contains(number) { return }
            expected = "a number, \(Self.text(range.lowerBound)) … \(Self.text(range.upperBound))"
        case .whole(let range):
            if let number = value.number, !value.isBool, let whole = Int(exactly: number),
                range.contains(whole)
            {
                return
            }
            expected = "a whole number, \(range.lowerBound) … \(range.upperBound)"
        }
        throw OSCError(
            .badArguments, "\(name) is \(expected), and this is \(value.quoted)", name: address)
    }

    private static func text(_ bound: Double) -> String { Int(exactly: bound).map { "\($0)" } ?? "\(bound)" }
}

extension OSCValue {
    fileprivate var isBool: Bool { if case .bool = self { true } else { false } }

    /// The value as an error message shows it. A number sent as text gets a hint, because the user of a
    /// client does not see OSC types.
    var quoted: String {
        switch self {
        case .string(let text):
            let hint = Double(text) == nil ? "" : ": send it as a number (OSC type i or f)"
            return "the text '\(text.prefix(80))'" + hint
        case .null: return "nothing"
        case .other: return text
        default: return "'\(text)'"
        }
    }
}
