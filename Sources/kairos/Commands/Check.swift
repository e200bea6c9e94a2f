import ArgumentParser

/// `kairos check`: reports all errors of all files.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Report all errors in patches, modules, set lists, mappings, sessions, tunings and MIDI files.",
        discussion: """
            kairos check                         all files that 'kairos play' would read
            kairos check my-patch.yaml
            kairos check Patches/*.yaml Modules/*.yaml Mappings/*.yaml

            The file type is taken from the first line; for tunings and MIDI files from
            the ending. Names of patches and modules are resolved as in 'kairos play', and
            among the given files.
            """)

    @Argument(
        help: ArgumentHelp("Files to check (default: all files in the folders).", valueName: "file"),
        completion: .anyFile)
    var files: [String] = []
    @Option(
        help: ArgumentHelp("Check mappings against this set list: a name or a file.", valueName: "list"),
        completion: .setList)
    var setlist: String?
    @OptionGroup var reading: SongOptions
    @OptionGroup var rigOptions: RigOptions

    func run() throws {
        let checker = try Checker(
            rigOptions, files: files, setList: setlist, strict: reading.strict, longest: reading.longest)
        var messages = checker.faults
        if files.isEmpty, !checker.hasEntries { messages.append(RigSources.nothingToPlay) }
        guard messages.isEmpty else { throw Failure(messages.joined(separator: "\n")) }
        let hidden = checker.hiddenFiles, count = checker.files.count - hidden.count
        printLine(
            "\(count == 1 ? "1 file is" : "\(count) files are") valid"
                + (hidden.isEmpty ? "" : "; hidden files are not read: \(hidden.joined(separator: ", "))"))
    }
}
