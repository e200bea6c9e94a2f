import Foundation
import KairosFiles
import KairosPatch

/// The folders that patches, compound modules and mappings are read from, each list in search order.
struct RigFolders: Sendable {
    let patches: [String]
    let modules: [String]
    let mappings: [String]

    /// Every file in the folders that `kairos play` would read, and the tunings beside the patches.
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

    /// The kind of a file, by its ending, its folder or its first line, in this order; `.patch` if none of
    /// them decides it.
    func kind(of file: String) -> FileKind {
        if FileName.isSetList(file) { return .setlist }
        let declared = FileKind(of: file)
        guard FileName.isYAML(file) else { return declared ?? .patch }
        let folder = Self.folder(file)
        for (kind, folders) in [(FileKind.patch, patches), (.module, modules), (.mapping, mappings)]
        where folders.contains(where: { Self.absolute($0) == folder }) { return kind }
        return declared ?? .patch
    }

    /// The absolute path of the folder of a file.
    static func folder(_ file: String) -> String {
        URL(fileURLWithPath: file).deletingLastPathComponent().standardizedFileURL.path
    }

    /// The absolute, standardized form of a path.
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
