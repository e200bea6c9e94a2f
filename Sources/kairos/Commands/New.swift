import ArgumentParser

/// `kairos new`: writes a commented example file.
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an example patch, mapping, set list or module to start from.",
        discussion: """
            kairos new patch my-bass             in your own patch folder
            kairos new setlist friday --dir .    in the current folder

            The file has comments for each section. Its JSON Schema, for your editor, is
            written beside it.
            """,
        subcommands: [NewPatch.self, NewMapping.self, NewSetList.self, NewModule.self])
}
