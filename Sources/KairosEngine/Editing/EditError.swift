import KairosDSP

/// Why an edit was refused.
public struct EditError: Error, Equatable, CustomStringConvertible {
    /// What kind of reason it is: one word for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// There is no module, patch, connection, parameter or port of this name.
        case unknownName = "unknown-name"
        /// There is one of this name already.
        case nameTaken = "name-taken"
        /// It is no name: letters, digits, '-' and '_', beginning with a letter, 64 at most.
        case badName = "bad-name"
        /// There is no such type of module.
        case unknownType = "unknown-type"
        /// The connection does not fit its ports.
        case badConnection = "bad-connection"
        /// The value is none, or outside its range.
        case badValue = "bad-value"
        /// The patch as a whole cannot be played: a cycle, or nothing that would be heard.
        case badPatch = "bad-patch"
        /// Somebody else changed the same names since.
        case conflict = "conflict"
        /// There is nothing to undo, to redo or to commit.
        case nothing = "nothing-to-do"
        /// It is more than there is room for.
        case tooMuch = "too-much"
    }

    /// The kind.
    public let code: Code
    /// What was read, what was expected, the nearest right thing.
    public let description: String
    /// What it is about.
    public let name: String

    /// An error.
    public init(_ code: Code, _ description: String, name: String) {
        self.code = code
        self.description = description
        self.name = name
    }
}
