import KairosControl
import Synchronization

/// What patches of a folder are compiled with when they are read: the modules that there are, and the scale of
/// patches that name none. Both may change before a patch is read.
///
/// > Any thread but the audio thread.
public final class PatchContext: Sendable {
    private struct State {
        var catalog: ModuleCatalog
        var scale: Tuning?
    }

    private let state: Mutex<State>

    /// With these modules, and no scale.
    public init(_ catalog: ModuleCatalog) { state = Mutex(State(catalog: catalog)) }

    /// The modules that there are now.
    public var catalog: ModuleCatalog { state.withLock { $0.catalog } }

    /// The scale of patches that name none; nil for the instrument's own.
    public var scale: Tuning? { state.withLock { $0.scale } }

    /// Uses other modules from now on.
    func use(_ catalog: ModuleCatalog) { state.withLock { $0.catalog = catalog } }

    /// Uses another scale from now on.
    func use(_ scale: Tuning) { state.withLock { $0.scale = scale } }
}
