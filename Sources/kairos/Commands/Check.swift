import ArgumentParser
import Foundation
import KairosEngine
import KairosFiles

/// `kairos check`: every fault of every file at once.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find what is wrong with patches, modules, set lists, mappings, states and presets.",
        discussion: """
            kairos check Patches/*.yaml Modules/*.yaml Mappings/*.yaml

            What a file is says its first line. The patches that a set list names are looked up beside it. Patches
            may use the modules among the files, and those that Kairos finds at its start.
            """)

    @Argument(help: "The files.") var files: [String]
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let found = Library.modules(in: try modules.folders())
        var own: [SubPatch] = [], faults: [String: String] = [:]
        for file in files where isModule(file) {
            do { own.append(try ModuleFile.read(path: file)) } catch { faults[file] = error.description }
        }
        // A file that is checked stands for what has its name elsewhere.
        let names = Set(own.map(\.name) + faults.keys.map(ModuleFile.type))
        let others = found.modules.filter { !names.contains($0.name) }
        let unread = faults.keys.sorted() + found.faults.map(\.file)
        let known = KnownModules(
            others + own,
            unread: unread.filter { faults[$0] != nil || !names.contains(ModuleFile.type(of: $0)) })
        let said = files.flatMap { file in faults[file].map { [$0] } ?? check(file, known) }
        guard said.isEmpty else { throw Failure(said.joined(separator: "\n")) }
        show(row: "\(files.count == 1 ? "1 file is" : "\(files.count) files are") good")
    }

    private func isModule(_ file: String) -> Bool { firstLine(file).contains("module/") }

    private func check(_ file: String, _ known: KnownModules) -> [String] {
        do {
            let version = firstLine(file)
            if version.contains("mapping/") {
                _ = try MappingFile.read(path: file)
            } else if version.contains("presets/") {
                _ = try PresetFile.read(path: file)
            } else if version.contains("state/") {
                return try checkState(file, known.catalog)
            } else if version.contains("setlist/") {
                return try checkSetList(file, known.catalog)
            } else if version.contains("module/") {
                return check(module: file, known)
            } else {
                let patch = try PatchFile.read(path: file)
                return audition(try CompiledPatch(tuned: patch, catalog: known.catalog), of: file)
            }
            return []
        } catch { return ["\(error)"] }
    }

    private func check(module file: String, _ known: KnownModules) -> [String] {
        let faults = known.errors.filter { $0.file == file }.map(\.description)
        guard faults.isEmpty, let trial = known.catalog.trial(of: ModuleFile.type(of: file)),
            let compiled = try? CompiledPatch(trial, catalog: known.catalog)
        else { return faults }
        return audition(compiled, of: file)
    }

    /// What reads well must also sound: as at the start of `kairos play`, eight notes are played.
    private func audition(_ patch: CompiledPatch, of file: String) -> [String] {
        let host = OfflineHost(Repertoire([Sound(patch)]), mode: .entry)
        guard case .broken(let why) = host.states[0] else { return [] }
        return ["\(file): \(why)"]
    }

    /// The patches in a state must compile; whether they belong to what is played is told when it is.
    private func checkState(_ file: String, _ catalog: ModuleCatalog) throws -> [String] {
        try StateFile.read(path: file).edits.flatMap { edit -> [String] in
            do { _ = try CompiledPatch(edit.patch, catalog: catalog) } catch { return ["\(error)"] }
            return []
        }
    }

    private func checkSetList(_ file: String, _ catalog: ModuleCatalog) throws -> [String] {
        let list = try SetListFile.read(path: file)
        let found = Library.patches(in: [URL(fileURLWithPath: file).deletingLastPathComponent().path])
        let patches = found.patches.compactMap { try? CompiledPatch(tuned: $0, catalog: catalog) }
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
