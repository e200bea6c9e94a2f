import KairosCompiler
import KairosFiles
import KairosPatch

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
