import Foundation
import KairosCompiler
import KairosControl
import KairosFiles
import KairosPatch

/// Everything that was read from files and from which a ``Rig`` is built: patches, mappings, compound modules
/// and the set list, with the errors of the files that could not be used.
struct RigSources {
    /// Up to this many patches are read completely at the start. If there are more, only their headers are
    /// read, and each patch is read when it is first needed.
    static let eagerLimit = 512

    /// The patches in the order of their program numbers, including those for the master effects. A patch
    /// that was read and has errors is not included.
    var patches: [PatchSource] = []
    var mappings: [Mapping] = []
    /// The built-in and compound modules that patches may use.
    private(set) var modules = KnownModules()
    /// The context that patches are read with.
    let context: PatchContext
    /// Errors for the user, `file:line:column: message`, without duplicates.
    private(set) var faults: [String] = []
    private var reported: Set<String> = []
    /// The entries of the set list; without a set list, one entry per patch.
    var rig = Rig()
    /// The set list; nil if there is none.
    var list: SetList?
    /// The files of patches that cannot be used, by file name without extension.
    var unreadable: [String: String] = [:]

    /// Reads all files. A faulty patch, mapping or module is reported in `faults` and left out. Throws
    /// ``Failure`` if the set list is faulty or unknown, or if there is nothing to play.
    init(_ options: RigOptions, setList: String? = nil, mapping name: String? = nil) throws {
        var folders = try options.folders()
        let path = try setList.map { try Self.path(ofSetList: $0, in: folders) }
        if let path { folders = Library.folders(folders, beside: path) }
        modules = try options.modules.known()
        context = PatchContext(modules.registry)
        report(modules.faults)
        let read = Self.read(Library.headers(in: folders, guest: path.map { _ in folders[0] }), context)
        (patches, unreadable) = (read.patches, read.unreadable)
        report(read.faults)
        let found = Library.examineMappings(in: try options.mappingFolders())
        mappings = found.mappings
        report(found.faults.map(\.description))
        if let name { try select(mapping: name) }
        report(Self.faults(of: mappings + found.partial, patches, unreadable))
        try buildRig(path)
        report(rig.actionRows(found.partial).faults)
        guard !rig.entries.isEmpty else {
            throw Failure(
                (faults + [Self.nothingToPlay]).joined(separator: "\n"))
        }
    }

    /// The error if there is no entry.
    static let nothingToPlay = "there is no patch to play; give a folder with patches: --patches DIR"

    /// The path of a set list, given its name or path. Throws ``Failure`` if there is none.
    static func path(ofSetList name: String, in folders: [String]) throws -> String {
        if let path = Library.setList(name, in: folders) { return path }
        let all = Library.setLists(in: folders)
        throw Failure(
            "there is no set list '\(name)'" + near(name, all)
                + (all.isEmpty ? "" : "; available: \(all.joined(separator: ", "))"))
    }

    /// Makes patch sources from headers. Up to `eagerLimit` of them are read at once, and those with errors
    /// are moved to `unreadable` (file by name) with their messages in `faults`; more than that are read when
    /// needed.
    static func read(
        _ found: (headers: [PatchHeader], faults: [Diagnostic], unreadable: [String: String]),
        _ context: PatchContext
    ) -> (patches: [PatchSource], unreadable: [String: String], faults: [String]) {
        var unreadable = found.unreadable, faults = found.faults.map(\.description),
            patches: [PatchSource] = []
        let sources = found.headers.map { FileStore().source($0, context) }
        guard sources.count <= eagerLimit else { return (sources, unreadable, faults) }
        for (source, fault) in zip(sources, concurrently(sources, \.fault)) {
            if let fault {
                faults.append(fault)
                unreadable[source.header.names.stem] = source.header.file
            } else {
                patches.append(source)
            }
        }
        return (patches, unreadable, faults)
    }

    /// Errors of mappings: unknown patches, and controls that do not fit a patch that has been read or that a
    /// mapping names.
    static func faults(
        of mappings: [Mapping], _ patches: [PatchSource], _ unreadable: [String: String]
    ) -> [String] {
        let names = patches.map(\.header.names)
        let named = Set(
            mappings.flatMap(\.controls).compactMap { control -> Int? in
                guard case .port(let name, _, _) = control.target else { return nil }
                return PatchNames.find(name, in: names)
            })
        let compiled = patches.indices.filter { patches[$0].isRead || named.contains($0) }
        return mappings.flatMap { $0.unknownPatches(names, unreadable: Array(unreadable.keys)) }
            + compiled.flatMap { patches[$0].compiled.controls(mappings).faults }
    }

    private mutating func select(mapping name: String) throws {
        let found =
            mappings.first { $0.name == name } ?? mappings.first { $0.name.lowercased() == name.lowercased() }
        guard let found else {
            let all = mappings.map(\.name)
            throw Failure(
                "there is no mapping '\(name)'" + near(name, all)
                    + (all.isEmpty
                        ? "; no mappings were found" : "; available: \(all.joined(separator: ", "))"))
        }
        // A mapping selected by name serves every device.
        mappings = [found]
        mappings[0].device = ""
    }

    private mutating func buildRig(_ setList: String?) throws {
        guard let setList else {
            rig = Rig(
                patches.filter { !$0.header.isMaster }.map { Sound($0, mappings: mappings) })
            report(rig.actionRows(mappings).faults)
            return
        }
        let list: SetList, wrong: [Diagnostic]
        do { (list, wrong) = try SetListFile.examine(path: setList) } catch {
            throw Failure(error.description)
        }
        let found = list.rig(of: patches, unreadable: unreadable, mappings: wrong.isEmpty ? mappings : [])
        guard wrong.isEmpty else {
            throw Failure((Diagnostics(wrong).list.map(\.description) + found.faults).joined(separator: "\n"))
        }
        self.list = list
        rig = found.rig
        // The patches of the set list have been read by now: report their errors.
        report(patches.compactMap(\.knownFault) + found.faults)
    }

    /// Adds lines to `faults`, each line once.
    private mutating func report(_ lines: [String]) {
        for line in lines.flatMap({ $0.split(separator: "\n").map(String.init) })
        where reported.insert(line).inserted { faults.append(line) }
    }

    /// The index of an entry, by its name, or by the name, file name or path of its patch. Throws
    /// ``Failure``.
    func index(of name: String) throws -> Int {
        if let index = rig.entry(named: name) { return index }
        // The path of a patch that is loaded selects its entry.
        let path = URL(fileURLWithPath: name).standardizedFileURL.path
        if let index = rig.entries.firstIndex(where: { entry in
            entry.layers.count == 1
                && URL(fileURLWithPath: rig.sounds[entry.layers[0].sound].header.file)
                    .standardizedFileURL.path == path
        }) {
            return index
        }
        throw noPatch(name, rig.entries.map(\.name) + patches.map(\.header.names.stem))
    }

    /// Compiles a patch given on the command line: a file if the name contains a folder or ends in `.yaml`,
    /// otherwise a patch of the folders. Throws ``Failure``.
    static func patch(_ name: String, _ options: RigOptions) throws -> CompiledPatch {
        guard name.contains("/") || FileName.isYAML(name) else {
            return try RigSources(options).patch(named: name)
        }
        do {
            return try FileStore().compile(path: name, registry: try options.modules.known().registry)
        } catch let error as Diagnostics { throw Failure(error.description) }
    }

    /// Compiles a patch of the folders, by its name or file name. Throws ``Failure``.
    func patch(named name: String) throws -> CompiledPatch {
        guard let index = PatchNames.find(name, in: patches.lazy.map(\.header.names)) else {
            throw noPatch(name, patches.map(\.header.names.stem) + patches.map(\.header.name))
        }
        if let fault = patches[index].fault { throw Failure(fault) }
        return patches[index].compiled
    }

    private func noPatch(_ name: String, _ all: [String]) -> Failure {
        if let file = unreadable.first(where: { $0.key.lowercased() == name.lowercased() })?.value {
            return Failure("the patch '\(name)' has errors; 'kairos check \(file)' reports them")
        }
        let isFile = !name.isEmpty && FileManager.default.fileExists(atPath: name)
        return Failure(
            "there is no patch '\(name)'" + near(name, all)
                + (isFile
                    ? "; the file of that name does not end in '.yaml'" : "; 'kairos patches' lists them"))
    }
}
