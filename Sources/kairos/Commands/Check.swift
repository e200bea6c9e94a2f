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

    @Argument(help: "The files; without any, all files in the folders.") var files: [String] = []
    @Option(
        help: ArgumentHelp("Check mappings against this set list: a name or a file.", valueName: "list"))
    var setlist: String?
    @Flag(help: "Refuse MIDI files that have faults; else these are warnings.") var strict = false
    @OptionGroup var sounds: SoundOptions

    func run() throws {
        let checker = try Checker(sounds, files: files, setList: setlist, isStrict: strict)
        let said = checker.faults
        guard said.isEmpty else { throw Failure(said.joined(separator: "\n")) }
        let count = checker.files.count
        show(row: "\(count == 1 ? "1 file is" : "\(count) files are") good")
    }
}
