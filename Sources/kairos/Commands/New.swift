import ArgumentParser
import Foundation
import KairosCompiler

/// `kairos new`: writes a commented example file.
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an example patch, mapping, set list or module to start from.",
        discussion: """
            kairos new patch my-bass             in your own patch folder
            kairos new setlist friday --dir .    in the current folder

            The file has comments for each section. Its JSON Schema, for your editor, is written beside it.
            """,
        subcommands: [NewPatch.self, NewMapping.self, NewSetList.self, NewModule.self])
}

/// The name and the folder of a new file.
struct NewOptions: ParsableArguments {
    @Argument(help: "Name: letters, digits, '-' and '_'.") var name: String
    @Option(
        name: [.customLong("dir"), .customLong("patches"), .customLong("mappings")],
        help: ArgumentHelp("Folder to write to (default: your own folder).", valueName: "dir"),
        completion: .directory)
    var folder: String?
}

/// `kairos new patch NAME`: writes a playable patch.
struct NewPatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Write a playable example patch.",
        discussion: "kairos new patch my-bass\nkairos play --watch my-bass")

    @OptionGroup var location: NewOptions
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        try FileForm.patch.write(NewText.patch(location.name), location, registry: modules.known().registry)
        printLine("to play it and edit it while it sounds: kairos play --watch --patch \(location.name)")
    }
}

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

/// `kairos new setlist NAME`: writes a set list.
struct NewSetList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setlist", abstract: "Write an example set list.",
        discussion: "kairos new setlist friday\nkairos play --setlist friday")

    @OptionGroup var location: NewOptions

    func run() throws {
        try FileForm.setlist.write(NewText.setList(location.name), location)
        printLine("to play it: kairos play --setlist \(location.name)")
    }
}

/// `kairos new module NAME`: writes a compound module.
struct NewModule: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module", abstract: "Write an example of a compound module.",
        discussion: "kairos new module my-voice\nkairos modules my-voice")

    @OptionGroup var location: NewOptions
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let registry = try modules.known().registry
        guard registry[location.name] == nil else {
            throw Failure("module '\(location.name)' already exists; choose another name")
        }
        var location = location
        location.folder = location.folder ?? modules.modules
        try FileForm.module.write(NewText.module, location, registry: registry)
        printLine(
            "to use it in a patch: 'osc: { type: \(location.name) }'; "
                + "to describe it: kairos modules \(location.name)"
        )
    }
}
