import KairosEngine
import KairosModules

extension ModuleCatalog {
    /// Every module that Kairos comes with.
    static let standard: ModuleCatalog = {
        var catalog = ModuleCatalog()
        forEachStandardModule(&catalog)
        return catalog
    }()
}
