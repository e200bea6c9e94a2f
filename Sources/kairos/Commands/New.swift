import ArgumentParser
import Foundation
import KairosEngine
import KairosFiles

/// `kairos new`: a file to begin with.
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a patch, mapping, set list or module to begin with.",
        discussion: """
            kairos new patch my-bass             in your own folder of patches
            kairos new setlist friday --dir .    here

            The file has a remark for each of its parts, and its schema for your editor beside it.
            """,
        subcommands: [NewPatch.self, NewMapping.self, NewSetList.self, NewModule.self])
}

/// The four kinds of files that are written by hand.
enum FileForm: String, CaseIterable, ExpressibleByArgument {
    case patch, module, mapping, setlist

    private var noun: String { self == .setlist ? "set list" : rawValue }

    /// Where it lies: a set list among the patches.
    private var kind: Library.Kind {
        switch self {
        case .patch, .setlist: .patches
        case .module: .modules
        case .mapping: .mappings
        }
    }

    /// What an editor needs to complete and check it. Patches and modules may use what is in `registry`.
    func schema(_ registry: @autoclosure () throws -> ModuleRegistry) rethrows -> String {
        switch self {
        case .patch: PatchSchema.text(try registry())
        case .module: ModuleSchema.text(try registry())
        case .mapping: MappingSchema.text
        case .setlist: SetListSchema.text
        }
    }

    /// Writes the file where nothing stands yet, and its schema beside it; returns its path.
    @discardableResult
    func write(_ text: String, _ place: NewOptions, registry: ModuleRegistry = .standard) throws -> String {
        let name = place.name
        guard Draft.isName(name) else {
            throw Failure(
                "'\(name)' is no name of a \(noun): letters, digits, '-' and '_', beginning with a letter, 64 at most"
            )
        }
        if place.folder == "" { throw UsageFault("--dir is empty, where a folder was expected") }
        let folder = place.folder ?? Library.userFolder(kind)
        let path = folder + "/" + name + (self == .setlist ? SetListFile.ending : ".yaml")
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure("\(path) is there already; nothing was written")
        }
        let schemaFile = rawValue + ".schema.json"
        do throws(FileFailure) {
            // Last the file that was asked for: where the other cannot be written there is none.
            try DurableFile.write(schema(registry), to: folder + "/" + schemaFile)
            try DurableFile.write(text, to: path)
        } catch { throw Failure(error.description) }
        show(row: "\(path) is written, and \(schemaFile) beside it for your editor")
        return path
    }
}

/// A name and a place for a file that is made.
struct NewOptions: ParsableArguments {
    @Argument(help: "Name: letters, digits, '-' and '_'.") var name: String
    @Option(
        name: [.customLong("dir"), .customLong("patches"), .customLong("mappings")],
        help: ArgumentHelp("Folder to write to.", valueName: "dir"))
    var folder: String?
}

/// `kairos new patch NAME`: a patch that sounds.
struct NewPatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Write a patch that sounds.",
        discussion: "kairos new patch my-bass\nkairos play --watch my-bass")

    @OptionGroup var place: NewOptions
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        try FileForm.patch.write(NewText.patch(place.name), place, registry: modules.known().registry)
        show(row: "hear it, and edit it while it sounds: kairos play --watch --patch \(place.name)")
    }
}

/// `kairos new mapping NAME`: a mapping for a controller.
struct NewMapping: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mapping", abstract: "Write a mapping for a controller.",
        discussion:
            "kairos new mapping my-controller --device nanoKONTROL2\nkairos learn 'macro 1' writes one too")

    @OptionGroup var place: NewOptions
    @Option(
        help: ArgumentHelp("Part of the controller's name (default: every controller).", valueName: "name"))
    var device = ""

    func run() throws {
        let path = try FileForm.mapping.write(NewText.mapping(device), place)
        show(row: "see what your controller sends: kairos monitor; then check it: kairos check \(path)")
    }
}

/// `kairos new setlist NAME`: a set list.
struct NewSetList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setlist", abstract: "Write a set list.",
        discussion: "kairos new setlist friday\nkairos play --setlist friday")

    @OptionGroup var place: NewOptions

    func run() throws {
        try FileForm.setlist.write(NewText.setList(place.name), place)
        show(row: "play it: kairos play --setlist \(place.name)")
    }
}

/// `kairos new module NAME`: a module made of modules.
struct NewModule: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module", abstract: "Write a module made of modules.",
        discussion: "kairos new module my-voice\nkairos modules my-voice")

    @OptionGroup var place: NewOptions
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let registry = try modules.known().registry
        guard registry[place.name] == nil else {
            throw Failure("there is a module '\(place.name)' already; give yours another name")
        }
        var place = place
        place.folder = place.folder ?? modules.modules
        try FileForm.module.write(NewText.module, place, registry: registry)
        show(
            row:
                "use it in a patch: 'osc: { type: \(place.name) }'; what it has: kairos modules \(place.name)"
        )
    }
}

/// `kairos schema`: what an editor needs to complete and check files.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the form of a patch, module, mapping or set list as a JSON Schema, for editors.",
        discussion: """
            kairos schema patch > patch.schema.json
            # then, as the first line of a patch:
            # yaml-language-server: $schema=patch.schema.json
            """)

    @Argument(help: "File type: patch, module, mapping or setlist.") var form = FileForm.patch
    @OptionGroup var modules: ModuleOptions

    func run() throws { show(try form.schema(modules.known().registry)) }
}
