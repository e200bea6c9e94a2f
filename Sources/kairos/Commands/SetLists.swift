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
    @Option(help: ArgumentHelp("Look into this folder only.", valueName: "dir")) var patches: String?

    struct Row: Encodable {
        var name: String
        var title: String
        var entries: [String]
        var file: String
    }

    func run() throws {
        let folders = try folders(.patches, patches)
        var rows: [Row] = []
        for name in Library.setLists(in: folders) {
            guard let path = Library.setList(name, in: folders) else { continue }
            do {
                let list = try SetListFile.read(path: path)
                rows.append(
                    Row(name: name, title: list.name, entries: list.entries.map(\.name.text), file: path))
            } catch { say("\(error)") }
        }
        if json { return try showJSON(rows) }
        table(
            rows.map { [$0.name, "\($0.entries.count)", $0.title, $0.file] },
            ["name", "entries", "title", "file"])
    }
}

/// `kairos mappings`: what controllers do.
struct Mappings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mappings", abstract: "List the mappings: name, device, controls, file.",
        discussion: "kairos mappings\nkairos play --mapping nanokontrol2")

    @Flag(help: "Print JSON.") var json = false
    @Option(help: ArgumentHelp("Look into this folder only.", valueName: "dir")) var mappings: String?

    struct Row: Encodable {
        var name: String
        var device: String
        var controls: Int
        var file: String
    }

    func run() throws {
        var rows: [Row] = []
        for path in Library.files(in: try folders(.mappings, mappings)) {
            do {
                let mapping = try MappingFile.read(path: path)
                rows.append(
                    Row(
                        name: mapping.name, device: mapping.device, controls: mapping.controls.count,
                        file: path))
            } catch { say("\(error)") }
        }
        if json { return try showJSON(rows) }
        table(
            rows.map { [$0.name, $0.device.isEmpty ? "(any)" : $0.device, "\($0.controls)", $0.file] },
            ["name", "device", "controls", "file"])
    }
}

/// The folders of one kind; throws what is wrong with the one that was named.
private func folders(_ kind: Library.Kind, _ explicit: String?) throws -> [String] {
    do { return try Library.folders(kind, explicit: explicit) } catch { throw Failure(error.description) }
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
