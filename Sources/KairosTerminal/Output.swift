import Dispatch
import Foundation
import Glibc
import Synchronization

/// Standard output or standard error. Nothing else in Kairos writes to a terminal or a log. Its functions
/// lock. [any] except [audio], because a text allocates memory
///
/// At first it is synchronous: a text is written before the call returns, as commands need it whose purpose
/// is their output. ``goLive()`` makes it asynchronous: texts are queued, its own thread writes them, and no
/// caller waits, whether the terminal is stopped, the pipe is full, the disk is full or the reader has gone.
/// Lines that cannot be written in time are dropped and counted. An error never ends the process; the first
/// one is stored in ``failure``.
///
/// Control characters are escaped here, so that no name can control the terminal.
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

    /// The lock is never held during a system call that can wait.
    private let state: Mutex<State>
    private let work = DispatchSemaphore(value: 0)
    private let idle = DispatchSemaphore(value: 0)
    /// Writes a whole text to a descriptor. Returns 0 or an error number. It may wait.
    private let write: @Sendable (String, Int32) -> Int32
    /// True for a terminal that supports cursor movement.
    public let isTerminal: Bool

    /// An output for a descriptor, which the caller owns.
    public convenience init(_ descriptor: Int32) { self.init(descriptor, write: Self.writeAll) }

    init(_ descriptor: Int32, write: @escaping @Sendable (String, Int32) -> Int32) {
        state = Mutex(State(descriptor: descriptor))
        self.write = write
        isTerminal = isatty(descriptor) == 1 && Self.movesCursor
    }

    /// True if the terminal named by `TERM` supports escape sequences.
    static var movesCursor: Bool {
        guard let term = getenv("TERM") else { return false }
        return !["", "dumb"].contains(String(cString: term))
    }

    /// The error number of the first failed write; nil for none.
    public var failure: Int32? { state.withLock { $0.failure } }

    /// Writes to another descriptor of the same file from now on.
    public func redirect(to descriptor: Int32) { state.withLock { $0.descriptor = descriptor } }

    /// Makes the output asynchronous. Call it after the signals that its thread must not handle are
    /// blocked.
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

    /// Writes a line. On a terminal it is wrapped between words.
    public func line(_ text: String) { emit(DisplayText.escaped(text)) }

    /// Writes each line of `text` as by ``line(_:)``.
    public func lines(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { self.line(String(line)) }
    }

    private func emit(_ line: String) {
        let lines = columns.map { DisplayText.wrapped(line, columns: $0) } ?? [line]
        put(lines.joined(separator: "\n") + "\n")
    }

    /// Writes a document: line breaks are kept, and nothing is wrapped.
    public func document(_ text: String) { put(DisplayText.escapedLines(text)) }

    /// Writes lines whose fields are separated by tabs, which are kept.
    public func fields(_ text: String) {
        let fields = text.split(separator: "\t", omittingEmptySubsequences: false)
        put(fields.map { DisplayText.escapedLines(String($0)) }.joined(separator: "\t"))
    }

    /// Writes a JSON document and a line break.
    public func json(_ text: String) { put(DisplayText.escapedJSON(text) + "\n") }

    /// Replaces the status line at the bottom. Has an effect only on a terminal after ``goLive()``.
    public func status(_ text: String) {
        guard isTerminal else { return }
        let line = DisplayText.prefix(DisplayText.escaped(text), columns: (columns ?? 80) - 1)
        queue { $0.setStatus(line) }
    }

    /// Writes the status line again, after another program used the terminal or its size changed.
    public func redraw() { if isTerminal { queue { $0.redraw() } } }

    /// Writes a control sequence to the terminal. Has an effect only on a terminal after ``goLive()``.
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
        store(write(text, waiting))
    }

    private func store(_ error: Int32) {
        guard error != 0 else { return }
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    /// The terminal's width in columns, 80 if it is unknown; nil if the output is not a terminal.
    var columns: Int? {
        guard isTerminal else { return nil }
        var size = winsize()
        let descriptor = state.withLock { $0.descriptor }
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// The loop of the writer thread. Only this thread may wait for the descriptor.
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
                store(write(next.text, next.descriptor))
            }
            idle.signal()
        }
    }

    /// Waits until everything is written. Returns false if something is not.
    ///
    /// It gives up after `milliseconds` in which the reader accepted nothing. Time in which the descriptor is
    /// ready is not counted, because the writer thread then waits for a processor: a busy machine loses no
    /// message. The limit is five seconds in all, for a file system that does not answer.
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

    /// True if a write returns at once, with or without an error.
    private static func isReady(_ descriptor: Int32) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&state, 1, 0) != 0
    }

    /// The timeout with which poll(2) waits without limit.
    private static let noTimeout: Int32 = -1

    @Sendable private static func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count >= 0 {
                    done += count
                } else if errno == EAGAIN {
                    // Another process that shares the descriptor made it non-blocking.
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, noTimeout)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }
}
