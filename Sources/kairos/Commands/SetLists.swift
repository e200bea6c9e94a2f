import ArgumentParser
import Foundation
import KairosControl
import KairosFiles
import KairosPatch

/// `kairos setlists`: lists the set lists.
struct SetLists: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setlists", abstract: "List the set lists: name, entries, file.",
        discussion: "kairos setlists\nkairos play --setlist friday")

    @Flag(help: "Print JSON.") var json = false
    @Option(
        help: ArgumentHelp("Search this folder (instead of the default folders).", valueName: "dir"),
        completion: .directory)
    var patches: String?

    struct Row: Encodable {
        var name: String
        var title: String
        var entries: [String]
        var file: String
    }

    func run() throws {
        let folders = try libraryFolders(.patches, patches)
        let files = Library.setLists(in: folders).compactMap { Library.setList($0, in: folders) }
        try printFiles(files, json, ["name", "entries", "title", "file"]) { path in
            let list = try SetListFile.read(path: path)
            return Row(
                name: FileName.stem(path), title: list.name, entries: list.entries.map(\.name.text),
                file: path)
        } cells: {
            [$0.name, "\($0.entries.count)", $0.title, $0.file]
        }
    }
}
