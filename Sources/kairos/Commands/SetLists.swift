import ArgumentParser
import Foundation
import KairosControl
import KairosEngine
import KairosFiles
import KairosTerminal

/// `kairos setlists`: the evenings there are to play.
struct SetLists: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setlists", abstract: "List the set lists: name, entries, file.",
        discussion: "kairos setlists\nkairos play --setlist friday")

    @Flag(help: "Print JSON.") var json = false
    @Option(help: ArgumentHelp("Look in this folder only.", valueName: "dir")) var patches: String?

    struct Row: Encodable {
        var name: String
        var title: String
        var entries: [String]
        var file: String
    }

    func run() throws {
        let folders = try folders(.patches, patches)
        let files = Library.setLists(in: folders).compactMap { Library.setList($0, in: folders) }
        try list(files, json, ["name", "entries", "title", "file"]) { path in
            let list = try SetListFile.read(path: path)
            return Row(
                name: FileName.stem(path), title: list.name, entries: list.entries.map(\.name.text),
                file: path)
        } cells: {
            [$0.name, "\($0.entries.count)", $0.title, $0.file]
        }
    }
}

/// `kairos mappings`: what controllers do.
struct Mappings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mappings", abstract: "List the mappings: name, device, controls, file.",
        discussion: "kairos mappings\nkairos play --mapping nanokontrol2")

    @Flag(help: "Print JSON.") var json = false
    @Option(help: ArgumentHelp("Look in this folder only.", valueName: "dir")) var mappings: String?

    struct Row: Encodable {
        var name: String
        var device: String
        var controls: Int
        var file: String
    }

    func run() throws {
        let files = Library.files(in: try folders(.mappings, mappings))
        try list(files, json, ["name", "device", "controls", "file"]) { path in
            let mapping = try MappingFile.read(path: path)
            return Row(
                name: mapping.name, device: mapping.device, controls: mapping.controls.count, file: path)
        } cells: {
            [$0.name, $0.device.isEmpty ? "(any)" : $0.device, "\($0.controls)", $0.file]
        }
    }
}

/// The folders of one kind; throws what is wrong with the one that was named.
private func folders(_ kind: Library.Kind, _ explicit: String?) throws -> [String] {
    do { return try Library.folders(kind, explicit: explicit) } catch { throw Failure(error.description) }
}

/// A row for each file that can be read, as JSON or in columns; of the others what is wrong with them.
private func list<Row: Encodable>(
    _ files: [String], _ json: Bool, _ titles: [String], row: (String) throws -> Row, cells: (Row) -> [String]
) throws {
    let rows = files.compactMap { file -> Row? in
        do { return try row(file) } catch {
            say("\(error)")
            return nil
        }
    }
    if json { try showJSON(rows) } else { table(rows.map(cells), titles) }
}

/// Rows in columns that stand under each other, with a line of titles.
private func table(_ rows: [[String]], _ titles: [String]) {
    let rows = [titles] + rows.map { $0.map(DisplayText.escaped) }
    let widths = titles.indices.map { column in rows.map { DisplayText.width($0[column]) }.max() ?? 0 }
    for row in rows {
        let cells = zip(row, widths).dropLast().map { padded($0, $1) } + row.suffix(1)
        show(row: cells.joined(separator: "  "))
    }
}
