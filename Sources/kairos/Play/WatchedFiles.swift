import Foundation
import KairosFiles
import KairosPatch

/// The files and folders that `--watch` observes.
struct WatchedFiles {
    /// Folders of patches and of mappings, in search order.
    var patches: [String] = []
    var mappings: [String] = []
    /// The absolute path of the set list; nil without one.
    var setList: String?
    /// The name of the mapping given with `--mapping`; nil if all are used.
    var mapping: String?

    init() {}

    init(_ options: RigOptions, setList name: String?, mapping: String?) throws {
        func folders(_ kind: Library.Kind, _ explicit: String?) throws -> [String] {
            let found = try Library.folders(kind, explicit: explicit)
            // The user's own folder is watched even if it does not exist yet.
            let own = Library.userFolder(kind)
            return explicit == nil && !found.contains(own) ? [own] + found : found
        }
        patches = try folders(.patches, options.patches)
        mappings = try folders(.mappings, options.mappings)
        let list = name.flatMap { Library.setList($0, in: patches) }
        if let list { patches = Library.folders(patches, beside: list) }
        setList = list.map(Self.absolute)
        self.mapping = mapping
    }

    /// All folders to watch, without duplicates.
    var folders: [String] {
        let list = setList.map { [URL(fileURLWithPath: $0).deletingLastPathComponent().path] } ?? []
        var seen: Set<String> = []
        return (patches + mappings + list).filter { seen.insert(Self.absolute($0)).inserted }
    }

    /// The absolute, standardized form of a path.
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// The file of the same name in an earlier folder, which takes precedence over `path`; nil if there is
    /// none.
    func overridingFile(of path: String, among folders: [String]) -> String? {
        let absolute = Self.absolute(path), stem = FileName.stem(path)
        let files = Library.files(in: folders)
        if files.contains(where: { Self.absolute($0) == absolute }) { return nil }
        return files.first { FileName.stem($0) == stem }
    }
}
