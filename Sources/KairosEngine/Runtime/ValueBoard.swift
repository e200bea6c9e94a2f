import CRealtime
import KairosControl
import Synchronization

/// Values and settings that are exchanged between the audio thread and the control threads, in both directions, on
/// request.
///
/// The audio thread writes the copy when a `snapshot` event requests it, and reads the requested settings when a
/// `restore` event comes. The thread that sends these events reads the former and writes the latter.
struct ValueBoard: ~Copyable, Sendable {
    /// The layers of the first part, then the master effects.
    static let layerCount = Part.layerLimit + 1
    /// The time in nanoseconds after which the control side looks again whether the audio thread has finished.
    private static let retryTime: UInt64 = 50_000

    private let copies = Atomic<Int>(0)
    private let copy = Exclusive(ValueCopy())
    private let requested = Exclusive(SettingsBoard())

    init() {}

    /// The number of copies that were made. [any]
    var copyCount: Int { copies.load(ordering: .acquiring) }

    /// Writes a copy by `body`, and publishes it. Does nothing while the copy before is read: its reader has not
    /// waited for this one. [audio]
    func write(_ body: (inout ValueCopy) -> Void) {
        guard copy.withValueIfFree(body) != nil else { return }
        copies.add(1, ordering: .releasing)
    }

    /// Reads the last copy. It waits while the audio thread writes one. [control]
    func read<Result>(_ body: (borrowing ValueCopy) -> Result) -> Result {
        while true {
            if let result = copy.withValueIfFree({ body($0) }) { return result }
            crt_sleep_until(crt_now() + Self.retryTime)
        }
    }

    /// Writes the settings that the next `restore` event restores, by `body`. It waits while the audio thread reads
    /// them. [control]
    func request(_ body: (inout SettingsBoard) -> Void) {
        while requested.withValueIfFree(body) == nil { crt_sleep_until(crt_now() + Self.retryTime) }
    }

    /// Reads the settings to restore. Does nothing while others are written: their own event follows. [audio]
    func readRequest(_ body: (borrowing SettingsBoard) -> Void) {
        _ = requested.withValueIfFree { body($0) }
    }
}
