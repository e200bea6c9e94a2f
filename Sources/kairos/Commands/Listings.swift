import ArgumentParser
import Foundation
import KairosControl
import KairosEngine
import KairosFiles
import KairosTerminal

/// `kairos patches`: what there is to play.
struct Patches: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the patches: name, bank, program, file, what it is.",
        discussion: "kairos patches\nkairos patches --patches ~/my-patches --json")

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var sounds: SoundOptions

    struct Row: Encodable {
        var name: String
        var bank: Int
        var program: Int?
        var file: String
        var about: String
    }

    func run() throws {
        let sounds = try Sounds(sounds)
        sounds.faults.forEach(say)
        let rows = sounds.patches.map(\.header).map {
            Row(name: $0.name, bank: $0.bank, program: $0.program, file: $0.file, about: $0.about)
        }
        if rows.count > Sounds.eagerLimit {
            say("\(rows.count) patches: only their headers were read; 'kairos check' reads them whole")
        }
        if json { return try showJSON(rows) }
        let width = rows.map { DisplayText.width($0.name) }.max() ?? 0
        show(row: "bank  program      " + padded("name", width) + "  about")
        for row in rows {
            // As sent (from 0), and as many keyboards show it (from 1).
            let program = row.program.map { "\($0) (\($0 + 1))" } ?? "-"
            show(
                row:
                    "\(padded(String(row.bank), 4))  \(padded(program, 11))  \(padded(row.name, width))  \(row.about)"
            )
            show(row: "                   " + padded("", width) + "  \(row.file)")
        }
    }
}

/// `kairos schedule`: what the compiler made of a patch.
struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Print the compiled steps of a patch.",
        discussion: "kairos schedule slow-tide\nkairos schedule my-patch.yaml")

    @Argument(help: "Patch name or file.") var patch: String
    @OptionGroup var sounds: SoundOptions

    func run() throws {
        show(try Sounds.patch(patch, sounds).scheduleText)
    }
}
