import ArgumentParser
import KairosCompiler
import KairosFiles
import KairosPatch

/// The option `--modules`: the folder of the compound modules.
struct ModuleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Folder of compound modules (instead of the default folders).", valueName: "dir"),
        completion: .directory)
    var modules: String?

    /// The folders that are searched, the user's own first. Throws ``Failure``.
    func folders() throws -> [String] {
        do { return try Library.folders(.modules, explicit: modules) } catch {
            throw Failure(error.description)
        }
    }

    /// Reads all compound modules. Files that cannot be read are reported in `faults`. Throws ``Failure`` if
    /// a folder does not exist.
    func known() throws -> KnownModules {
        let found = Library.modules(in: try folders())
        var known = KnownModules(found)
        known.faults = found.faults.map(\.description) + known.faults
        return known
    }
}
