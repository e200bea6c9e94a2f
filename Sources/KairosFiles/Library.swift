import Foundation
import Glibc
import KairosControl
public import KairosPatch

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
        if let explicit {
            guard let status = SystemCall.status(explicit) else {
                throw Diagnostics(explicit, "there is no such folder")
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw Diagnostics(
                    explicit, "this is a file; expected a folder of \(kind.rawValue.lowercased())")
            }
            guard SystemCall.isAccessible(explicit, R_OK | X_OK) else {
                throw Diagnostics(explicit, "cannot be read: \(SystemCall.message(errno))")
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
        return found.filter { SystemCall.status($0).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
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
        (SystemCall.names(in: folder) ?? []).filter { $0 != "." && $0 != ".." }.sorted()
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
        SystemCall.status(path).map { $0.st_mode & S_IFMT != S_IFDIR } ?? false
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
}
