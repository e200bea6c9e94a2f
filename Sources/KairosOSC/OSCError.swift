import KairosDSP
import KairosEngine

/// Why a command was refused: what `/error` says.
public struct OSCError: Error, Sendable, Equatable {
    /// One word for programs.
    public let code: String
    /// What was read, what was expected, the nearest right thing.
    public let text: String
    /// What it is about.
    public let name: String

    init(_ code: Code, _ text: String, name: String) {
        self.code = code.rawValue
        self.text = text
        self.name = name
    }

    init(_ error: EditError) {
        code = error.code.rawValue
        text = error.description
        name = error.name
    }

    /// The same reason with more said.
    init(_ error: OSCError, adding text: String) {
        code = error.code
        self.text = error.text + text
        name = error.name
    }

    /// Reasons beside those of edits (`EditError.Code`).
    enum Code: String, CaseIterable {
        /// There is no such command.
        case unknownCommand = "unknown-command"
        /// The values are not those the command takes.
        case badArguments = "bad-arguments"
        /// More was asked at once than can be done.
        case busy = "busy"
        /// A file could not be read or written.
        case file = "file"
        /// Nothing plays that it could be done to.
        case nothingPlays = "nothing-plays"
        /// A bracket or brace of a pattern is not closed, or holds nothing.
        case badPattern = "bad-pattern"
        /// One command may not do so much.
        case limit = "limit"
        /// The bytes are no message of OSC.
        case notOSC = "not-osc"
    }

    /// Every code with what it means, for the reference.
    static let reference: [(code: String, meaning: String)] = [
        ("unknown-command", "There is no such command; the nearest one is named."),
        ("bad-arguments", "The values are not those that the command takes."),
        ("unknown-name", "There is no module, patch, connection, parameter or port of this name."),
        ("name-taken", "There is one already."),
        ("bad-name", "It is no name: letters, digits, '-' and '_', beginning with a letter, 64 at most."),
        ("unknown-type", "There is no such type of module."),
        ("bad-connection", "The connection does not fit its ports."),
        ("bad-value", "The value is none, or outside its range."),
        ("bad-patch", "The patch as a whole cannot be played: a cycle, or nothing that would be heard."),
        ("conflict", "Somebody else changed the same since the draft began."),
        ("nothing-to-do", "There is nothing to commit, to undo or to redo."),
        ("too-much", "It is more than there is room for."),
        ("busy", "More was asked at once than can be done; ask again."),
        ("file", "A file could not be read or written."),
        ("nothing-plays", "Nothing plays that it could be done to."),
        (
            "bad-pattern",
            "A bracket or brace of an address pattern is not closed, not opened, or holds nothing."
        ),
        ("limit", "One command may not do so much; the text says what was done, or that nothing was."),
        ("not-osc", "The bytes are no message of OSC, or hold what Kairos does not take."),
    ]
}
