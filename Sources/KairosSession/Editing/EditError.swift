import KairosDSP

/// An error that rejects an edit.
public struct EditError: Error, Equatable, CustomStringConvertible {
    /// The kind of error, as OSC clients receive it.
    public enum Code: String, Sendable, CaseIterable {
        /// There is no module, patch, connection, parameter or port of this name.
        case unknownName = "unknown-name"
        /// The name is already used.
        case nameTaken = "name-taken"
        /// Invalid name: letters, digits, '-' and '_', beginning with a letter, 64 at most.
        case badName = "bad-name"
        /// There is no such module type.
        case unknownType = "unknown-type"
        /// The two ends of the connection do not fit.
        case badConnection = "bad-connection"
        /// The value is invalid or out of range.
        case badValue = "bad-value"
        /// The patch as a whole cannot be played: it has a feedback loop without a delay, or is silent.
        case badPatch = "bad-patch"
        /// Another client has changed the same modules or connections since.
        case conflict = "conflict"
        /// There is nothing to undo, to redo or to commit.
        case nothing = "nothing-to-do"
        /// A limit is exceeded.
        case tooMuch = "too-much"
    }

    /// The kind of error.
    public let code: Code
    /// What was read, what was expected, and a suggestion where there is one.
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
