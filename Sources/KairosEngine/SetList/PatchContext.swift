import KairosControl
import Synchronization

/// What patches of a folder are compiled with when they are read: the modules that there are, and the scale of
/// patches that name none. Both may change before a patch is read.
///
/// > Any thread but the audio thread.
public final class PatchContext: Sendable {
    private struct State {
        var registry: ModuleRegistry
        var scale: Tuning?
    }

    private let state: Mutex<State>

    /// With these modules, and no scale.
    public init(_ registry: ModuleRegistry) { state = Mutex(State(registry: registry)) }

    /// The modules that there are now.
    public var registry: ModuleRegistry { state.withLock { $0.registry } }

    /// The scale of patches that name none; nil for the instrument's own.
    public var scale: Tuning? { state.withLock { $0.scale } }

    /// Uses other modules from now on.
    func use(_ registry: ModuleRegistry) { state.withLock { $0.registry = registry } }

    /// Uses another scale from now on.
    func use(_ scale: Tuning) { state.withLock { $0.scale = scale } }
}
