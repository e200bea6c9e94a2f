import ArgumentParser
import Foundation
import KairosControl
import KairosEngine
import KairosFiles

/// Where patches and mappings come from.
struct SoundOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Take patches from this folder only.", valueName: "dir")) var patches: String?
    @Option(help: ArgumentHelp("Take mappings from this folder only.", valueName: "dir")) var mappings:
        String?
}

/// Everything there is to play: compiled patches in order, mappings, and what was wrong with the rest.
struct Sounds {
    var compiled: [CompiledPatch] = []
    var mappings: [Mapping] = []
    var faults: [String] = []

    /// Loads all; a broken file is told of and stops nothing but itself.
    init(_ options: SoundOptions, mapping name: String? = nil) throws {
        let found: (patches: [Patch], faults: [Diagnostic])
        do { found = Library.patches(in: try Library.folders(.patches, explicit: options.patches)) } catch {
            throw Failure(error.description)
        }
        faults += found.faults.map(\.description)
        for patch in found.patches {
            do { compiled.append(try CompiledPatch(patch, catalog: .standard)) } catch {
                faults.append("\(error)")
            }
        }
        do {
            let found = Library.mappings(in: try Library.folders(.mappings, explicit: options.mappings))
            mappings = found.mappings
            faults += found.faults.map(\.description)
        } catch { throw Failure(error.description) }
        if let name {
            guard let one = mappings.first(where: { $0.name == name }) else {
                throw Failure(
                    "there is no mapping '\(name)'; there are \(mappings.map(\.name).joined(separator: ", "))"
                )
            }
            mappings = [one]
        }
        for sound in compiled { faults += sound.controls(mappings).faults }
        guard !compiled.isEmpty else {
            throw Failure(
                (faults + ["there is no patch to play; --patches names a folder that has some"]).joined(
                    separator: "\n"))
        }
    }

    var entries: [Loader.Entry] { compiled.map { Loader.Entry($0, mappings: mappings) } }

    /// The index of a patch by its name or its file's name.
    func index(of name: String) throws -> Int {
        let matches: (CompiledPatch) -> Bool = {
            $0.patch.name.lowercased() == name.lowercased() || $0.fileStem == name
        }
        if let index = compiled.firstIndex(where: matches) { return index }
        // A path is as good as a name where it is one of the loaded files.
        if let index = compiled.firstIndex(where: {
            URL(fileURLWithPath: $0.patch.file).path == URL(fileURLWithPath: name).path
        }) {
            return index
        }
        let names = compiled.map(\.fileStem) + compiled.map(\.patch.name)
        throw Failure("there is no patch '\(name)'" + near(name, names) + "; 'kairos patches' lists them")
    }
}
