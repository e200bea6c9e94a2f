import ArgumentParser
import KairosEngine
import KairosFiles

/// Where modules made of modules come from.
struct ModuleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Take modules from this folder only.", valueName: "dir")) var modules: String?

    /// Where they are, the player's own folder first.
    func folders() throws -> [String] {
        do { return try Library.folders(.modules, explicit: modules) } catch {
            throw Failure(error.description)
        }
    }

    /// Every module that patches may use; what is wrong with files of modules is in its faults.
    func known() throws -> KnownModules {
        let found = Library.modules(in: try folders())
        var known = KnownModules(found)
        known.faults = found.faults.map(\.description) + known.faults
        return known
    }
}

/// The modules that Kairos comes with, and those that files make of them.
struct KnownModules {
    /// What patches may use.
    private(set) var registry = ModuleRegistry.standard
    /// What the files say, good or not.
    private(set) var subPatches: [SubPatch] = []
    /// What is wrong with modules that can be read.
    private(set) var errors: [PatchError] = []
    /// What is wrong with files of modules.
    var faults: [String] = []

    /// Those that Kairos comes with.
    init() {}

    /// With those of files; of files that cannot be read only the names are kept, so that messages are true.
    init(_ found: (modules: [SubPatch], faults: [Diagnostic])) {
        self.init(found.modules, unread: found.faults.map(\.file))
    }

    /// With what files say.
    init(_ subPatches: [SubPatch], unread: [String] = []) {
        self.subPatches = subPatches
        let made = ModuleRegistry.standard.with(
            subPatches, unread: unread.map { (ModuleFile.type(of: $0), $0) })
        registry = made.registry
        errors = made.faults
        faults = errors.map(\.description)
    }
}
