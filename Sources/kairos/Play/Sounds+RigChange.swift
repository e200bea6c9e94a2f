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
        let list = name.flatMap { Library.setList($0, in: patches) }
        if let list { patches = Library.folders(patches, beside: list) }
        setList = list.map(Self.whole)
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
        let whole = Self.whole(path), stem = FileName.stem(path)
        let files = Library.files(in: folders)
        if files.contains(where: { Self.whole($0) == whole }) { return nil }
        return files.first { FileName.stem($0) == stem }
    }
}

// What a saved file makes of everything there is to play. On a fault all stays as it was.
extension Sounds {
    /// A patch was saved. Returns what the player should know. A file that is gone and said the same has only got
    /// another name.
    mutating func put(_ patch: Patch, _ compiled: CompiledPatch) -> [String] {
        let name = URL(fileURLWithPath: patch.file).lastPathComponent, text = PatchFile.text(patch)
        let others = patches.filter { source in
            let file = source.header.file
            guard URL(fileURLWithPath: file).lastPathComponent != name else { return false }
            return FileManager.default.fileExists(atPath: file) || !source.isRead
                || PatchFile.text(source.compiled.patch) != text
        }
        let sources = others + [PatchSource(compiled)]
        let ordered = Library.ordered(sources.map(\.header))
        let byFile = Dictionary(sources.map { ($0.header.file, $0) }, uniquingKeysWith: { $1 })
        patches = ordered.patches.compactMap {
            byFile[$0.file]?.renumbered(bank: $0.bank, program: $0.program)
        }
        unreadable[FileName.stem(patch.file)] = nil
        return ordered.faults.map(\.description)
    }

    /// A mapping was saved; `files` are all there are, in order.
    mutating func put(_ mapping: Mapping, order files: [String]) throws {
        let faults = Self.faults(of: [mapping], patches, unreadable) + rig.actionRows([mapping]).faults
        guard faults.isEmpty else { throw Failure(faults.joined(separator: "\n")) }
        let places = files.map(FileName.stem)
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
        let faults = list.rig(of: patches, unreadable: unreadable, mappings: mappings).faults
        guard faults.isEmpty else { throw Failure(faults.joined(separator: "\n")) }
        self.list = list
    }

    /// Looks everything up anew. `edited` says what a patch is by now that was edited as it played.
    mutating func arrange(edited: (Patch) -> Patch?, _ registry: ModuleRegistry) throws {
        let all = try patches.map { source in
            guard source.isRead else { return source }
            let compiled = source.compiled
            // Modules that are made of modules may be others by now.
            let isMadeOf = !compiled.subPatches.isEmpty
            guard var patch = edited(compiled.patch) ?? (isMadeOf ? compiled.patch : nil) else {
                return source
            }
            (patch.program, patch.bank) = (compiled.patch.program, compiled.patch.bank)
            return PatchSource(try CompiledPatch(tuned: patch, registry: registry))
        }
        if let list {
            rig = list.rig(of: all, unreadable: unreadable, mappings: mappings).rig
        } else {
            rig = Rig(all.filter { !$0.header.isMaster }.map { Sound($0, mappings: mappings) })
        }
    }
}

extension CompiledPatch {
    /// A patch in its own scale. Throws `PatchError` or `Diagnostics`.
    init(tuned patch: Patch, registry: ModuleRegistry) throws {
        try self.init(patch, registry: registry)
        tuning = try ScalaFile.tuning(of: patch)
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
