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
        let rows = sounds.compiled.map {
            Row(
                name: $0.patch.name, bank: $0.patch.bank, program: $0.patch.program, file: $0.patch.file,
                about: $0.patch.about)
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
struct Schedule: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the compiled steps of a patch.",
        discussion: "kairos schedule slow-tide\nkairos schedule my-patch.yaml")

    @Argument(help: "A patch's name, or a file.") var patch: String
    @OptionGroup var sounds: SoundOptions

    func run() throws {
        if FileManager.default.fileExists(atPath: patch) {
            show(try compiled(patch, sounds.modules).schedule)
        } else {
            let sounds = try Sounds(sounds)
            show(try sounds.patch(named: patch).schedule)
        }
    }
}

/// A patch file, compiled; every fault is told of.
func compiled(_ path: String, _ modules: ModuleOptions) throws -> CompiledPatch {
    let catalog = try modules.known().catalog
    do {
        return try CompiledPatch(tuned: try PatchFile.read(path: path), catalog: catalog)
    } catch let error as Diagnostics { throw Failure(error.description) } catch let error as PatchError {
        throw Failure(error.description)
    }
}
