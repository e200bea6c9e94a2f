import ArgumentParser
import KairosControl
import KairosFiles

/// `kairos mappings`: lists the mappings.
struct Mappings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mappings", abstract: "List the mappings: name, device, controls, file.",
        discussion: "kairos mappings\nkairos play --mapping nanokontrol2")

    @Flag(help: "Print JSON.") var json = false
    @Option(
        help: ArgumentHelp("Search this folder (instead of the default folders).", valueName: "dir"),
        completion: .directory)
    var mappings: String?

    struct Row: Encodable {
        var name: String
        var device: String
        var controls: Int
        var file: String
    }

    func run() throws {
        let files = Library.files(in: try libraryFolders(.mappings, mappings))
        try printFiles(files, json, ["name", "device", "controls", "file"]) { path in
            let mapping = try MappingFile.read(path: path)
            return Row(
                name: mapping.name, device: mapping.device, controls: mapping.controls.count, file: path)
        } cells: {
            [$0.name, $0.device.isEmpty ? "(any)" : $0.device, "\($0.controls)", $0.file]
        }
    }
}
