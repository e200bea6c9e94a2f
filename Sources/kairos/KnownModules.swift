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

/// The built-in modules and the compound modules from files.
struct KnownModules {
    /// The modules that patches may use.
    private(set) var registry = ModuleRegistry.standard
    /// All compound modules that were parsed, including those with errors.
    private(set) var compounds: [CompoundModule] = []
    /// Errors of compound modules that were parsed.
    private(set) var errors: [PatchError] = []
    /// Messages about files of compound modules, for the user.
    var faults: [String] = []

    /// The built-in modules only.
    init() {}

    /// The built-in modules and those found in files. Of files that cannot be parsed the names are kept, so
    /// that a patch that uses one gets the message "cannot be read" instead of "no such module".
    init(_ found: (modules: [CompoundModule], faults: [Diagnostic])) {
        self.init(found.modules, unread: found.faults.map(\.file))
    }

    /// The built-in modules and `compounds`; `unread` are the files that could not be parsed.
    init(_ compounds: [CompoundModule], unread: [String] = []) {
        self.compounds = compounds
        let made = ModuleRegistry.standard.with(
            compounds, unread: unread.map { (ModuleFile.type(of: $0), $0) })
        registry = made.registry
        errors = made.faults
        faults = errors.map(\.description)
    }
}
