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

/// A name and a place for a file that is made.
struct NewFile {
    /// Whether it is a patch, mapping or module in its folder, or a set list in that of patches.
    var kind: Library.Kind
    var ending = ".yaml"
    var noun: String
    var schema: (file: String, text: String)

    /// Writes the file where nothing stands yet; returns its path.
    func write(_ name: String, _ folder: String?, _ text: String) throws -> String {
        guard Draft.isName(name) else {
            throw Failure(
                "'\(name)' is no name of a \(noun): letters, digits, '-' and '_', beginning with a letter, 64 at most"
            )
        }
        if folder == "" { throw UsageFault("--dir is empty, where a folder was expected") }
        let folder = folder ?? Library.userFolder(kind)
        let path = folder + "/" + name + ending
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure("\(path) is there already; nothing was written")
        }
        do throws(FileFailure) {
            // Last the file that was asked for: where the other cannot be written there is none.
            try DurableFile.write(schema.text, to: folder + "/" + schema.file)
            try DurableFile.write(text, to: path)
        } catch { throw Failure(error.description) }
        show(row: "\(path) is written, and \(schema.file) beside it for your editor")
        return path
    }
}

/// `kairos new patch NAME`: a patch that sounds.
struct NewPatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Write a patch that sounds.",
        discussion: "kairos new patch my-bass\nkairos play --watch my-bass")

    @Argument(help: "What it is called: letters, digits, '-' and '_'.") var name: String
    @Option(
        name: [.long, .customLong("dir")], help: ArgumentHelp("Write it into this folder.", valueName: "dir"))
    var patches: String?
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let schema = ("patch.schema.json", PatchSchema.text(try modules.known().catalog))
        _ = try NewFile(kind: .patches, noun: "patch", schema: schema).write(
            name, patches, NewText.patch(name))
        show(row: "hear it, and edit it while it sounds: kairos play --watch --patch \(name)")
    }
}

/// `kairos new mapping NAME`: a mapping for a controller.
struct NewMapping: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mapping", abstract: "Write a mapping for a controller.",
        discussion:
            "kairos new mapping my-controller --device nanoKONTROL2\nkairos learn 'knob 1' writes one too")

    @Argument(help: "What it is called: letters, digits, '-' and '_'.") var name: String
    @Option(
        help: ArgumentHelp("A part of the controller's name; without one it serves all.", valueName: "name"))
    var device = ""
    @Option(
        name: [.long, .customLong("dir")], help: ArgumentHelp("Write it into this folder.", valueName: "dir"))
    var mappings: String?

    func run() throws {
        let file = NewFile(
            kind: .mappings, noun: "mapping", schema: ("mapping.schema.json", MappingSchema.text))
        let path = try file.write(name, mappings, NewText.mapping(device))
        show(row: "see what your controller sends: kairos monitor; then check it: kairos check \(path)")
    }
}

/// `kairos new setlist NAME`: a set list.
struct NewSetList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setlist", abstract: "Write a set list.",
        discussion: "kairos new setlist friday\nkairos play --setlist friday")

    @Argument(help: "What it is called: letters, digits, '-' and '_'.") var name: String
    @Option(
        name: [.long, .customLong("dir")], help: ArgumentHelp("Write it into this folder.", valueName: "dir"))
    var patches: String?

    func run() throws {
        let file = NewFile(
            kind: .patches, ending: SetListFile.ending, noun: "set list",
            schema: ("setlist.schema.json", SetListSchema.text))
        _ = try file.write(name, patches, NewText.setList(name))
        show(row: "play it: kairos play --setlist \(name)")
    }
}

/// `kairos new module NAME`: a module made of modules.
struct NewModule: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module", abstract: "Write a module made of modules.",
        discussion: "kairos new module my-voice\nkairos modules my-voice")

    @Argument(help: "What it is called: letters, digits, '-' and '_'.") var name: String
    @Option(help: ArgumentHelp("Write it into this folder.", valueName: "dir")) var dir: String?
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let catalog = try modules.known().catalog
        guard catalog[name] == nil else {
            throw Failure("there is a module '\(name)' already; give yours another name")
        }
        let schema = ("module.schema.json", ModuleSchema.text(catalog))
        _ = try NewFile(kind: .modules, noun: "module", schema: schema)
            .write(name, dir ?? modules.modules, NewText.module)
        show(row: "use it in a patch: 'osc: { type: \(name) }'; what it has: kairos modules \(name)")
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

    enum Form: String, CaseIterable, ExpressibleByArgument { case patch, module, mapping, setlist }

    @Argument(help: "patch, module, mapping or setlist.") var form = Form.patch
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let text =
            switch form {
            case .patch: PatchSchema.text(try modules.known().catalog)
            case .module: ModuleSchema.text(try modules.known().catalog)
            case .mapping: MappingSchema.text
            case .setlist: SetListSchema.text
            }
        show(text)
    }
}
