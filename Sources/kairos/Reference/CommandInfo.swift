import ArgumentParser
import Foundation

/// The declaration of a command: its texts, arguments, options and subcommands, as `--help` shows them. The
/// manual pages and the reference are made from it.
struct CommandInfo: Decodable {
    /// A positional argument, an option or a flag.
    struct Argument: Decodable {
        /// The kind of an argument.
        enum Kind: String, Decodable { case positional, option, flag }

        /// One name of an option or a flag, without hyphens.
        struct Name: Decodable {
            let kind: String
            let name: String

            /// The name with its hyphens, as it is typed.
            var typed: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: Kind
        let names: [Name]?
        /// The name of the value in the synopsis.
        let valueName: String?
        let abstract: String?
        let defaultValue: String?
        /// All values, if the type of the value enumerates them.
        let allValues: [String]?
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool

        /// The names as they are typed, short ones first; empty for a positional argument.
        var typedNames: [String] { (names ?? []).map(\.typed).sorted { $0.count < $1.count } }

        /// True if the description states the default itself.
        private var statesDefault: Bool { abstract?.contains("(default:") ?? false }

        /// The description, with the possible values and the default.
        var about: String {
            var text = abstract ?? ""
            if let allValues, !allValues.allSatisfy(text.contains) {
                text += " One of: \(allValues.joined(separator: ", "))."
            }
            if let defaultValue, !statesDefault { text += " Default: \(Self.number(defaultValue))." }
            if isRepeating, kind == .option { text += " May be given several times." }
            return text
        }

        /// A default without a fraction of zero: `440` for `440.0`.
        private static func number(_ text: String) -> String {
            text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
    }

    let commandName: String
    let abstract: String?
    private let discussion: String?
    private let superCommands: [String]?
    private let arguments: [Argument]?
    private let shouldDisplay: Bool
    private let subcommands: [CommandInfo]?

    /// The root command `kairos`. Throws if the declarations cannot be read.
    static func root() throws -> CommandInfo {
        /// The form in which the parser prints its declarations.
        struct Dump: Decodable { let command: CommandInfo }
        return try JSONDecoder().decode(Dump.self, from: Data(Kairos._dumpHelp().utf8)).command
    }

    /// The subcommands that are shown, without the parser's own `help`.
    var children: [CommandInfo] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }

    /// The command and all commands below it, in the order of the help.
    var all: [CommandInfo] { [self] + children.flatMap(\.all) }

    /// The words that call the command: `kairos`, `new`, `patch`.
    private var words: [String] { (superCommands ?? []) + [commandName] }

    /// The command as it is typed: `kairos new patch`.
    var path: String { words.joined(separator: " ") }

    /// The name of the manual page: `kairos-new-patch`.
    var page: String { words.joined(separator: "-") }

    /// The name of the parent's manual page; nil for the root.
    var parentPage: String? { superCommands.map { $0.joined(separator: "-") } }

    /// The positional arguments.
    var positionals: [Argument] { (arguments ?? []).filter { $0.kind == .positional && $0.shouldDisplay } }

    /// The options and flags; `--version` and `--help` are last.
    var options: [Argument] { (arguments ?? []).filter { $0.kind != .positional && $0.shouldDisplay } }

    /// The first long name of each option, without hyphens.
    var optionNames: Set<String> {
        Set(options.compactMap { $0.names?.first { $0.kind == "long" }?.name })
    }

    /// The synopsis after the command's name: `[options] [patch|song]`.
    var synopsis: [String] {
        if !children.isEmpty { return ["command", "[options]"] }
        let required = options.filter { !$0.isOptional }.map { option in
            "\(option.typedNames[0]) <\(option.valueName ?? "value")>"
        }
        let values = positionals.map { argument in
            let name = "<\(argument.valueName ?? "value")>" + (argument.isRepeating ? "..." : "")
            return argument.isOptional ? "[\(name)]" : name
        }
        return ["[options]"] + required + values
    }

    /// The examples of the discussion: the command, and what it does (may be empty).
    var examples: [(command: String, about: String)] {
        blocks.filter(\.isExample).flatMap(\.lines).map { line in
            guard let gap = line.firstRange(of: /[ ]{2,}/) else { return (line, "") }
            return (String(line[..<gap.lowerBound]), String(line[gap.upperBound...]))
        }
    }

    /// The paragraphs of the discussion. Lines that begin with `#` are the text of a file.
    var notes: [[String]] { blocks.filter { !$0.isExample }.map(\.lines) }

    /// The discussion in blocks, which blank lines separate. A block of examples begins with a command.
    private var blocks: [(isExample: Bool, lines: [String])] {
        (discussion ?? "").components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { block in
            let lines = block.split(separator: "\n").map(String.init)
            return (
                ["kairos ", "oscsend "].contains(where: lines[0].hasPrefix) || lines[0] == "kairos", lines
            )
        }
    }
}
