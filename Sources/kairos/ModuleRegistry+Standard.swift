import KairosEngine
import KairosModules

extension ModuleRegistry {
    /// Every module that Kairos comes with.
    static let standard: ModuleRegistry = {
        var registry = ModuleRegistry()
        forEachStandardModule(&registry)
        return registry
    }()
}
