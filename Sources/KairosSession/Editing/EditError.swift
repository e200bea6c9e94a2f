import KairosDSP

/// An error that rejects an edit.
public struct EditError: Error, Equatable, CustomStringConvertible {
    /// The kind of error, as OSC clients receive it: see ``meaning``.
    public enum Code: String, Sendable, CaseIterable {
        case unknownName = "unknown-name"
        case nameTaken = "name-taken"
        case badName = "bad-name"
        case unknownType = "unknown-type"
        case badConnection = "bad-connection"
        case badValue = "bad-value"
        case badPatch = "bad-patch"
        case conflict = "conflict"
        case nothing = "nothing-to-do"
        case tooMuch = "too-much"

        /// Description for users, one sentence.
        public var meaning: String {
            switch self {
            case .unknownName: "There is no module, patch, connection, parameter or port of this name."
            case .nameTaken: "The name is already in use."
            case .badName:
                "Invalid name: use at most 64 letters, digits, '-' and '_', starting with a letter."
            case .unknownType: "There is no module type of this name."
            case .badConnection: "The connection does not fit its ports."
            case .badValue: "The value is invalid or out of range."
            case .badPatch:
                "The patch as a whole cannot be played: it has a cycle, or nothing reaches the output."
            case .conflict:
                "Another client changed the same modules or connections since the draft began."
            case .nothing: "There is nothing to commit, to undo or to redo."
            case .tooMuch: "A limit on modules, connections, drafts or presets is reached."
            }
        }
    }

    /// The kind of error.
    public let code: Code
    /// The message: the invalid text, the expected one, and a suggestion if there is one.
    public let description: String
    /// The name that the error concerns.
    public let name: String

    /// Creates an error.
    public init(_ code: Code, _ description: String, name: String) {
        self.code = code
        self.description = description
        self.name = name
    }
}
