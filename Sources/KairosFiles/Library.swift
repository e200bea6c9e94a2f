import Foundation
import Glibc
import KairosControl
import KairosPatch

/// The folders in which patches, compound modules, mappings and presets are found, and their files.
public struct Library: Sendable {
    /// The kind of files in a folder. The raw value is the name of the folder.
    public enum Kind: String, Sendable {
        /// Patches.
        case patches = "Patches"
        /// Controller mappings.
        case mappings = "Mappings"
        /// Compound modules.
        case modules = "Modules"
        /// Presets.
        case presets = "Presets"
    }

    /// The player's own folder for one kind of files: `$XDG_CONFIG_HOME/kairos/KIND`. It may not exist.
    public static func userFolder(_ kind: Kind) -> String {
        let environment = ProcessInfo.processInfo.environment
        let config =
            environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? "/root") + "/.config"
        return config + "/kairos/" + kind.rawValue
    }

    /// The session file in `$XDG_STATE_HOME/kairos`. Each set list has its own; nil is the session without a
    /// set list.
    public static func sessionFile(setList: String?) -> String {
        let environment = ProcessInfo.processInfo.environment
        let home =
            environment["XDG_STATE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? "/root") + "/.local/state"
        return home + "/kairos/" + (setList.map { $0 + ".session.yaml" } ?? "session.yaml")
    }

    /// The folders of one kind to search, in order.
    ///
    /// `explicit`, if given, is the only one. Otherwise they are those that exist of: the player's own
    /// (`$XDG_CONFIG_HOME/kairos`), the installed one, and that of the checkout which contains the
    /// executable. Throws ``Diagnostics`` if the explicit one is not a readable folder.
    public static func folders(_ kind: Kind, explicit: String?) throws(Diagnostics) -> [String] {
        var isDirectory: ObjCBool = false
        if let explicit {
            guard FileManager.default.fileExists(atPath: explicit, isDirectory: &isDirectory) else {
                throw Diagnostics(explicit, "there is no such folder")
            }
            guard isDirectory.boolValue else {
                throw Diagnostics(
                    explicit, "this is a file; expected a folder of \(kind.rawValue.lowercased())")
            }
            guard access(explicit, R_OK | X_OK) == 0 else {
                throw Diagnostics(explicit, "cannot be read: \(String(cString: strerror(errno)))")
            }
            return [explicit]
        }
        var found = [userFolder(kind)]
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        // The executable is installed as PREFIX/bin/kairos, with its data in PREFIX/share/kairos, or run from
        // a checkout.
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

    /// The YAML files of `folders` except set lists, by folder and then by name. A file in an earlier folder
    /// hides those of the same name in later ones.
    public static func files(in folders: [String]) -> [String] { scan(folders).files }

    /// ``files(in:)``, and a diagnostic for each file that is hidden by one of the same name in the same
    /// folder.
    static func scan(_ folders: [String]) -> (files: [String], faults: [Diagnostic]) {
        var owner: [String: (file: String, folder: Int)] = [:]
        var files: [String] = [], faults: [Diagnostic] = []
        for (index, folder) in folders.enumerated() {
            for name in names(in: folder) where FileName.isYAML(name) && !FileName.isSetList(name) {
                let file = path(folder, name)
                // Strings compare by canonical equivalence: two Unicode spellings of a name are one key.
                if let first = owner[FileName.stem(name)] {
                    guard first.folder == index else { continue }
                    faults.append(
                        Diagnostic(
                            file: file,
                            message: "\(first.file) has the same name and is read instead; rename one of them"
                        ))
                } else {
                    owner[FileName.stem(name)] = (file, index)
                    files.append(file)
                }
            }
        }
        return (files, faults)
    }

    /// A diagnostic for each file that is not read because another file of the same folder has the same name.
    /// [any]
    public static func hidden(in folders: [String]) -> [Diagnostic] { scan(folders).faults }

    /// The names of a folder's contents, sorted; empty if it cannot be read.
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

    /// The path of a file in a folder; just the name if the folder is the current one (".").
    public static func path(_ folder: String, _ name: String) -> String {
        folder == "." ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// The path of the set list that `name` denotes; nil if there is none.
    ///
    /// A name with a folder or an extension is a path, if that file exists. Otherwise it is the first set
    /// list of that name in `folders`; failing that, the first whose name differs only in case.
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
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }

    /// The names of the set lists in `folders`, sorted, without duplicates.
    public static func setLists(in folders: [String]) -> [String] {
        Set(folders.flatMap { names(in: $0).filter(FileName.isSetList).map(FileName.stem) }).sorted()
    }

    /// `folders` with the folder of a set list in front, so that patches beside the set list are found first.
    /// If `folders` contains it already, their order is unchanged.
    public static func folders(_ folders: [String], beside setList: String) -> [String] {
        let own = URL(fileURLWithPath: setList).deletingLastPathComponent()
        let standard = own.standardizedFileURL.path
        if folders.contains(where: { URL(fileURLWithPath: $0).standardizedFileURL.path == standard }) {
            return folders
        }
        let written =
            setList.contains("/") ? String(setList[..<(setList.lastIndex(of: "/") ?? setList.endIndex)]) : "."
        return [written.isEmpty ? "/" : written] + folders
    }

    /// Reads the headers of the patches in `folders`.
    ///
    /// Returns the headers by bank and program, then by name; diagnostics for the files without a readable
    /// header; and the paths of those files by their stem.
    ///
    /// `guest` is a folder, such as that of a set list, that may contain files of other kinds: these are
    /// skipped.
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

    /// Reads the headers of the given files for which `isWanted` is true. Returns the same as
    /// ``headers(in:guest:)``.
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

    /// Reads the patches in `folders`. Returns them by bank and program, then by name, with the faults of the
    /// others.
    public static func patches(in folders: [String]) -> (patches: [Patch], faults: [Diagnostic]) {
        let (files, twins) = scan(folders)
        var patches: [Patch] = [], faults = twins
        for result in concurrently(files, read) {
            do { patches.append(try result.get()) } catch { faults += error.list }
        }
        let ordered = ordered(patches)
        return (ordered.patches, faults + ordered.faults)
    }

    /// Sorts patches by bank and program, then by name.
    ///
    /// If several have one number, the first of them keeps it, preferably one whose file exists; the others
    /// lose theirs, with a diagnostic.
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
                            "bank \(patches[index].bank) program \(program) is already used by "
                            + "'\(first.name)' (\(first.file)); no program change selects this patch; "
                            + "give it another program"
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

    /// Reads the mappings in `folders`. Returns those without faults, and the faults of the others.
    public static func mappings(in folders: [String]) -> (mappings: [Mapping], faults: [Diagnostic]) {
        let found = examineMappings(in: folders)
        return (found.mappings, found.faults)
    }

    /// Reads the mappings in `folders`, as ``mappings(in:)`` does, and also returns the readable part of the
    /// mappings with faults. A partial mapping is not played; the names in it are checked, so that all faults
    /// are reported at once.
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

    /// Reads the compound modules in `folders`. Returns their declarations, not yet validated, and the faults
    /// of the files that cannot be read.
    public static func modules(in folders: [String]) -> (modules: [CompoundModule], faults: [Diagnostic]) {
        let (files, twins) = scan(folders)
        var modules: [CompoundModule] = [], faults = twins
        for result in concurrently(files, readModule) {
            do { modules.append(try result.get()) } catch { faults += error.list }
        }
        return (modules, faults)
    }

    @Sendable private static func readModule(_ file: String) -> Result<CompoundModule, Diagnostics> {
        do { return .success(try ModuleFile.read(path: file)) } catch { return .failure(error) }
    }
}

/// A patch, or the header of one, with its bank and program number.
public protocol NumberedPatch {
    /// The name that the player reads.
    var name: String { get }
    /// Path of the file; empty if there is none.
    var file: String { get }
    /// MIDI bank, 0…16 383.
    var bank: Int { get }
    /// MIDI program number, 0…127; nil if no program change selects the patch.
    var program: Int? { get set }
}

extension Patch: NumberedPatch {}
extension PatchHeader: NumberedPatch {}
