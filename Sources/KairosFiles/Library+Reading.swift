import Foundation
import Glibc
public import KairosControl
public import KairosPatch

extension Library {
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
        let isGone = patches.map { !$0.file.isEmpty && !SystemCall.isAccessible($0.file, F_OK) }
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
