import Foundation
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
    public static func stateFile(setList: String?) -> String {
        let environment = ProcessInfo.processInfo.environment
        let home =
            environment["XDG_STATE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? "/root") + "/.local/state"
        return home + "/kairos/" + (setList.map { $0 + ".state.yaml" } ?? "state.yaml")
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

    /// The YAML files of `folders`, by name. A name in an earlier folder hides the same name in a later one.
    public static func files(in folders: [String]) -> [String] {
        var seen: Set<String> = []
        var result: [String] = []
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted()
            where (name.hasSuffix(".yaml") || name.hasSuffix(".yml")) && !name.hasSuffix(SetListFile.ending)
                && seen.insert(name).inserted
            {
                result.append(folder + "/" + name)
            }
        }
        return result
    }

    /// The set list called `name` in `folders`, or at that path; nil where there is none.
    public static func setList(_ name: String, in folders: [String]) -> String? {
        let candidates = [name] + folders.flatMap { [$0 + "/" + name, $0 + "/" + name + SetListFile.ending] }
        return candidates.first {
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
    }

    /// The names of the set lists of `folders`.
    public static func setLists(in folders: [String]) -> [String] {
        folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
            .filter { $0.hasSuffix(SetListFile.ending) }.map { String($0.dropLast(SetListFile.ending.count)) }
            .sorted()
    }

    /// The patches of `folders` in order of bank and program, then name, and what is wrong with the others.
    public static func patches(in folders: [String]) -> (patches: [Patch], faults: [Diagnostic]) {
        var patches: [Patch] = [], faults: [Diagnostic] = []
        for result in concurrently(files(in: folders), read) {
            do { patches.append(try result.get()) } catch { faults += error.list }
        }
        let ordered = ordered(patches)
        return (ordered.patches, faults + ordered.faults)
    }

    /// Patches in order of bank and program, then name. Where two have one number, the first keeps it, before all
    /// one whose file is still there.
    public static func ordered(_ all: [Patch]) -> (patches: [Patch], faults: [Diagnostic]) {
        var patches = all, faults: [Diagnostic] = []
        func rank(_ patch: Patch) -> (Int, Int, String) {
            (patch.program == nil ? 1 : 0, patch.bank * 128 + (patch.program ?? 0), patch.name)
        }
        patches.sort { rank($0) < rank($1) }
        var owner: [Int: Patch] = [:]
        let isGone = patches.map { !$0.file.isEmpty && !FileManager.default.fileExists(atPath: $0.file) }
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
        var mappings: [Mapping] = [], faults: [Diagnostic] = []
        for result in concurrently(files(in: folders), readMapping) {
            do { mappings.append(try result.get()) } catch { faults += error.list }
        }
        return (mappings, faults)
    }

    @Sendable private static func readMapping(_ file: String) -> Result<Mapping, Diagnostics> {
        do { return .success(try MappingFile.read(path: file)) } catch { return .failure(error) }
    }

    /// What there is to start with, read on all cores at once: the kinds side by side, and the files of each.
    public static func all(
        patches: [String], modules: [String], mappings: [String]
    ) -> (
        patches: (patches: [Patch], faults: [Diagnostic]),
        modules: (modules: [SubPatch], faults: [Diagnostic]),
        mappings: (mappings: [Mapping], faults: [Diagnostic])
    ) {
        enum Found {
            case patches(([Patch], [Diagnostic]))
            case modules(([SubPatch], [Diagnostic]))
            case mappings(([Mapping], [Diagnostic]))
        }
        let found = concurrently([Kind.patches, .modules, .mappings]) { kind -> Found in
            switch kind {
            case .patches: .patches(Self.patches(in: patches))
            case .modules: .modules(Self.modules(in: modules))
            // Presets are read when they are asked for.
            case .mappings, .presets: .mappings(Self.mappings(in: mappings))
            }
        }
        guard case .patches(let patches) = found[0], case .modules(let modules) = found[1],
            case .mappings(let mappings) = found[2]
        else { preconditionFailure("the kinds come back in their order") }
        return (patches, modules, mappings)
    }

    /// The modules made of modules of `folders`, as their files say them, and what is wrong with the others.
    public static func modules(in folders: [String]) -> (modules: [SubPatch], faults: [Diagnostic]) {
        var modules: [SubPatch] = [], faults: [Diagnostic] = []
        for result in concurrently(files(in: folders), readModule) {
            do { modules.append(try result.get()) } catch { faults += error.list }
        }
        return (modules, faults)
    }

    @Sendable private static func readModule(_ file: String) -> Result<SubPatch, Diagnostics> {
        do { return .success(try ModuleFile.read(path: file)) } catch { return .failure(error) }
    }
}
