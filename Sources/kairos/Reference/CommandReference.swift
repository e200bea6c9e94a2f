/// The reference of the commands as a page of the documentation, in Markdown.
enum CommandReference {
    /// The page. `root` is the command `kairos`.
    static func page(_ root: CommandInfo) -> String {
        let commands = root.all.dropFirst()
        var lines = ["# Commands", "", root.abstract ?? "", "", "| command | description |", "|---|---|"]
        lines += commands.map { "| [`\($0.path)`](#\($0.page)) | \(cell($0.abstract ?? "")) |" }
        lines += ["", "Options of every command: `--help` (`-h`) and `--version`."]
        lines += ["", "| exit status | meaning |", "|---|---|"]
        lines += ExitStatus.all.map { "| \($0.status) | \($0.about) |" }
        for command in commands { lines += section(command) }
        lines += ["", "## Environment", "", "| variable | description |", "|---|---|"]
        lines += EnvironmentVariable.all.map { "| `\($0.name)` | \(cell($0.about)) |" }
        lines += ["", "This page is the output of `kairos manual --markdown`.", ""]
        return lines.joined(separator: "\n")
    }

    private static func section(_ command: CommandInfo) -> [String] {
        var lines = ["", "## \(command.path)", "", command.abstract ?? ""]
        lines += ["", "    \(([command.path] + command.synopsis).joined(separator: " "))"]
        for note in command.notes {
            let text = note.filter { !$0.hasPrefix("#") }, file = note.filter { $0.hasPrefix("#") }
            if !text.isEmpty { lines += ["", text.joined(separator: " ")] }
            if !file.isEmpty { lines += [""] + file.map { "    \($0)" } }
        }
        let arguments = command.positionals.map { (cell("`<\($0.valueName ?? "value")>`"), $0) }
        let options = command.options.filter { !["help", "version"].contains($0.names?.last?.name) }
            .map { (name($0), $0) }
        if !(arguments + options).isEmpty {
            lines += ["", "| argument or option | description |", "|---|---|"]
        }
        lines += (arguments + options).map { "| \($0.0) | \(cell($0.1.about)) |" }
        if !command.examples.isEmpty {
            let width = command.examples.filter { !$0.about.isEmpty }.map(\.command.count).max() ?? 0
            lines += ["", "```sh"]
            lines += command.examples.map { example in
                example.about.isEmpty
                    ? example.command : padded(example.command, width) + "   # " + example.about
            }
            lines += ["```"]
        }
        return lines
    }

    private static func name(_ option: CommandInfo.Argument) -> String {
        let value = option.kind == .option ? " <\(option.valueName ?? "value")>" : ""
        return cell(option.typedNames.map { "`\($0)\(value)`" }.joined(separator: ", "))
    }

    /// The text as a cell of a table.
    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
