import Synchronization

/// The load of the audio thread and the number of xruns: written by the main thread, read by OSC. `[any]`
final class MachineLoad: Sendable {
    private let values = Mutex<(load: Double, xruns: Int)>((0, 0))

    /// `load` is the part of the time of a block that rendering takes, 0…1.
    var current: (load: Double, xruns: Int) {
        get { values.withLock { $0 } }
        set { values.withLock { $0 = newValue } }
    }
}
