public import KairosControl
import Synchronization

/// The module registry and the default tuning with which the patches of a folder are compiled when they are
/// first read. Both can change before that. [loader, input, control]
public final class PatchContext: Sendable {
    private struct State {
        var registry: ModuleRegistry
        var scale: Tuning?
    }

    private let state: Mutex<State>

    /// Creates a context with this registry and no tuning.
    public init(_ registry: ModuleRegistry) { state = Mutex(State(registry: registry)) }

    /// The current module registry.
    public var registry: ModuleRegistry { state.withLock { $0.registry } }

    /// Tuning of patches that name none; nil for the instrument's.
    public var scale: Tuning? { state.withLock { $0.scale } }

    /// Sets the registry for patches that are read from now on.
    package func setRegistry(_ registry: ModuleRegistry) { state.withLock { $0.registry = registry } }

    /// Sets the tuning of patches that are read from now on.
    package func setScale(_ scale: Tuning) { state.withLock { $0.scale = scale } }
}
