import KairosDSP
import KairosSession

/// Why a command was refused; the content of an `/error` message.
public struct OSCError: Error, Sendable, Equatable {
    /// The kind of error, as one word for programs.
    public let code: String
    /// What was wrong, what was expected, and the nearest valid choice.
    public let text: String
    /// The name that the error is about.
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

    /// The same error with text added.
    init(_ error: OSCError, adding text: String) {
        code = error.code
        self.text = error.text + text
        name = error.name
    }

    /// The error of a pattern that takes more than ``OSCLimits/patternSteps`` steps to match.
    static func tooManySteps(_ request: OSCRequest) -> OSCError {
        OSCError(
            .limit,
            "the pattern needs more than \(OSCLimits.patternSteps) steps to match; nothing was done",
            name: String(request.address.prefix(80)))
    }

    /// The kinds of errors besides those of edits (`EditError.Code`).
    enum Code: String, CaseIterable {
        /// There is no command with this address.
        case unknownCommand = "unknown-command"
        /// The values are not those that the command takes.
        case badArguments = "bad-arguments"
        /// More is requested than fits in a queue or a table; a later attempt may succeed.
        case busy = "busy"
        /// A file could not be read or written.
        case file = "file"
        /// No patch or layer sounds that the command could act on.
        case nothingPlays = "nothing-plays"
        /// A bracket or brace of a pattern is not closed, not opened or empty.
        case badPattern = "bad-pattern"
        /// One command, client or answer exceeds a limit.
        case limit = "limit"
        /// The bytes are not a valid OSC message.
        case notOSC = "not-osc"
    }

    /// Every code with its meaning, in the order of the reference; includes `EditError.Code`.
    static let reference: [(code: String, meaning: String)] = [
        ("unknown-command", "Unknown command; the text names the nearest one."),
        ("bad-arguments", "The values are not those that the command takes."),
        ("unknown-name", "There is no module, patch, connection, parameter or port of this name."),
        ("name-taken", "The name is already in use."),
        (
            "bad-name",
            "Invalid name: use at most 64 letters, digits, '-' and '_', starting with a letter."
        ),
        ("unknown-type", "There is no module type of this name."),
        ("bad-connection", "The connection does not fit its ports."),
        ("bad-value", "The value is invalid or out of range."),
        (
            "bad-patch",
            "The patch as a whole cannot be played: it has a cycle, or nothing reaches the output."
        ),
        ("conflict", "Another client changed the same modules or connections since the draft began."),
        ("nothing-to-do", "There is nothing to commit, to undo or to redo."),
        ("too-much", "A limit on modules, connections, drafts or presets is reached."),
        ("busy", "More was requested at once than can be done; try again."),
        ("file", "A file could not be read or written."),
        ("nothing-plays", "No patch or layer sounds that the command could act on."),
        (
            "bad-pattern",
            "A bracket or brace of an address pattern is not closed, not opened, or empty."
        ),
        (
            "limit",
            "The command exceeds a limit; the text says what was done, or that nothing was done."
        ),
        ("not-osc", "The bytes are not a valid OSC message, or exceed a limit of Kairos."),
    ]
}
