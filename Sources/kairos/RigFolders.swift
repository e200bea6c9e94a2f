import Foundation
import KairosEngine
import KairosFiles

/// The folders that everything to play comes from, each kind in the order in which it is looked into.
struct RigFolders: Sendable {
    let patches: [String]
    let modules: [String]
    let mappings: [String]

    /// Every file in them that a start would read, and the tunings beside the patches.
    var files: [String] {
        func beside(_ isWanted: (String) -> Bool) -> [String] {
            patches.flatMap { folder in
                Library.names(in: folder).filter(isWanted).map { Library.path(folder, $0) }
            }
        }
        return Library.files(in: patches) + Library.files(in: modules) + Library.files(in: mappings)
            + beside(FileName.isSetList)
            + beside { FileName.isVisible($0) && FileName.has([".scl", ".kbm"], $0) }
    }

    /// What a file is read as: what its folder is for, or what it says itself. A patch where it says nothing.
    func kind(of file: String) -> FileKind {
        if FileName.isSetList(file) { return .setlist }
        let said = FileKind(of: file)
        guard FileName.isYAML(file) else { return said ?? .patch }
        let folder = Self.folder(file)
        for (kind, folders) in [(FileKind.patch, patches), (.module, modules), (.mapping, mappings)]
        where folders.contains(where: { Self.whole($0) == folder }) { return kind }
        return said ?? .patch
    }

    /// The folder of a file, in full.
    static func folder(_ file: String) -> String {
        URL(fileURLWithPath: file).deletingLastPathComponent().standardizedFileURL.path
    }

    /// A path in full.
    static func whole(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
