import ArgumentParser
import Foundation
import KairosCompiler
import KairosFiles
import KairosSession

/// The types of files that `kairos new` writes.
enum FileForm: String, CaseIterable, ExpressibleByArgument {
    case patch, module, mapping, setlist

    /// The type in messages.
    private var noun: String { self == .setlist ? "set list" : rawValue }

    /// The folder for the type; set lists are stored with the patches.
    private var kind: Library.Kind {
        switch self {
        case .patch, .setlist: .patches
        case .module: .modules
        case .mapping: .mappings
        }
    }

    /// The format of the files.
    private var format: FileFormat {
        switch self {
        case .patch: .patch
        case .module: .module
        case .mapping: .mapping
        case .setlist: .setlist
        }
    }

    /// Writes the file, which must not exist, and its schema beside it. Returns the path. Throws ``Failure``
    /// or ``UsageFault``.
    @discardableResult
    func write(_ text: String, _ location: NewOptions, registry: ModuleRegistry = .standard) throws -> String
    {
        let name = location.name
        guard Draft.isName(name) else {
            throw Failure(
                "invalid name '\(name)' for a \(noun); use at most 64 letters, digits, '-' and '_', "
                    + "starting with a letter"
            )
        }
        if location.folder == "" { throw UsageFault("--dir is empty; give a folder") }
        let folder = location.folder ?? Library.userFolder(kind)
        let path = folder + "/" + name + (self == .setlist ? SetListFile.ending : ".yaml")
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure("\(path) already exists and was not changed; choose another name")
        }
        let schemaFile = rawValue + ".schema.json"
        do throws(FileFailure) {
            // The requested file comes last: if the schema cannot be written, neither is written.
            try DurableFile.write(format.schema(registry), to: folder + "/" + schemaFile)
            try DurableFile.write(text, to: path)
        } catch { throw Failure(error.description) }
        printLine("wrote \(path), and \(schemaFile) beside it for your editor")
        return path
    }
}
