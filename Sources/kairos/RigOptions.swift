import ArgumentParser
import KairosFiles
import KairosPatch

/// The options that name the folders of patches, mappings and compound modules.
struct RigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Folder of patches (instead of the default folders).", valueName: "dir"),
        completion: .directory)
    var patches: String?
    @Option(
        help: ArgumentHelp("Folder of mappings (instead of the default folders).", valueName: "dir"),
        completion: .directory)
    var mappings: String?
    @OptionGroup var modules: ModuleOptions

    /// The folders that are searched for patches, the user's own first. Throws ``Failure``.
    func folders() throws -> [String] {
        do { return try Library.folders(.patches, explicit: patches) } catch {
            throw Failure(error.description)
        }
    }

    /// The folders that are searched for mappings, the user's own first. Throws ``Failure``.
    func mappingFolders() throws -> [String] {
        do { return try Library.folders(.mappings, explicit: mappings) } catch {
            throw Failure(error.description)
        }
    }
}
