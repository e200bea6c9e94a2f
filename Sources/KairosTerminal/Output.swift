import Dispatch
import Foundation
import Glibc
import Synchronization

/// One of the process's two outputs. Nothing else in Kairos writes to a terminal or a log.
///
/// It begins *waiting*: a text is written before the call returns, as a command whose purpose is its output needs
/// it. ``goLive()`` makes it *live*: texts are queued, a thread of its own writes them, and no caller
/// ever waits, whether the terminal is stopped, the pipe is full, the disk is full or the reader is gone. What
/// cannot be written in time is dropped and counted. An error never ends the process; the first one is kept in
/// ``failure``.
///
/// Control characters are escaped here, so that no name can steer the terminal. `[any]` but the audio thread: a
/// text is memory.
public final class Output: Sendable {
    /// Standard output.
    public static let standard = Output(STDOUT_FILENO)
    /// Standard error.
    public static let error = Output(STDERR_FILENO)

    private struct State {
        var descriptor: Int32
        var isLive = false
        var isWriting = false
        var failure: Int32?
        var queue = OutputQueue()
    }

    /// Never held during a system call that can wait.
    private let state: Mutex<State>
    private let work = DispatchSemaphore(value: 0)
    private let idle = DispatchSemaphore(value: 0)
    /// Writes all of a text to a descriptor. Returns 0, or the error number. It may wait.
    private let write: @Sendable (String, Int32) -> Int32
    /// Whether it is a terminal that understands cursor movements.
    public let isTerminal: Bool

    /// Writes to a descriptor, which stays the caller's.
    public convenience init(_ descriptor: Int32) { self.init(descriptor, write: Self.writeAll) }

    init(_ descriptor: Int32, write: @escaping @Sendable (String, Int32) -> Int32) {
        state = Mutex(State(descriptor: descriptor))
        self.write = write
        isTerminal = isatty(descriptor) == 1 && Self.movesCursor
    }

    /// Whether the terminal named by `TERM` understands escape sequences.
    static var movesCursor: Bool {
        guard let term = getenv("TERM") else { return false }
        return !["", "dumb"].contains(String(cString: term))
    }

    /// Why something could not be written, as an error number, or nil.
    public var failure: Int32? { state.withLock { $0.failure } }

    /// Writes to another descriptor of the same file from here on.
    public func redirect(to descriptor: Int32) { state.withLock { $0.descriptor = descriptor } }

    /// From here on nobody waits for this output. Call it when the signals that its thread must not take are blocked.
    public func goLive() {
        let begins = state.withLock { state in
            defer { state.isLive = true }
            return !state.isLive
        }
        guard begins else { return }
        let thread = Thread { [self] in run() }
        thread.name = "kairos-output"
        thread.stackSize = 1 << 18
        thread.start()
    }

    /// A line. On a terminal it is wrapped at words.
    public func line(_ text: String) { emit(DisplayText.escaped(text)) }

    /// One or more lines, broken where `text` is.
    public func lines(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { self.line(String(line)) }
    }

    private func emit(_ line: String) {
        let lines = columns.map { DisplayText.wrapped(line, columns: $0) } ?? [line]
        put(lines.joined(separator: "\n") + "\n")
    }

    /// A text as it is, for documents: its line breaks are its own, and nothing is wrapped.
    public func document(_ text: String) { put(DisplayText.escapedLines(text)) }

    /// A JSON document, with a line break at its end.
    public func json(_ text: String) { put(DisplayText.escapedJSON(text) + "\n") }

    /// Replaces the line that stays current, at the bottom. Only on a live terminal.
    public func status(_ text: String) {
        guard isTerminal else { return }
        let line = DisplayText.prefix(DisplayText.escaped(text), columns: (columns ?? 80) - 1)
        queue { $0.setStatus(line) }
    }

    /// Writes the status line again: the terminal was used by another, or has another size.
    public func redraw() { if isTerminal { queue { $0.redraw() } } }

    /// A sequence of control characters for the terminal itself. Only on a live terminal.
    func control(_ sequence: String) { if isTerminal { queue { $0.append(sequence) } } }

    private func queue(_ change: (inout OutputQueue) -> Void) {
        let isLive = state.withLock { state in
            if state.isLive { change(&state.queue) }
            return state.isLive
        }
        if isLive { work.signal() }
    }

    private func put(_ text: String) {
        let waiting: Int32? = state.withLock { state in
            guard state.isLive else { return state.descriptor }
            state.queue.append(text)
            return nil
        }
        guard let waiting else {
            work.signal()
            return
        }
        keep(write(text, waiting))
    }

    private func keep(_ error: Int32) {
        guard error != 0 else { return }
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    /// Columns of the terminal, or nil.
    var columns: Int? {
        guard isTerminal else { return nil }
        var size = winsize()
        let descriptor = state.withLock { $0.descriptor }
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// The writer's thread. It alone may wait for the descriptor.
    private func run() {
        while true {
            work.wait()
            while true {
                let next: (text: String, descriptor: Int32)? = state.withLock { state in
                    let text = state.queue.next()
                    state.isWriting = text != nil
                    return text.map { ($0, state.descriptor) }
                }
                guard let next else { break }
                keep(write(next.text, next.descriptor))
            }
            idle.signal()
        }
    }

    /// Waits until everything is written. Returns whether everything is.
    ///
    /// It gives up after `milliseconds` in which the reader took nothing. Time in which the descriptor is ready is not
    /// counted, because the writer's thread waits for a processor then: a machine that stands still loses no
    /// message. Five seconds of it are the limit, for a file system that does not answer.
    @discardableResult
    public func drain(milliseconds: Int) -> Bool {
        let began = DispatchTime.now().uptimeNanoseconds
        var unready: UInt64 = 0, now = began
        while now - began < 5_000_000_000, unready < UInt64(milliseconds) * 1_000_000 {
            let (isDone, descriptor) = state.withLock {
                (!$0.isLive || (!$0.isWriting && $0.queue.isEmpty), $0.descriptor)
            }
            if isDone { return true }
            _ = idle.wait(timeout: .now() + .milliseconds(10))
            let before = now
            now = DispatchTime.now().uptimeNanoseconds
            if !Self.isReady(descriptor) { unready += now - before }
        }
        return false
    }

    /// True when a write returns at once, with an error or without.
    private static func isReady(_ descriptor: Int32) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&state, 1, 0) != 0
    }

    @Sendable private static func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count >= 0 {
                    done += count
                } else if errno == EAGAIN {
                    // Somebody who shares the descriptor made it non-blocking.
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }
}
