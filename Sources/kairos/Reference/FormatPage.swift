extension ManualPage {
    /// The manual page of a file format.
    init(_ format: FileFormat, commands: [CommandInfo], _ edition: Edition) {
        self.init(format.page, section: 5, about: format.about, edition)
        heading("DESCRIPTION")
        for text in format.introduction { paragraph([.plain(text)]) }
        heading("KEYS")
        items(format.keys)
        if format == .patch {
            heading("MODULE TYPES")
            for type in FormatKey.moduleTypes(inSchema: format.schema) {
                item([.bold(type.name)], type.about)
            }
        }
        heading("EXAMPLES")
        example(Self.narrowed(format.example))
        let files = FileLocation.concerning(format.options, prefix: edition.prefix)
        if !files.isEmpty {
            heading("FILES")
            for file in files { item([.italic(file.path)], file.about) }
        }
        let users = commands.filter { command in
            format.pages.contains(command.page) || command.page == "kairos-check"
                || ["kairos-play", "kairos-modules"].contains(command.page)
                    && !format.options.isDisjoint(with: command.optionNames)
        }
        seeAlso([("kairos", 1)] + users.map { ($0.page, 1) } + [("kairos-files", 5)])
    }

    /// The manual page of all files: those of Kairos and those by other programs.
    init(files formats: [FileFormat], _ edition: Edition) {
        self.init("kairos-files", section: 5, about: "files that Kairos reads and writes", edition)
        heading("DESCRIPTION")
        paragraph([
            .plain(
                "The files of Kairos are YAML files with the version in the first line, and these files "
                    + "by other programs are read and written:")
        ])
        for (ending, about) in Self.foreign { item([.bold(ending)], about) }
        heading("FILE FORMATS")
        for format in formats { item([.bold("\(format.page)(5)")], format.about) }
        heading("FILES")
        paragraph([
            .plain(
                "Files are looked for in your own folder first, then in the installed one. The option "
                    + "--patches, --mappings or --modules names a folder that is used instead of both.")
        ])
        for file in FileLocation.all(prefix: edition.prefix) { item([.italic(file.path)], file.about) }
        seeAlso([("kairos", 1)] + formats.map { ($0.page, 5) })
    }

    /// Files by other programs: endings, and what they are for.
    private static let foreign = [
        (".mid, .midi, .smf, .kar, .rmi", "Standard MIDI Files, for kairos play and kairos render."),
        (".scl", "Scala scales, for --tuning and for the key tuning of a patch."),
        (".kbm", "Scala keyboard mappings, for --keyboard and for the key keyboard of a patch."),
        (".wav, .flac, .aiff, .ogg", "Audio files that kairos render writes."),
    ]

    private mutating func items(_ keys: [FormatKey]) {
        for key in keys {
            let isShort = key.form.count <= 48
            let form =
                (isShort ? key.form : "") + (key.isRequired ? (isShort ? "; required" : "required") : "")
            item(
                [.bold(key.name), .plain(form.isEmpty ? "" : " (\(form))")],
                key.about + (isShort ? "" : " Value: \(key.form)."))
            if !key.keys.isEmpty { nested { $0.items(key.keys) } }
        }
    }

    /// The lines of a YAML file, none wider than an example may be: the comment at the end of a long line gets
    /// a line before it, and a long flow mapping continues on the next line.
    private static func narrowed(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast()
            .filter { !$0.hasPrefix("# yaml-language-server") }.flatMap { line -> [String] in
                guard line.count > exampleWidth else { return [line] }
                let indent = String(line.prefix { $0 == " " })
                if let comment = line.firstRange(of: /[ ]{2,}#[ ]/) {
                    return [
                        indent + "# " + line[comment.upperBound...], String(line[..<comment.lowerBound]),
                    ].flatMap { narrowed($0 + "\n") }
                }
                let head = line.prefix(exampleWidth)
                guard let comma = head.lastIndex(of: ",") else { return [line] }
                return [String(line[...comma])]
                    + narrowed(indent + "     " + line[line.index(after: comma)...] + "\n")
            }
    }
}
