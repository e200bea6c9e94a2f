import Foundation
import Glibc
import KairosControl
import KairosEngine

/// Where patches, modules and mappings are looked for, and what is there.
public struct Library: Sendable {
    /// What a folder holds.
    public enum Kind: String, Sendable {
        /// Patches.
        case patches = "Patches"
        /// Mappings.
        case mappings = "Mappings"
        /// Modules made of modules.
        case modules = "Modules"
        /// Named values of patches.
        case presets = "Presets"
    }

    /// Where a player's own files of one kind are, whether the folder exists or not.
    public static func userFolder(_ kind: Kind) -> String {
        let environment = ProcessInfo.processInfo.environment
        let config =
            environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? "/root") + "/.config"
        return config + "/kairos/" + kind.rawValue
    }

    /// Where the state is kept, of a set list in a file of its own: `$XDG_STATE_HOME/kairos`.
    public static func sessionFile(setList: String?) -> String {
        let environment = ProcessInfo.processInfo.environment
        let home =
            environment["XDG_STATE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? "/root") + "/.local/state"
        return home + "/kairos/" + (setList.map { $0 + ".session.yaml" } ?? "session.yaml")
    }

    /// The folders of one kind that exist, the first to be asked first: the one asked for, the user's
    /// (`$XDG_CONFIG_HOME/kairos`), the installed place.
    public static func folders(_ kind: Kind, explicit: String?) throws(Diagnostics) -> [String] {
        var isDirectory: ObjCBool = false
        if let explicit {
            guard FileManager.default.fileExists(atPath: explicit, isDirectory: &isDirectory) else {
                throw Diagnostics(explicit, "there is no such folder")
            }
            guard isDirectory.boolValue else {
                throw Diagnostics(
                    explicit, "this is a file; a folder of \(kind.rawValue.lowercased()) was expected")
            }
            guard access(explicit, R_OK | X_OK) == 0 else {
                throw Diagnostics(explicit, "cannot be read: \(String(cString: strerror(errno)))")
            }
            return [explicit]
        }
        var found = [userFolder(kind)]
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        // Installed as PREFIX/bin/kairos with PREFIX/share/kairos beside it, or run from a checkout.
        found.append(
            executable.deletingLastPathComponent().deletingLastPathComponent().path + "/share/kairos/"
                + kind.rawValue)
        var folder = executable.deletingLastPathComponent()
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.path + "/Package.swift") {
                found.append(folder.path + "/" + kind.rawValue)
                break
            }
            folder.deleteLastPathComponent()
        }
        return found.filter {
            FileManager.default.fileExists(atPath: $0, isDirectory: &isDirectory) && isDirectory.boolValue
        }
    }

    /// The YAML files of `folders`, in order of the folders and then of their names, without set lists. A name in an
    /// earlier folder hides the same name in a later one, and is given once.
    public static func files(in folders: [String]) -> [String] { scan(folders).files }

    /// The YAML files of `folders`, and files that another one of the same folder hides: those have one name.
    static func scan(_ folders: [String]) -> (files: [String], faults: [Diagnostic]) {
        var owner: [String: (file: String, folder: Int)] = [:]
        var files: [String] = [], faults: [Diagnostic] = []
        for (place, folder) in folders.enumerated() {
            for name in names(in: folder) where FileName.isYAML(name) && !FileName.isSetList(name) {
                let file = path(folder, name)
                // Two spellings of one letter (Unicode) are one key.
                if let first = owner[FileName.stem(name)] {
                    guard first.folder == place else { continue }
                    faults.append(
                        Diagnostic(
                            file: file,
                            message: "\(first.file) has the same name and is read instead; rename one of them"
                        ))
                } else {
                    owner[FileName.stem(name)] = (file, place)
                    files.append(file)
                }
            }
        }
        return (files, faults)
    }

    /// Files of `folders` that are not read because another one of the same folder has their name. [any]
    public static func hidden(in folders: [String]) -> [Diagnostic] { scan(folders).faults }

    /// What a folder has, by name; nothing where it cannot be read.
    public static func names(in folder: String) -> [String] {
        guard let list = opendir(folder) else { return [] }
        defer { closedir(list) }
        var names: [String] = []
        while let entry = readdir(list) {
            withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { names.append(String(cString: $0)) }
            }
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    /// A file of a folder; without the folder where that is the current one.
    public static func path(_ folder: String, _ name: String) -> String {
        folder == "." ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// The set list that `name` means: a file, where it has a folder or an ending, else the first of that name in
    /// `folders`, in its own spelling or in other capitals; nil where there is none.
    public static func setList(_ name: String, in folders: [String]) -> String? {
        if name.contains("/") || FileName.isYAML(name), isFile(name) { return name }
        guard !name.contains("/") else { return nil }
        let all = folders.flatMap { folder in
            names(in: folder).filter(FileName.isSetList).map { path(folder, $0) }
        }
        let wanted = FileName.isSetList(name) ? FileName.stem(name) : name
        return all.first { FileName.stem($0) == wanted }
            ?? all.first { FileName.stem($0).lowercased() == wanted.lowercased() }
            ?? (isFile(name) ? name : nil)
    }

    private static func isFile(_ path: String) -> Bool {
        var about = stat()
        return stat(path, &about) == 0 && about.st_mode & S_IFMT != S_IFDIR
    }

    /// The names of the set lists of `folders`, each once.
    public static func setLists(in folders: [String]) -> [String] {
        Set(folders.flatMap { names(in: $0).filter(FileName.isSetList).map(FileName.stem) }).sorted()
    }

    /// Folders of patches with that of a set list: what stands beside a set list is found first, unless its folder
    /// is among `folders` already, whose order counts then.
    public static func folders(_ folders: [String], beside setList: String) -> [String] {
        let own = URL(fileURLWithPath: setList).deletingLastPathComponent()
        let whole = own.standardizedFileURL.path
        if folders.contains(where: { URL(fileURLWithPath: $0).standardizedFileURL.path == whole }) {
            return folders
        }
        let written =
            setList.contains("/") ? String(setList[..<(setList.lastIndex(of: "/") ?? setList.endIndex)]) : "."
        return [written.isEmpty ? "/" : written] + folders
    }

    /// The headers of the patches of `folders`, in order of bank and program, then name; what is wrong with files
    /// that have none; and those files, by their names.
    ///
    /// `guest` is a folder that may have files of other kinds, as that of a set list: they are left out.
    public static func headers(
        in folders: [String], guest: String? = nil
    ) -> (headers: [PatchHeader], faults: [Diagnostic], unreadable: [String: String]) {
        let (files, twins) = scan(folders)
        let found = headers(of: files) { file in
            guard let guest, file == path(guest, (file as NSString).lastPathComponent) else { return true }
            return FileKind(of: file).map { $0 == .patch } ?? true
        }
        return (found.headers, twins + found.faults, found.unreadable)
    }

    /// The headers of some patches, as ``headers(in:guest:)`` gives them; only those that `isWanted`.
    public static func headers(
        of files: [String], where isWanted: @Sendable (String) -> Bool = { _ in true }
    ) -> (headers: [PatchHeader], faults: [Diagnostic], unreadable: [String: String]) {
        var headers: [PatchHeader] = [], faults: [Diagnostic] = [], unreadable: [String: String] = [:]
        let found = concurrently(files) { file -> Result<PatchHeader, Diagnostics>? in
            guard isWanted(file) else { return nil }
            do throws(Diagnostics) { return .success(try PatchFile.header(path: file)) } catch {
                return .failure(error)
            }
        }
        for (file, result) in zip(files, found) {
            guard let result else { continue }
            do throws(Diagnostics) { headers.append(try result.get()) } catch {
                faults += error.list
                unreadable[FileName.stem(file)] = file
            }
        }
        let ordered = ordered(headers)
        return (ordered.patches, faults + ordered.faults, unreadable)
    }

    /// The patches of `folders` in order of bank and program, then name, and what is wrong with the others.
    public static func patches(in folders: [String]) -> (patches: [Patch], faults: [Diagnostic]) {
        let (files, twins) = scan(folders)
        var patches: [Patch] = [], faults = twins
        for result in concurrently(files, read) {
            do { patches.append(try result.get()) } catch { faults += error.list }
        }
        let ordered = ordered(patches)
        return (ordered.patches, faults + ordered.faults)
    }

    /// Patches in order of bank and program, then name. Where two have one number, the first keeps it, before all
    /// one whose file is still there.
    public static func ordered<Item: NumberedPatch>(_ all: [Item]) -> (patches: [Item], faults: [Diagnostic])
    {
        var patches = all, faults: [Diagnostic] = []
        func rank(_ patch: Item) -> (Int, Int, String) {
            (patch.program == nil ? 1 : 0, patch.bank * 128 + (patch.program ?? 0), patch.name)
        }
        patches.sort { rank($0) < rank($1) }
        var owner: [Int: Item] = [:]
        let isGone = patches.map { !$0.file.isEmpty && access($0.file, F_OK) != 0 }
        for index in patches.indices.filter({ !isGone[$0] }) + patches.indices.filter({ isGone[$0] }) {
            guard let program = patches[index].program else { continue }
            let number = patches[index].bank * 128 + program
            if let first = owner[number] {
                faults.append(
                    Diagnostic(
                        file: patches[index].file,
                        message:
                            "bank \(patches[index].bank) program \(program) is '\(first.name)' already (\(first.file)); no program change reaches this one"
                    ))
                patches[index].program = nil
            } else {
                owner[number] = patches[index]
            }
        }
        return (patches, faults)
    }

    @Sendable private static func read(_ file: String) -> Result<Patch, Diagnostics> {
        do { return .success(try PatchFile.read(path: file)) } catch { return .failure(error) }
    }

    /// The mappings of `folders`, and what is wrong with the others.
    public static func mappings(in folders: [String]) -> (mappings: [Mapping], faults: [Diagnostic]) {
        let found = examineMappings(in: folders)
        return (found.mappings, found.faults)
    }

    /// The same with what is whole of the others, which can be looked up and is not used.
    public static func examineMappings(
        in folders: [String]
    ) -> (mappings: [Mapping], faults: [Diagnostic], partial: [Mapping]) {
        let (files, twins) = scan(folders)
        var mappings: [Mapping] = [], partial: [Mapping] = [], faults = twins
        typealias Examined = Result<(mapping: Mapping, faults: [Diagnostic]), Diagnostics>
        let found = concurrently(files) { file -> Examined in
            do throws(Diagnostics) { return .success(try MappingFile.examine(path: file)) } catch {
                return .failure(error)
            }
        }
        for result in found {
            do throws(Diagnostics) {
                let (mapping, wrong) = try result.get()
                if wrong.isEmpty { mappings.append(mapping) } else { partial.append(mapping) }
                faults += Diagnostics(wrong).list
            } catch { faults += error.list }
        }
        return (mappings, faults, partial)
    }

    /// The modules made of modules of `folders`, as their files say them, and what is wrong with the others.
    public static func modules(in folders: [String]) -> (modules: [SubPatch], faults: [Diagnostic]) {
        let (files, twins) = scan(folders)
        var modules: [SubPatch] = [], faults = twins
        for result in concurrently(files, readModule) {
            do { modules.append(try result.get()) } catch { faults += error.list }
        }
        return (modules, faults)
    }

    @Sendable private static func readModule(_ file: String) -> Result<SubPatch, Diagnostics> {
        do { return .success(try ModuleFile.read(path: file)) } catch { return .failure(error) }
    }
}

/// What has a name, a file and a program number: a patch, or its header.
public protocol NumberedPatch {
    /// What the player reads.
    var name: String { get }
    /// The path; empty for a patch without a file.
    var file: String { get }
    /// 0…16 383.
    var bank: Int { get }
    /// 0…127; nil when no program change reaches it.
    var program: Int? { get set }
}

extension Patch: NumberedPatch {}
extension PatchHeader: NumberedPatch {}
