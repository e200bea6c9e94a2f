import KairosDSP
import KairosSession

/// Why a command was refused; the content of an `/error` message.
public struct OSCError: Error, Sendable, Equatable {
    /// The kind of error, as one word for programs.
    public let code: String
    /// The message: the invalid value, the expected ones, and the nearest valid one.
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

    /// The kinds of errors besides those of edits (`EditError.Code`): see ``meaning``.
    enum Code: String, CaseIterable {
        case unknownCommand = "unknown-command"
        case badArguments = "bad-arguments"
        case busy = "busy"
        case file = "file"
        case nothingPlays = "nothing-plays"
        case badPattern = "bad-pattern"
        case limit = "limit"
        case notOSC = "not-osc"

        /// Description for users, one sentence.
        var meaning: String {
            switch self {
            case .unknownCommand: "Unknown command; the text names the nearest one."
            case .badArguments: "The values are not those that the command takes."
            case .busy: "More was requested at once than can be done; try again."
            case .file: "A file could not be read or written."
            case .nothingPlays: "No patch or layer sounds that the command could act on."
            case .badPattern: "A bracket or brace of an address pattern is not closed, not opened, or empty."
            case .limit: "The command exceeds a limit; the text says what was done, or that nothing was done."
            case .notOSC: "The bytes are not a valid OSC message, or exceed a limit of Kairos."
            }
        }
    }

    /// Every code with its meaning, those of edits included.
    static var reference: [(code: String, meaning: String)] {
        EditError.Code.allCases.map { ($0.rawValue, $0.meaning) }
            + Code.allCases.map { ($0.rawValue, $0.meaning) }
    }
}
