import Foundation
import KairosControl
import KairosEngine
import KairosFiles

/// Where the files are of which an instrument was made.
struct WatchedFiles {
    /// Folders of patches and of mappings, the first to be asked first.
    var patches: [String] = []
    var mappings: [String] = []
    /// The set list that is played, by its path.
    var setList: String?
    /// The one mapping that serves every device, where it was chosen by name.
    var mapping: String?

    init() {}

    init(_ options: SoundOptions, setList name: String?, mapping: String?) throws {
        func folders(_ kind: Library.Kind, _ explicit: String?) throws -> [String] {
            let found = try Library.folders(kind, explicit: explicit)
            // The player's own may come yet.
            let own = Library.userFolder(kind)
            return explicit == nil && !found.contains(own) ? [own] + found : found
        }
        patches = try folders(.patches, options.patches)
        mappings = try folders(.mappings, options.mappings)
        setList = name.flatMap { Library.setList($0, in: patches) }.map(Self.whole)
        self.mapping = mapping
    }

    /// All of them, each once.
    var folders: [String] {
        let list = setList.map { [URL(fileURLWithPath: $0).deletingLastPathComponent().path] } ?? []
        var seen: Set<String> = []
        return (patches + mappings + list).filter { seen.insert(Self.whole($0)).inserted }
    }

    /// A path without what may be written in several ways.
    static func whole(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// The file of the same name in an earlier folder, which is read instead of `path`; nil where there is none.
    func hider(of path: String, among folders: [String]) -> String? {
        let url = URL(fileURLWithPath: path)
        let own = Self.whole(url.deletingLastPathComponent().path)
        return folders.prefix { Self.whole($0) != own }.map { $0 + "/" + url.lastPathComponent }
            .first { FileManager.default.fileExists(atPath: $0) }
    }
}

// What a saved file makes of everything there is to play. On a fault all stays as it was.
extension Sounds {
    /// A patch was saved. Returns what the player should know. A file that is gone and said the same has only got
    /// another name.
    mutating func put(_ patch: Patch, _ catalog: ModuleCatalog) throws -> [String] {
        let name = URL(fileURLWithPath: patch.file).lastPathComponent, text = PatchFile.text(patch)
        let others = compiled.filter { compiled in
            let file = compiled.patch.file
            guard URL(fileURLWithPath: file).lastPathComponent != name else { return false }
            return FileManager.default.fileExists(atPath: file) || PatchFile.text(compiled.patch) != text
        }
        let ordered = Library.ordered(others.map(\.patch) + [patch])
        compiled = try ordered.patches.map { patch in
            try others.first { $0.patch.file == patch.file && $0.patch.program == patch.program }
                ?? CompiledPatch(tuned: patch, catalog: catalog)
        }
        broken[Self.stem(patch.file)] = nil
        return ordered.faults.map(\.description)
    }

    /// A mapping was saved; `files` are all there are, in order.
    mutating func put(_ mapping: Mapping, order files: [String]) throws {
        let faults =
            compiled.flatMap { $0.controls([mapping]).faults } + repertoire.actionRows([mapping]).faults
        guard faults.isEmpty else { throw Failure(faults.joined(separator: "\n")) }
        let places = files.map(Self.stem)
        // A file that is gone and said the same has only got another name.
        mappings.removeAll {
            $0.name == mapping.name || (!places.contains($0.name) && $0.says(sameAs: mapping))
        }
        mappings.append(mapping)
        func place(_ mapping: Mapping) -> Int { places.firstIndex(of: mapping.name) ?? places.count }
        mappings = mappings.enumerated().sorted {
            (place($0.element), $0.offset) < (place($1.element), $1.offset)
        }.map(\.element)
    }

    /// The set list was saved.
    mutating func put(_ list: SetList) throws {
        let faults = list.repertoire(compiled, broken: broken, mappings: mappings).faults
        guard faults.isEmpty else { throw Failure(faults.joined(separator: "\n")) }
        self.list = list
    }

    /// Looks everything up anew. `edited` says what a patch is by now that was edited as it played.
    mutating func arrange(edited: (Patch) -> Patch?, _ catalog: ModuleCatalog) throws {
        let all = try compiled.map { compiled in
            // Modules that are made of modules may be others by now.
            let isMadeOf = !compiled.subPatches.isEmpty
            guard var patch = edited(compiled.patch) ?? (isMadeOf ? compiled.patch : nil) else {
                return compiled
            }
            (patch.program, patch.bank) = (compiled.patch.program, compiled.patch.bank)
            return try CompiledPatch(tuned: patch, catalog: catalog)
        }
        if let list {
            repertoire = list.repertoire(all, broken: broken, mappings: mappings).repertoire
        } else {
            repertoire = Repertoire(all.filter { !$0.isRack }.map { Sound($0, mappings: mappings) })
        }
    }

    static func stem(_ path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
}

extension Mapping {
    /// Whether another differs in nothing but its name and the places of its lines.
    fileprivate func says(sameAs other: Mapping) -> Bool {
        func bare(_ mapping: Mapping) -> Mapping {
            var mapping = mapping
            mapping.name = ""
            for index in mapping.controls.indices { mapping.controls[index].place = "" }
            return mapping
        }
        return bare(self) == bare(other)
    }
}
