import ArgumentParser
import Foundation
import KairosControl
import KairosEngine
import KairosFiles

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
        if json { return try printJSON(rows) }
        let width = rows.map(\.name.count).max() ?? 0
        print("bank  program      " + padded("name", width) + "  about")
        for row in rows {
            // As sent (from 0), and as many keyboards show it (from 1).
            let program = row.program.map { "\($0) (\($0 + 1))" } ?? "-"
            print(
                "\(padded(String(row.bank), 4))  \(padded(program, 11))  \(padded(row.name, width))  \(row.about)"
            )
            print("                   " + padded("", width) + "  \(row.file)")
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
            print(try compiled(patch).schedule, terminator: "")
        } else {
            let sounds = try Sounds(sounds)
            print(try sounds.patch(named: patch).schedule, terminator: "")
        }
    }
}

/// A patch file, compiled; every fault is told of.
func compiled(_ path: String) throws -> CompiledPatch {
    do {
        return try CompiledPatch(tuned: try PatchFile.read(path: path))
    } catch let error as Diagnostics { throw Failure(error.description) } catch let error as PatchError {
        throw Failure(error.description)
    }
}

/// `kairos check`: every fault of every file at once.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find what is wrong with patches, set lists, mappings, states and presets.",
        discussion:
            "kairos check Patches/*.yaml Mappings/*.yaml\n\nA file is a patch, a set list, a mapping, a state or presets by its first line. The patches that a set list names are looked up\nbeside it."
    )

    @Argument(help: "The files.") var files: [String]

    func run() throws {
        var faults: [String] = []
        for file in files { faults += check(file) }
        guard faults.isEmpty else { throw Failure(faults.joined(separator: "\n")) }
        print("\(files.count == 1 ? "1 file is" : "\(files.count) files are") good")
    }

    private func check(_ file: String) -> [String] {
        do {
            let version = firstLine(file)
            if version.contains("mapping/") {
                _ = try MappingFile.read(path: file)
            } else if version.contains("presets/") {
                _ = try PresetFile.read(path: file)
            } else if version.contains("state/") {
                return try checkState(file)
            } else if version.contains("setlist/") {
                return try checkSetList(file)
            } else {
                return audition(try compiled(file))
            }
            return []
        } catch { return ["\(error)"] }
    }

    /// What reads well must also sound: as at the start of `kairos play`, eight notes are played.
    private func audition(_ patch: CompiledPatch) -> [String] {
        let host = OfflineHost(Repertoire([Sound(patch)]), mode: .entry)
        guard case .broken(let why) = host.states[0] else { return [] }
        return ["\(patch.patch.file): \(why)"]
    }

    /// The patches in a state must compile; whether they belong to what is played is told when it is.
    private func checkState(_ file: String) throws -> [String] {
        try StateFile.read(path: file).edits.flatMap { edit -> [String] in
            do { _ = try CompiledPatch(edit.patch, catalog: .standard) } catch { return ["\(error)"] }
            return []
        }
    }

    private func checkSetList(_ file: String) throws -> [String] {
        let list = try SetListFile.read(path: file)
        let found = Library.patches(in: [URL(fileURLWithPath: file).deletingLastPathComponent().path])
        let patches = found.patches.compactMap { try? CompiledPatch(tuned: $0) }
        return list.repertoire(patches).faults
    }

    private func firstLine(_ file: String) -> String {
        guard let handle = FileHandle(forReadingAtPath: file), let data = try? handle.read(upToCount: 4096)
        else { return "" }
        let text = String(decoding: data, as: UTF8.self)
        return text.split(separator: "\n").first { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }
            .map(String.init) ?? ""
    }
}
