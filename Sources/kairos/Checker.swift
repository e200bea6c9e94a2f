import Foundation
import KairosControl
import KairosEngine
import KairosFiles

/// Checks files as `kairos play` would read them, with the same functions, so that both say the same.
struct Checker: Sendable {
    /// The files that are checked.
    let files: [String]
    private let folders: RigFolders
    private let known: KnownModules
    private let context: PatchContext
    /// What is wrong with the form of modules, by their files.
    private let unreadModules: [String: [String]]
    /// What is wrong with the folders of the files, as two patches with one number, by whole path.
    private let folderFaults: [String: [Diagnostic]]
    /// The patches that mappings may name, and the entries.
    private let patches: [PatchSource]
    private let unreadable: [String: String]
    private let rig: Rig
    /// Whether a fault of a MIDI file is one, else it is a warning; and the longest song.
    private let strict: Bool, longest: TimeSpan

    /// Over `files`, or everything in the folders where there are none.
    init(
        _ options: SoundOptions, files given: [String], setList: String?, strict: Bool, longest: TimeSpan
    ) throws {
        (self.strict, self.longest) = (strict, longest)
        let folders = RigFolders(
            patches: try options.folders(), modules: try options.modules.folders(),
            mappings: try options.mappingFolders())
        // A file that is given twice is not two with one number.
        var seen: Set<String> = []
        let files =
            given.isEmpty
            ? folders.files : given.filter { $0.isEmpty || seen.insert(RigFolders.whole($0)).inserted }
        (self.folders, self.files) = (folders, files)

        var own: [SubPatch] = [], unread: [String: [String]] = [:]
        for file in files where folders.kind(of: file) == .module {
            do { own.append(try ModuleFile.read(path: file)) } catch {
                unread[file] = error.list.map(\.description)
            }
        }
        unreadModules = unread
        known = Self.known(own, unread.keys.sorted(), Library.modules(in: folders.modules))
        context = PatchContext(known.registry)

        let usual = Set(folders.patches.map(RigFolders.whole))
        let others = Dictionary(
            grouping: files.filter { folders.kind(of: $0) == .patch && FileName.isVisible($0) },
            by: RigFolders.folder
        ).filter { !usual.contains($0.key) }
        let main = Library.headers(in: folders.patches)
        // Of another folder the files that are given are compared with each other.
        var found = others.values.flatMap { Library.headers(of: $0).faults }
        found += main.faults + Library.hidden(in: folders.modules) + Library.hidden(in: folders.mappings)
        folderFaults = Dictionary(grouping: found) { RigFolders.whole($0.file) }

        let path = try setList.map { try Sounds.path(ofSetList: $0, in: folders.patches) }
        let beside =
            path.map { Library.folders(folders.patches, beside: $0) } ?? others.keys.sorted()
            + folders.patches
        let read = Sounds.read(beside == folders.patches ? main : Library.headers(in: beside), context)
        (patches, unreadable) = (read.patches, read.unreadable)
        if let path {
            rig = try Self.list(path).rig(of: patches, unreadable: unreadable).rig
        } else {
            rig = Rig(patches.filter { !$0.header.isMaster }.map { Sound($0) })
        }
    }

    private static func list(_ path: String) throws -> SetList {
        do { return try SetListFile.read(path: path) } catch { throw Failure(error.description) }
    }

    /// The modules that patches may use. A file that is checked stands for what has its name elsewhere.
    private static func known(
        _ own: [SubPatch], _ unread: [String], _ found: (modules: [SubPatch], faults: [Diagnostic])
    ) -> KnownModules {
        let names = Set(own.map(\.name) + unread.map(ModuleFile.type))
        return KnownModules(
            found.modules.filter { !names.contains($0.name) } + own,
            unread: unread + found.faults.map(\.file).filter { !names.contains(ModuleFile.type(of: $0)) })
    }

    /// Whether there is anything to play.
    var hasEntries: Bool { !rig.entries.isEmpty }

    /// Files that a folder does not show, which are not read, by whatever name they are given.
    var unread: [String] { files.filter(Self.isHidden) }

    private static func isHidden(_ file: String) -> Bool {
        var isFolder: ObjCBool = false
        // A folder that is given as a file is a fault, also '.'.
        return !FileName.isVisible(file) && !file.isEmpty
            && !(FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && isFolder.boolValue)
    }

    /// What is wrong, in the order of the files, each line once.
    var faults: [String] {
        var told: Set<String> = []
        var lines: [String] = []
        for fault in concurrently(files, { check($0) }).joined() {
            for line in fault.split(separator: "\n").map(String.init) where told.insert(line).inserted {
                lines.append(line)
            }
        }
        return lines
    }

    private func check(_ file: String) -> [String] {
        guard !Self.isHidden(file) else { return [] }
        let about = (folderFaults[RigFolders.whole(file)] ?? []).map { fault in
            var fault = fault
            fault.file = file
            return fault.description
        }
        do { return about + (try faults(in: file)) } catch { return about + ["\(error)"] }
    }

    /// Throws where the file's form is wrong.
    private func faults(in file: String) throws -> [String] {
        switch folders.kind(of: file) {
        case .patch: return selfTest(try PatchFile.compile(path: file, registry: known.registry))
        case .module: return check(module: file)
        case .mapping:
            let (mapping, wrong) = try MappingFile.examine(path: file)
            return Diagnostics(wrong).list.map(\.description) + check(mapping: mapping)
        case .setlist: return try check(setList: file)
        case .presets: _ = try PresetFile.read(path: file)
        case .session: return try check(state: file)
        case .scale: _ = try ScalaFile.scale(path: file)
        case .keyboard: _ = try ScalaFile.keyboard(path: file)
        case .midi:
            _ = try SongOptions.read(file, strict: strict, longest: longest)
        }
        return []
    }

    private func check(module file: String) -> [String] {
        if let faults = unreadModules[file] { return faults }
        let faults = known.errors.filter { $0.file == file }.map(\.description)
        guard faults.isEmpty, let trial = known.registry.trial(of: ModuleFile.type(of: file)),
            let compiled = try? CompiledPatch(trial, registry: known.registry)
        else { return faults }
        return selfTest(compiled).map { $0.hasPrefix("'") ? "\(file): \($0)" : $0 }
    }

    private func check(mapping: Mapping) -> [String] {
        Sounds.faults(of: [mapping], patches, unreadable) + rig.actionRows([mapping]).faults
    }

    private func check(setList file: String) throws -> [String] {
        let (list, wrong) = try SetListFile.examine(path: file)
        let beside = Library.folders(folders.patches, beside: file)
        let isGuest = beside.count > folders.patches.count
        let read = Sounds.read(Library.headers(in: beside, guest: isGuest ? beside[0] : nil), context)
        let found = list.rig(of: read.patches, unreadable: read.unreadable)
        guard wrong.isEmpty else { return Diagnostics(wrong).list.map(\.description) + found.faults }
        return found.faults + selfTest(found.rig)
    }

    /// The patches in a session must compile; whether they belong to what is played is told when it is.
    private func check(state file: String) throws -> [String] {
        try SessionFile.read(path: file).edits.flatMap { edit -> [String] in
            do { _ = try CompiledPatch(edit.patch, registry: known.registry) } catch { return ["\(error)"] }
            return []
        }
    }

    /// What reads well must also sound: as at the start of `kairos play`, eight notes are played.
    private func selfTest(_ patch: CompiledPatch) -> [String] { selfTest(Rig([Sound(patch)])) }

    private func selfTest(_ rig: Rig) -> [String] {
        guard !rig.entries.isEmpty else { return [] }
        let host = OfflineHost(rig, mode: .entry)
        return host.states.compactMap { if case .failed(let why) = $0 { why } else { nil } }
    }
}
