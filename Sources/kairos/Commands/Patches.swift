import ArgumentParser
import Foundation
import KairosCompiler
import KairosControl
import KairosPatch
import KairosTerminal

/// `kairos patches`: lists the patches.
struct Patches: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the patches: bank, program, name, description, file.",
        discussion: "kairos patches\nkairos patches --patches ~/my-patches --json")

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var rigOptions: RigOptions

    struct Row: Encodable {
        var name: String
        var bank: Int
        var program: Int?
        var file: String
        var about: String
    }

    func run() throws {
        let sources = try RigSources(rigOptions)
        sources.faults.forEach(printError)
        let rows = sources.patches.map(\.header).map {
            Row(name: $0.name, bank: $0.bank, program: $0.program, file: $0.file, about: $0.about)
        }
        if rows.count > RigSources.eagerLimit {
            printError(
                "\(rows.count) patches: only the headers were read; 'kairos check' reads the complete files")
        }
        if json { return try printJSON(rows) }
        let width = rows.map { DisplayText.width($0.name) }.max() ?? 0
        printLine("bank  program      " + padded("name", width) + "  about")
        for row in rows {
            // The number as sent (from 0), and as many keyboards display it (from 1).
            let program = row.program.map { "\($0) (\($0 + 1))" } ?? "-"
            printLine(
                "\(padded(String(row.bank), 4))  \(padded(program, 11))  "
                    + "\(padded(row.name, width))  \(row.about)"
            )
            printLine("                   " + padded("", width) + "  \(row.file)")
        }
    }
}
