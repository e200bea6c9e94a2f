import CRealtime
import Foundation
import KairosEngine
import KairosFiles
import KairosOSC
import Synchronization

/// Keeps the state on the disk, a moment after anything has changed.
///
/// It looks at two counters ten times a second. What plays is asked for its values only when one of them has moved.
final class SessionSaver: Sendable {
    /// Nanoseconds between two looks, the least between two writings, and before a failed one is tried again.
    private static let look = 100_000_000, rest: UInt64 = 300_000_000, patience: UInt64 = 5_000_000_000

    private let path: String
    private let engine: Engine
    private let console: OSCDispatcher
    private let lock: Int32
    private let stopping = Atomic<Bool>(false)
    private let stop = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let lines = Mutex<[String]>([])

    /// Nil where another instrument keeps its state there.
    init?(_ path: String, _ engine: Engine, _ console: OSCDispatcher) {
        self.path = path
        self.engine = engine
        self.console = console
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // The system lets go of it when the process ends, in whichever way.
        lock = open("\(folder)/.\(url.lastPathComponent).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        if lock >= 0, flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(lock)
            return nil
        }
    }

    deinit { if lock >= 0 { close(lock) } }

    /// Begins.
    func start() {
        let thread = Thread { [self] in
            keep()
            finished.signal()
        }
        thread.name = "kairos-state"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Begins to write what is new and to end; waits for nothing. `[any]`
    func requestEnd() {
        stopping.store(true, ordering: .releasing)
        stop.signal()
    }

    /// Writes what is new, and ends.
    func end() {
        requestEnd()
        finished.wait()
    }

    /// What the player should know.
    func takeLines() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }

    private func keep() {
        var written: SavedSession?, seen = (-1, -1), due: UInt64 = 0
        var isFailing = false
        while true {
            let isLast = stopping.load(ordering: .acquiring)
            let now = (engine.touches, engine.sounds.edits), clock = crt_now()
            if now != seen, isLast || clock >= due {
                do {
                    var state = try console.state()
                    if state != written {
                        written = state
                        state.saved = Self.stamp()
                        try DurableFile.write(SessionFile.text(state), to: path)
                        if isFailing { tell("\(path): the state is kept again") }
                        isFailing = false
                    }
                    seen = now
                    due = clock + Self.rest
                } catch {
                    written = nil
                    // While no sound is asked for nothing moves either; that is told elsewhere.
                    if error is FileFailure, !isFailing {
                        isFailing = true
                        tell("\(error); the state is not kept, and the sound plays on")
                    }
                    due = clock + Self.patience
                }
            }
            if isLast { return }
            _ = stop.wait(timeout: .now() + .nanoseconds(Self.look))
        }
    }

    private func tell(_ line: String) { lines.withLock { $0.append(line) } }

    /// Local time as in RFC 3339.
    static func stamp() -> String {
        var now = time(nil), local = tm()
        localtime_r(&now, &local)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, 64, "%Y-%m-%dT%H:%M:%S%z", &local)
        return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
