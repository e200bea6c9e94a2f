import KairosFiles
import KairosPatch
import KairosTerminal

/// The folders of one kind. Throws ``Failure`` if the given folder does not exist.
func libraryFolders(_ kind: Library.Kind, _ explicit: String?) throws -> [String] {
    do { return try Library.folders(kind, explicit: explicit) } catch { throw Failure(error.description) }
}

/// Prints a row for each readable file, as JSON or in columns, and the errors of the other files.
func printFiles<Row: Encodable>(
    _ files: [String], _ json: Bool, _ titles: [String], row: (String) throws -> Row, cells: (Row) -> [String]
) throws {
    let rows = files.compactMap { file -> Row? in
        do { return try row(file) } catch {
            printError("\(error)")
            return nil
        }
    }
    if json { try printJSON(rows) } else { printTable(rows.map(cells), titles) }
}

/// Prints rows in aligned columns under a line of titles.
private func printTable(_ rows: [[String]], _ titles: [String]) {
    let rows = [titles] + rows.map { $0.map(DisplayText.escaped) }
    let widths = titles.indices.map { column in rows.map { DisplayText.width($0[column]) }.max() ?? 0 }
    for row in rows {
        let cells = zip(row, widths).dropLast().map { padded($0, $1) } + row.suffix(1)
        printLine(cells.joined(separator: "  "))
    }
}
