/// The messages that Kairos sends. A received message that is one of these is never answered: otherwise two
/// instances could answer each other forever. [any]
enum OSCReply: String, CaseIterable, Sendable {
    /// A command was carried out: command, serial number, results.
    case ok = "/ok"
    /// A command was refused: code, text, name, command, serial number.
    case error = "/error"
    /// A parameter changed: layer, name, value, value as text. For subscribers of `values`.
    case value = "/value"
    /// Load, xruns, voices, slots in use. For subscribers of `meters`, and shared with the command `/meters`.
    case meters = "/meters"
    /// The entry changed: its number from 0, its name. For subscribers of `state`.
    case entry = "/session/entry"
    /// A line that is printed at the terminal. For subscribers of `errors`.
    case log = "/log"

    /// The reply as a message.
    func message(_ values: [OSCValue]) -> OSCMessage { OSCMessage(rawValue, values) }

    /// True if a received message is a reply. `/meters` is also a command; it is a reply if it has a reply's
    /// values.
    static func isReply(_ message: OSCMessage) -> Bool {
        guard let reply = OSCReply(rawValue: message.address) else { return false }
        guard OSCDispatcher.command(message.address) != nil else { return true }
        let values = message.values
        guard reply == .meters, values.count == 4, case .float = values[0] else { return false }
        return values.dropFirst().allSatisfy { if case .int = $0 { true } else { false } }
    }
}
