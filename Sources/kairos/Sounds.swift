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
    @OptionGroup var modules: ModuleOptions

    /// Where patches are, the player's own folder first.
    func folders() throws -> [String] {
        do { return try Library.folders(.patches, explicit: patches) } catch {
            throw Failure(error.description)
        }
    }
}

extension CompiledPatch {
    /// A patch in its own scale. Throws `PatchError` or `Diagnostics`.
    init(tuned patch: Patch, catalog: ModuleCatalog) throws {
        try self.init(patch, catalog: catalog)
        tuning = try ScalaFile.tuning(of: patch)
    }
}

/// Everything there is to play: compiled patches in order, mappings, and what was wrong with the rest.
struct Sounds {
    /// Racks among them.
    var compiled: [CompiledPatch] = []
    var mappings: [Mapping] = []
    /// The modules that patches may use.
    private(set) var modules = KnownModules()
    private(set) var faults: [String] = []
    /// The entries of the set list; without one each patch is an entry.
    var repertoire = Repertoire()
    /// The set list that is played, if any.
    var list: SetList?
    /// Why patches are not among the compiled, by their file's name.
    var broken: [String: String] = [:]

    /// Loads all; a broken file is told of and stops nothing but itself.
    init(_ options: SoundOptions, setList: String? = nil, mapping name: String? = nil) throws {
        do {
            let folders = try Library.folders(.patches, explicit: options.patches)
            let found = Library.all(
                patches: folders, modules: try Library.folders(.modules, explicit: options.modules.modules),
                mappings: try Library.folders(.mappings, explicit: options.mappings))
            modules = KnownModules(found.modules)
            faults += found.modules.faults.map(\.description) + modules.faults
            compile(found.patches)
            mappings = found.mappings.mappings
            faults += found.mappings.faults.map(\.description)
            if let name { try keep(mapping: name) }
            for sound in compiled { faults += sound.controls(mappings).faults }
            try arrange(setList, folders)
        } catch let error as Diagnostics { throw Failure(error.description) }
        guard !repertoire.entries.isEmpty else {
            throw Failure(
                (faults + ["there is no patch to play; --patches names a folder that has some"]).joined(
                    separator: "\n"))
        }
    }

    private mutating func compile(_ found: (patches: [Patch], faults: [Diagnostic])) {
        faults += found.faults.map(\.description)
        for fault in found.faults { broken[Self.stem(fault.file)] = fault.description }
        let catalog = modules.catalog
        let results = concurrently(found.patches) { patch in
            Result { try CompiledPatch(tuned: patch, catalog: catalog) }
        }
        for (patch, result) in zip(found.patches, results) {
            do { compiled.append(try result.get()) } catch {
                faults.append("\(error)")
                broken[Self.stem(patch.file)] = "\(error)"
            }
        }
    }

    private mutating func keep(mapping name: String) throws {
        guard let one = mappings.first(where: { $0.name == name }) else {
            throw Failure(
                "there is no mapping '\(name)'; there are \(mappings.map(\.name).joined(separator: ", "))")
        }
        // Chosen by name, it serves every device.
        mappings = [one]
        mappings[0].device = ""
    }

    private mutating func arrange(_ setList: String?, _ folders: [String]) throws {
        guard let setList else {
            repertoire = Repertoire(
                compiled.filter { !$0.isRack }.map { Sound($0, mappings: mappings) })
            faults += repertoire.actionRows(mappings).faults
            return
        }
        guard let path = Library.setList(setList, in: folders) else {
            let all = Library.setLists(in: folders)
            throw Failure(
                "there is no set list '\(setList)'"
                    + near(setList, all) + (all.isEmpty ? "" : "; there are \(all.joined(separator: ", "))"))
        }
        let list = try SetListFile.read(path: path)
        let found = list.repertoire(compiled, broken: broken, mappings: mappings)
        self.list = list
        repertoire = found.repertoire
        faults += found.faults
    }

    /// The place of an entry by its name, its patch's or its patch file's.
    func index(of name: String) throws -> Int {
        if let place = repertoire.entry(named: name) { return place }
        // A path is as good as a name where it is one of the loaded files.
        let path = URL(fileURLWithPath: name).path
        if let place = repertoire.entries.firstIndex(where: { entry in
            entry.parts.count == 1
                && URL(fileURLWithPath: repertoire.sounds[entry.parts[0].sound].compiled.patch.file).path
                    == path
        }) {
            return place
        }
        let names = repertoire.entries.map(\.name) + compiled.map(\.fileStem)
        throw Failure("there is no patch '\(name)'" + near(name, names) + "; 'kairos patches' lists them")
    }

    /// A compiled patch by its name or its file's name.
    func patch(named name: String) throws -> CompiledPatch {
        if let found = compiled.first(where: { $0.isCalled(name) }) { return found }
        let names = compiled.map(\.fileStem) + compiled.map(\.patch.name)
        throw Failure("there is no patch '\(name)'" + near(name, names) + "; 'kairos patches' lists them")
    }
}
