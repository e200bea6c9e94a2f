import ArgumentParser

/// `kairos new mapping NAME`: writes a mapping for a controller.
struct NewMapping: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mapping", abstract: "Write an example mapping for a controller.",
        discussion:
            "kairos new mapping my-controller --device nanoKONTROL2\n"
            + "kairos learn 'macro 1'    writes one from the controls you move"
    )

    @OptionGroup var location: NewOptions
    @Option(
        help: ArgumentHelp("Part of the controller's name (default: every controller).", valueName: "name"),
        completion: .midiDevice)
    var device = ""

    func run() throws {
        let path = try FileForm.mapping.write(NewText.mapping(device), location)
        printLine(
            "to see what your controller sends: kairos monitor; to check the mapping: kairos check \(path)")
    }
}
