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

    /// Where mappings are, the player's own folder first.
    func mappingFolders() throws -> [String] {
        do { return try Library.folders(.mappings, explicit: mappings) } catch {
            throw Failure(error.description)
        }
    }
}

/// Everything there is to play: patches in order, mappings, and what was wrong with the rest.
struct Sounds {
    /// The most patches that are read before the start. Of more the headers are read, and each patch when it is
    /// needed first.
    static let eagerLimit = 512

    /// In the order of their numbers; those for the master effects among them. One that was read and cannot be played
    /// is not among them.
    var patches: [PatchSource] = []
    var mappings: [Mapping] = []
    /// The modules that patches may use.
    private(set) var modules = KnownModules()
    /// What patches are read with.
    let context: PatchContext
    /// What the player should know: `file:line:column: message`, each once.
    private(set) var faults: [String] = []
    private var told: Set<String> = []
    /// The entries of the set list; without one each patch is an entry.
    var rig = Rig()
    /// The set list that is played, if any.
    var list: SetList?
    /// The files of patches that cannot be played, by their names.
    var unreadable: [String: String] = [:]

    /// Reads everything; a broken file is told of and stops nothing but itself.
    init(_ options: SoundOptions, setList: String? = nil, mapping name: String? = nil) throws {
        var folders = try options.folders()
        let path = try setList.map { try Self.path(ofSetList: $0, in: folders) }
        if let path { folders = Library.folders(folders, beside: path) }
        modules = try options.modules.known()
        context = PatchContext(modules.registry)
        tell(modules.faults)
        let read = Self.read(Library.headers(in: folders, guest: path.map { _ in folders[0] }), context)
        (patches, unreadable) = (read.patches, read.unreadable)
        tell(read.faults)
        let found = Library.examineMappings(in: try options.mappingFolders())
        mappings = found.mappings
        tell(found.faults.map(\.description))
        if let name { try keep(mapping: name) }
        tell(Self.faults(of: mappings + found.partial, patches, unreadable))
        try arrange(path)
        tell(rig.actionRows(found.partial).faults)
        guard !rig.entries.isEmpty else {
            throw Failure(
                (faults + [Self.nothingToPlay]).joined(separator: "\n"))
        }
    }

    /// Said where there is no entry.
    static let nothingToPlay = "there is no patch to play; --patches names a folder that has some"

    /// The path of a set list by its name or path.
    static func path(ofSetList name: String, in folders: [String]) throws -> String {
        if let path = Library.setList(name, in: folders) { return path }
        let all = Library.setLists(in: folders)
        throw Failure(
            "there is no set list '\(name)'" + near(name, all)
                + (all.isEmpty ? "" : "; there are \(all.joined(separator: ", "))"))
    }

    /// The patches of some headers, those that cannot be played by their names, and why. All of a few are read now,
    /// all of many when they are needed.
    static func read(
        _ found: (headers: [PatchHeader], faults: [Diagnostic], unreadable: [String: String]),
        _ context: PatchContext
    ) -> (patches: [PatchSource], unreadable: [String: String], faults: [String]) {
        var unreadable = found.unreadable, faults = found.faults.map(\.description),
            patches: [PatchSource] = []
        let sources = found.headers.map { PatchFile.source($0, context) }
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

    /// What is wrong with mappings: patches that there are not, and what does not fit the patches that were read or
    /// that a mapping names.
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

    private mutating func keep(mapping name: String) throws {
        let found =
            mappings.first { $0.name == name } ?? mappings.first { $0.name.lowercased() == name.lowercased() }
        guard let found else {
            let all = mappings.map(\.name)
            throw Failure(
                "there is no mapping '\(name)'" + near(name, all)
                    + (all.isEmpty ? "; there is none" : "; there are \(all.joined(separator: ", "))"))
        }
        // Chosen by name, it serves every device.
        mappings = [found]
        mappings[0].device = ""
    }

    private mutating func arrange(_ setList: String?) throws {
        guard let setList else {
            rig = Rig(
                patches.filter { !$0.header.isMaster }.map { Sound($0, mappings: mappings) })
            tell(rig.actionRows(mappings).faults)
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
        // Those that the list names are read now.
        tell(patches.compactMap(\.knownFault) + found.faults)
    }

    /// What the player should know, each line once.
    private mutating func tell(_ lines: [String]) {
        for line in lines.flatMap({ $0.split(separator: "\n").map(String.init) })
        where told.insert(line).inserted { faults.append(line) }
    }

    /// The place of an entry by its name, its patch's or its patch file's.
    func index(of name: String) throws -> Int {
        if let place = rig.entry(named: name) { return place }
        // A path is as good as a name where it is one of the loaded files.
        let path = URL(fileURLWithPath: name).standardizedFileURL.path
        if let place = rig.entries.firstIndex(where: { entry in
            entry.layers.count == 1
                && URL(fileURLWithPath: rig.sounds[entry.layers[0].sound].header.file)
                    .standardizedFileURL.path == path
        }) {
            return place
        }
        throw noPatch(name, rig.entries.map(\.name) + patches.map(\.header.names.stem))
    }

    /// The patch that a person names: a file, where the name has a folder or an ending, or a patch of the folders.
    static func patch(_ name: String, _ options: SoundOptions) throws -> CompiledPatch {
        guard name.contains("/") || FileName.isYAML(name) else {
            return try Sounds(options).patch(named: name)
        }
        do {
            return try PatchFile.compile(path: name, registry: try options.modules.known().registry)
        } catch let error as Diagnostics { throw Failure(error.description) }
    }

    /// A compiled patch by its name or its file's name.
    func patch(named name: String) throws -> CompiledPatch {
        guard let place = PatchNames.find(name, in: patches.lazy.map(\.header.names)) else {
            throw noPatch(name, patches.map(\.header.names.stem) + patches.map(\.header.name))
        }
        if let fault = patches[place].fault { throw Failure(fault) }
        return patches[place].compiled
    }

    private func noPatch(_ name: String, _ all: [String]) -> Failure {
        if let file = unreadable.first(where: { $0.key.lowercased() == name.lowercased() })?.value {
            return Failure("the patch '\(name)' cannot be played: see \(file)")
        }
        let isFile = !name.isEmpty && FileManager.default.fileExists(atPath: name)
        return Failure(
            "there is no patch '\(name)'" + near(name, all)
                + (isFile
                    ? "; the file of that name has not the ending '.yaml'" : "; 'kairos patches' lists them"))
    }
}
