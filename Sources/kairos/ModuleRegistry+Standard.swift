import KairosCompiler
import KairosModules

extension ModuleRegistry {
    /// The built-in modules.
    static let standard: ModuleRegistry = {
        var registry = ModuleRegistry()
        forEachStandardModule(&registry)
        return registry
    }()
}
