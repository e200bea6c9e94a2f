package import KairosCompiler
import Synchronization

/// The sound of each instance that the audio thread has, by the number of the instance. Thread-safe by a mutex.
/// [loader, control]
public final class LiveInstances: Sendable {
    private let instances = Mutex<[Int: (source: Sound, sound: Int)]>([:])

    package init() {}

    /// Adds an instance that is sent to the audio thread. [loader]
    package func add(_ instance: PatchInstance) {
        instances.withLock { $0[instance.id] = (instance.source, instance.sound) }
    }

    /// Removes an instance that has come back. [loader]
    package func remove(_ instance: PatchInstance) {
        instances.withLock { _ = $0.removeValue(forKey: instance.id) }
    }

    /// The sound of an instance and its index in the rig; nil if the audio thread has no such instance. [any]
    package func instance(_ id: Int) -> (Sound, Int)? {
        instances.withLock { $0[id].map { ($0.source, $0.sound) } }
    }
}
