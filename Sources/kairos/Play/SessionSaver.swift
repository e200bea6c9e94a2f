import CRealtime
import Foundation
import KairosEngine
import KairosFiles
import KairosOSC
import KairosPatch
import Synchronization

/// Saves the session to a file shortly after anything has changed, on a thread of its own.
///
/// It polls two counters ten times a second, and asks the engine for the values only if one of them has
/// changed.
final class SessionSaver: Sendable {
    /// Nanoseconds between two polls, between two saves at least, and before a failed save is retried.
    private static let pollInterval = 100_000_000, saveInterval: UInt64 = 300_000_000,
        retryInterval: UInt64 = 5_000_000_000

    private let path: String
    private let engine: Engine
    private let dispatcher: OSCDispatcher
    /// The file descriptor of the lock file; negative if it could not be opened.
    private let lock: Int32
    private let stopping = Atomic<Bool>(false)
    private let wakeup = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let messages = Mutex<[String]>([])

    /// Locks the session file. Nil if another instance of Kairos holds the lock.
    init?(_ path: String, _ engine: Engine, _ dispatcher: OSCDispatcher) {
        self.path = path
        self.engine = engine
        self.dispatcher = dispatcher
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // The kernel releases the lock when the process ends, for whatever reason.
        lock = open("\(folder)/.\(url.lastPathComponent).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        if lock >= 0, flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(lock)
            return nil
        }
    }

    deinit { if lock >= 0 { close(lock) } }

    /// Starts the thread. `[control]`
    func start() {
        let thread = Thread { [self] in
            run()
            finished.signal()
        }
        thread.name = "kairos-session"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Requests the last save and the end of the thread, without waiting. `[any]`
    func requestEnd() {
        stopping.store(true, ordering: .releasing)
        wakeup.signal()
    }

    /// Saves what has changed and waits for the end of the thread. `[control]`
    func stop() {
        requestEnd()
        finished.wait()
    }

    /// Removes and returns the messages for the user. `[control]`
    func popMessages() -> [String] {
        messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }

    private func run() {
        var written: SavedSession?, savedCounts: (Int, Int)?, due: UInt64 = 0
        var isFailing = false
        while true {
            let isLast = stopping.load(ordering: .acquiring)
            let counts = (engine.touches, engine.sounds.edits), now = crt_now()
            if savedCounts.map({ counts != $0 }) ?? true, isLast || now >= due {
                do {
                    var session = try dispatcher.savedSession()
                    if session != written {
                        written = session
                        session.saved = Self.stamp()
                        try DurableFile.write(SessionFile.text(session), to: path)
                        if isFailing { report("\(path): the session is being saved again") }
                        isFailing = false
                    }
                    savedCounts = counts
                    due = now + Self.saveInterval
                } catch {
                    written = nil
                    // The other error is that the audio thread does not run; the audio driver reports that.
                    if error is FileFailure, !isFailing {
                        isFailing = true
                        report("\(error); the session is not being saved")
                    }
                    due = now + Self.retryInterval
                }
            }
            if isLast { return }
            _ = wakeup.wait(timeout: .now() + .nanoseconds(Self.pollInterval))
        }
    }

    private func report(_ line: String) { messages.withLock { $0.append(line) } }

    /// The local time in the form of RFC 3339, but with the offset as `+0100`.
    static func stamp() -> String {
        var now = time(nil), local = tm()
        localtime_r(&now, &local)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, 64, "%Y-%m-%dT%H:%M:%S%z", &local)
        return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
