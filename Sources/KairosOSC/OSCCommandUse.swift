import KairosEngine

/// What values ask of a command.
enum OSCCommandUse: Sendable {
    /// It is carried out.
    case act
    /// A button was released: it is acknowledged, and nothing is done.
    case release
}

extension OSCCommand {
    /// Checks how many values there are and what they are, and says what they ask for. Throws `bad-arguments` or
    /// `bad-name`. [any]
    func use(_ values: [OSCValue]) throws(OSCError) -> OSCCommandUse {
        let least = arguments.count { !$0.isOptional }
        if arguments.isEmpty, values.count == 1 { return try button(values[0]) }
        guard values.count >= least, values.count <= arguments.count else {
            let words = arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }
            let takes = words.isEmpty ? "no values" : words.joined(separator: " ")
            throw OSCError(
                .badArguments, "\(address) takes \(takes), and \(values.count) came", name: address)
        }
        for (argument, value) in zip(arguments, values) { try argument.check(value, in: address) }
        return .act
    }

    /// A control surface sends 1 when a button is pressed, and 0 when it is released.
    private func button(_ value: OSCValue) throws(OSCError) -> OSCCommandUse {
        switch value {
        case .impulse, .null: return .act
        case .string, .other: break
        case .bool, .int, .long, .float, .double:
            if let number = value.number, number.isFinite { return number == 0 ? .release : .act }
        }
        throw OSCError(
            .badArguments,
            "\(address) takes no values, or that of a button: 1 or T does it, 0 or F is its release; this is \(value.quoted)",
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
                    .badName, "\(name) has \(text.utf8.count) bytes, and at most \(limit) are taken",
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
            expected = "a number, \(Self.said(range.lowerBound)) … \(Self.said(range.upperBound))"
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

    private static func said(_ bound: Double) -> String { Int(exactly: bound).map { "\($0)" } ?? "\(bound)" }
}

extension OSCValue {
    fileprivate var isBool: Bool { if case .bool = self { true } else { false } }

    /// As an error says it. A text that would be a number is a mistake of the client that its player cannot see.
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
