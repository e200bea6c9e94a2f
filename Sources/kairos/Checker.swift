import Foundation
import KairosCompiler
import KairosControl
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession

/// Checks files with the functions that `kairos play` reads them with, so that both report the same errors.
struct Checker: Sendable {
    /// The files to check.
    let files: [String]
    private let folders: RigFolders
    private let known: KnownModules
    private let context: PatchContext
    /// Syntax errors of compound modules, by file.
    private let unreadModules: [String: [String]]
    /// Errors that concern several files of a folder, such as two patches with the same number, by absolute
    /// path.
    private let folderFaults: [String: [Diagnostic]]
    /// The patches that mappings and set lists may name.
    private let patches: [PatchSource]
    /// The files of patches with errors, by file name without extension.
    private let unreadable: [String: String]
    private let rig: Rig
    /// True if errors in MIDI files are errors, else they are warnings; and the longest song allowed.
    private let strict: Bool, longest: TimeSpan

    /// Checks the given files, or all files of the folders if none are given. Throws ``Failure`` if a folder
    /// or the set list does not exist.
    init(
        _ options: RigOptions, files given: [String], setList: String?, strict: Bool, longest: TimeSpan
    ) throws {
        (self.strict, self.longest) = (strict, longest)
        let folders = RigFolders(
            patches: try options.folders(), modules: try options.modules.folders(),
            mappings: try options.mappingFolders())
        // A file given twice is checked once; otherwise it would seem to share its number with another file.
        var seen: Set<String> = []
        let files =
            given.isEmpty
            ? folders.files : given.filter { $0.isEmpty || seen.insert(RigFolders.absolute($0)).inserted }
        (self.folders, self.files) = (folders, files)

        var own: [CompoundModule] = [], unread: [String: [String]] = [:]
        for file in files where folders.kind(of: file) == .module {
            do { own.append(try ModuleFile.read(path: file)) } catch {
                unread[file] = error.list.map(\.description)
            }
        }
        unreadModules = unread
        known = Self.known(own, unread.keys.sorted(), Library.modules(in: folders.modules))
        context = PatchContext(known.registry)

        let usual = Set(folders.patches.map(RigFolders.absolute))
        let others = Dictionary(
            grouping: files.filter { folders.kind(of: $0) == .patch && FileName.isVisible($0) },
            by: RigFolders.folder
        ).filter { !usual.contains($0.key) }
        let main = Library.headers(in: folders.patches)
        // In other folders only the given files are compared with each other.
        var found = others.values.flatMap { Library.headers(of: $0).faults }
        found += main.faults + Library.hidden(in: folders.modules) + Library.hidden(in: folders.mappings)
        folderFaults = Dictionary(grouping: found) { RigFolders.absolute($0.file) }

        let path = try setList.map { try RigSources.path(ofSetList: $0, in: folders.patches) }
        let beside =
            path.map { Library.folders(folders.patches, beside: $0) } ?? others.keys.sorted()
            + folders.patches
        let read = RigSources.read(beside == folders.patches ? main : Library.headers(in: beside), context)
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

    /// The modules that patches may use. A checked file replaces the module of the same name in the folders.
    private static func known(
        _ own: [CompoundModule], _ unread: [String],
        _ found: (modules: [CompoundModule], faults: [Diagnostic])
    ) -> KnownModules {
        let names = Set(own.map(\.name) + unread.map(ModuleFile.type))
        return KnownModules(
            found.modules.filter { !names.contains($0.name) } + own,
            unread: unread + found.faults.map(\.file).filter { !names.contains(ModuleFile.type(of: $0)) })
    }

    /// True if the rig has entries.
    var hasEntries: Bool { !rig.entries.isEmpty }

    /// The given files that are hidden and therefore not read.
    var hiddenFiles: [String] { files.filter(Self.isHidden) }

    private static func isHidden(_ file: String) -> Bool {
        var isFolder: ObjCBool = false
        // A folder given as a file is an error, also '.'.
        return !FileName.isVisible(file) && !file.isEmpty
            && !(FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && isFolder.boolValue)
    }

    /// The errors in the order of the files, without duplicates.
    var faults: [String] {
        var seen: Set<String> = []
        var lines: [String] = []
        for fault in concurrently(files, { check($0) }).joined() {
            for line in fault.split(separator: "\n").map(String.init) where seen.insert(line).inserted {
                lines.append(line)
            }
        }
        return lines
    }

    /// All errors of a file.
    private func check(_ file: String) -> [String] {
        guard !Self.isHidden(file) else { return [] }
        let found = (folderFaults[RigFolders.absolute(file)] ?? []).map { fault in
            var fault = fault
            fault.file = file
            return fault.description
        }
        do { return found + (try faults(in: file)) } catch { return found + ["\(error)"] }
    }

    /// The errors in the content of a file. Throws if it cannot be parsed.
    private func faults(in file: String) throws -> [String] {
        switch folders.kind(of: file) {
        case .patch: return selfTest(try FileStore().compile(path: file, registry: known.registry))
        case .module: return check(module: file)
        case .mapping:
            let (mapping, wrong) = try MappingFile.examine(path: file)
            return Diagnostics(wrong).list.map(\.description) + check(mapping: mapping)
        case .setlist: return try check(setList: file)
        case .presets: _ = try PresetFile.read(path: file)
        case .session: return try check(session: file)
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
        RigSources.faults(of: [mapping], patches, unreadable) + rig.actionRows([mapping]).faults
    }

    private func check(setList file: String) throws -> [String] {
        let (list, wrong) = try SetListFile.examine(path: file)
        let beside = Library.folders(folders.patches, beside: file)
        let isGuest = beside.count > folders.patches.count
        let read = RigSources.read(Library.headers(in: beside, guest: isGuest ? beside[0] : nil), context)
        let found = list.rig(of: read.patches, unreadable: read.unreadable)
        guard wrong.isEmpty else { return Diagnostics(wrong).list.map(\.description) + found.faults }
        return found.faults + selfTest(found.rig)
    }

    /// The edited patches of a session must compile. Whether its names exist is checked when the session is
    /// restored.
    private func check(session file: String) throws -> [String] {
        try SessionFile.read(path: file).edits.flatMap { edit -> [String] in
            do { _ = try CompiledPatch(edit.patch, registry: known.registry) } catch { return ["\(error)"] }
            return []
        }
    }

    /// The self-test, as at the start of `kairos play`: renders eight notes.
    private func selfTest(_ patch: CompiledPatch) -> [String] { selfTest(Rig([Sound(patch)])) }

    private func selfTest(_ rig: Rig) -> [String] {
        guard !rig.entries.isEmpty else { return [] }
        let host = OfflineHost(rig, mode: .entry)
        return host.states.compactMap { if case .failed(let reason) = $0 { reason } else { nil } }
    }
}
