import KairosCompiler
import Synchronization

/// The sound of each instance that the audio thread has. [loader] [control]
public final class LiveInstances: Sendable {
    private let instances = Mutex<[Int: (source: Sound, sound: Int)]>([:])

    package init() {}

    package func add(_ instance: PatchInstance) {
        instances.withLock { $0[instance.id] = (instance.source, instance.sound) }
    }

    package func remove(_ instance: PatchInstance) {
        instances.withLock { _ = $0.removeValue(forKey: instance.id) }
    }

    package func instance(_ id: Int) -> (Sound, Int)? {
        instances.withLock { $0[id].map { ($0.source, $0.sound) } }
    }
}
