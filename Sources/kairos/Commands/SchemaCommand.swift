import ArgumentParser

/// `kairos schema`: prints the JSON Schema of a file type.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a file type, for editors.",
        discussion: """
            kairos schema patch > patch.schema.json

            An editor uses the schema if the first line of the file names it:
            # yaml-language-server: $schema=patch.schema.json
            """)

    @Argument(
        help: ArgumentHelp(
            "File type: patch, module, mapping, setlist, presets or session.", valueName: "type"))
    var format = FileFormat.patch
    @OptionGroup var modules: ModuleOptions

    func run() throws { printText(try format.schema(modules.known().registry)) }
}
