extension ManualPage {
    /// The manual page of a command.
    init(_ command: CommandInfo, formats: [FileFormat], _ edition: Edition) {
        self.init(command.page, section: 1, about: command.abstract ?? "", edition)
        let written = formats.filter { $0.writers.contains(command.page) }
        let options = written.reduce(into: command.optionNames) { $0.formUnion($1.options) }
        heading("SYNOPSIS")
        paragraph(Self.synopsis(command))
        heading("DESCRIPTION")
        paragraph([.plain(command.abstract ?? "")])
        for note in command.notes where note.first != ExitStatus.line { self.note(note) }
        if !command.positionals.isEmpty {
            heading("ARGUMENTS")
            for argument in command.positionals {
                item([.italic(argument.valueName ?? "value")], argument.about)
            }
        }
        if !command.children.isEmpty {
            heading("COMMANDS")
            for child in command.children { item([.bold(child.path)], child.abstract ?? "") }
        }
        heading("OPTIONS")
        for option in command.options { item(Self.tag(option), option.about) }
        if command.page == "kairos-play" {
            heading("KEYS")
            for (key, about) in Terminal.commands { item([.bold(key)], Self.sentence(about)) }
        }
        let files = FileLocation.concerning(options, prefix: edition.prefix)
        if !files.isEmpty {
            heading("FILES")
            for file in files { item([.italic(file.path)], file.about) }
        }
        heading("ENVIRONMENT")
        for variable in EnvironmentVariable.concerning(options) {
            item([.bold(variable.name)], variable.about)
        }
        heading("EXIT STATUS")
        for (status, about) in ExitStatus.all { item([.bold(status)], Self.sentence(about)) }
        if !command.examples.isEmpty {
            heading("EXAMPLES")
            for example in command.examples {
                item([.bold(example.command)], Self.sentence(example.about))
            }
        }
        let parents = [command.parentPage].compactMap { $0 } + command.children.map(\.page)
        let described = formats.filter {
            !$0.options.isDisjoint(with: options) || $0.pages.contains(command.page)
        }
        seeAlso(
            parents.map { ($0, 1) } + described.map { ($0.page, 5) }
                + (described.isEmpty || command.parentPage == nil ? [("kairos-files", 5)] : []))
    }

    /// A paragraph of the help: text, or lines of a file.
    private mutating func note(_ lines: [String]) {
        let text = lines.filter { !$0.hasPrefix("#") }, file = lines.filter { $0.hasPrefix("#") }
        if !text.isEmpty { paragraph([.plain(text.joined(separator: " "))]) }
        if !file.isEmpty { example(file) }
    }

    /// The synopsis of a command, with its name in bold and its placeholders in italics.
    private static func synopsis(_ command: CommandInfo) -> [Text] {
        [.bold(command.path)]
            + command.synopsis.flatMap { word -> [Text] in
                let plain: Set<Character> = ["[", "]", "<", ">", "."]
                var texts: [Text] = [.plain(" ")], run = ""
                var isPlaceholder = word == "command" || word == "[options]"
                func text() -> Text {
                    run.hasPrefix("-") ? .bold(run) : isPlaceholder ? .italic(run) : .plain(run)
                }
                for character in word {
                    if character == "<" || character == ">" {
                        if !run.isEmpty { texts.append(text()) }
                        run = ""
                        isPlaceholder = character == "<"
                    } else if plain.contains(character) {
                        if !run.isEmpty { texts.append(text()) }
                        run = ""
                        texts.append(.plain(String(character)))
                    } else {
                        run.append(character)
                    }
                }
                if !run.isEmpty { texts.append(text()) }
                return texts
            }
    }

    /// The names of an option in bold, with its value in italics.
    private static func tag(_ option: CommandInfo.Argument) -> [Text] {
        var texts: [Text] = []
        for name in option.typedNames { texts += (texts.isEmpty ? [] : [.plain(", ")]) + [.bold(name)] }
        if option.kind == .option { texts += [.plain(" "), .italic(option.valueName ?? "value")] }
        return texts
    }

    /// The text as a sentence: a capital letter, and a full stop at its end.
    private static func sentence(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        return text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
    }
}
