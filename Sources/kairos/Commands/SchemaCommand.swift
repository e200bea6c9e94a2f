import ArgumentParser

/// `kairos schema`: prints the JSON Schema of a file type.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of patches, modules, mappings or set lists, for editors.",
        discussion: """
            kairos schema patch > patch.schema.json
            # then add as the first line of a patch:
            # yaml-language-server: $schema=patch.schema.json
            """)

    @Argument(help: "File type: patch, module, mapping or setlist.") var form = FileForm.patch
    @OptionGroup var modules: ModuleOptions

    func run() throws { printText(try form.schema(modules.known().registry)) }
}
