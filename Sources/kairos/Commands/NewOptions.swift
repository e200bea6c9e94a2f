import ArgumentParser

/// The name and the folder of a new file.
struct NewOptions: ParsableArguments {
    @Argument(help: "Name: letters, digits, '-' and '_'.") var name: String
    @Option(
        name: [.customLong("dir"), .customLong("patches"), .customLong("mappings")],
        help: ArgumentHelp("Folder to write to (default: your own folder).", valueName: "dir"),
        completion: .directory)
    var folder: String?
}
