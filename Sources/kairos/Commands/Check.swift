import ArgumentParser
import KairosEngine
import KairosFiles

/// `kairos check`: every fault of every file at once.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find every fault of patches, modules, set lists, mappings, sessions and tunings.",
        discussion: """
            kairos check                         everything that 'kairos play' would read
            kairos check my-patch.yaml
            kairos check Patches/*.yaml Modules/*.yaml Mappings/*.yaml

            The type of a file is in its first line, and that of a tuning or a MIDI file in its ending. Names of patches
            and modules are looked up where 'kairos play' looks them up, and among the files.
            """)

    @Argument(help: "Files to check (default: all files in the folders).") var files: [String] = []
    @Option(
        help: ArgumentHelp("Check mappings against this set list: a name or a file.", valueName: "list"))
    var setlist: String?
    @OptionGroup var reading: SongOptions
    @OptionGroup var sounds: SoundOptions

    func run() throws {
        let checker = try Checker(
            sounds, files: files, setList: setlist, strict: reading.strict, longest: reading.longest)
        var said = checker.faults
        if files.isEmpty, !checker.hasEntries { said.append(Sounds.nothingToPlay) }
        guard said.isEmpty else { throw Failure(said.joined(separator: "\n")) }
        let unread = checker.unread, count = checker.files.count - unread.count
        show(
            row: "\(count == 1 ? "1 file is" : "\(count) files are") good"
                + (unread.isEmpty ? "" : "; not read, because hidden: \(unread.joined(separator: ", "))"))
    }
}
