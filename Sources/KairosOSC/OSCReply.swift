/// Everything that Kairos sends. A message that comes in and is one of these is never answered: two instances, or an
/// instance and a program that answers as well, would go on for ever. [any]
enum OSCReply: String, CaseIterable, Sendable {
    /// A command was carried out: command, serial number, results.
    case ok = "/ok"
    /// A command was refused: code, text, name, command, serial number.
    case error = "/error"
    /// A parameter moved: part, name, value, value as a text. For subscribers.
    case value = "/value"
    /// Load, interruptions, voices, slots. For subscribers.
    case meters = "/meters"
    /// The entry changed: its place, its name. For subscribers.
    case entry = "/session/entry"
    /// What the player is told at the terminal. For subscribers.
    case log = "/log"

    func message(_ values: [OSCValue]) -> OSCMessage { OSCMessage(rawValue, values) }

    /// Whether a message that came in is a reply. One that has its address in common with a command is told from it by
    /// its values.
    static func isReply(_ message: OSCMessage) -> Bool {
        guard let reply = OSCReply(rawValue: message.address) else { return false }
        guard OSCDispatcher.command(message.address) != nil else { return true }
        let values = message.values
        guard reply == .meters, values.count == 4, case .float = values[0] else { return false }
        return values.dropFirst().allSatisfy { if case .int = $0 { true } else { false } }
    }
}
