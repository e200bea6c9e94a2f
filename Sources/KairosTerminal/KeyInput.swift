import Glibc
import Synchronization

/// The terminal that standard input is, as keys: no echo, no lines, no flow control; whatever standard output is.
///
/// Keys are read only while this process is in the terminal's foreground; in the background the terminal is the
/// shell's and is left alone. No call waits for longer than it is asked to.
public final class KeyInput: Sendable {
    private struct State {
        var decoder = KeyDecoder()
        /// How the terminal was, while it is changed.
        var former: termios?
        /// Whether the process is about to stop or to end.
        var isSuspended = false
        var isGone = false
    }

    private static let pasteOn = "\u{1b}[?2004h", pasteOff = "\u{1b}[?2004l"
    private let state = Mutex(State())
    private let output: Output
    /// The same terminal, opened anew: that it does not wait is nobody else's business. −1 where that cannot be.
    private let control: Int32

    /// Takes over the terminal; nil where standard input is none. `output` is redrawn when the terminal comes back.
    /// `[control]`
    public init?(output: Output) {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        self.output = output
        control =
            Output.movesCursor
            ? open("/proc/self/fd/0", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1
        resume()
    }

    /// The keys that were pressed, waiting at most so long for the first. `[control]`, one thread.
    public func poll(milliseconds: Int) -> [Key] {
        guard isReady() else {
            usleep(UInt32(milliseconds) * 1000)
            return []
        }
        var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let count = Glibc.poll(&ready, 1, Int32(milliseconds))
        if count == 0 { return state.withLock { $0.decoder.flush() }.map { [$0] } ?? [] }
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 256)
        let length = read(STDIN_FILENO, &bytes, bytes.count)
        if length <= 0 {
            // A terminal that is gone is ready for ever.
            let gone = Int16(POLLHUP | POLLERR | POLLNVAL)
            if ready.revents & gone != 0 { state.withLock { $0.isGone = true } }
            return []
        }
        return state.withLock { state in bytes[..<length].compactMap { state.decoder.take($0) } }
    }

    /// Whether keys can be read now. A terminal that comes back from the shell is taken again.
    private func isReady() -> Bool {
        let isForeground = isForeground
        let (canRead, isTaken) = state.withLock { state in
            if !isForeground { state.former = nil }
            return (isForeground && !state.isGone && !state.isSuspended, state.former != nil)
        }
        if canRead, !isTaken { resume() }
        return canRead
    }

    private var isForeground: Bool { tcgetpgrp(STDIN_FILENO) == getpgrp() }

    /// Gives the terminal back while the process is stopped. `[any]`
    public func suspend() {
        leave(isSuspended: true)
        output.drain(milliseconds: 50)
    }

    /// Takes the terminal again. `[any]`
    public func resume() {
        state.withLock { $0.isSuspended = false }
        guard isForeground else { return }
        state.withLock { state in
            var mode = termios()
            guard tcgetattr(STDIN_FILENO, &mode) == 0 else { return }
            if state.former == nil || mode.c_lflag & tcflag_t(ICANON) != 0 { state.former = mode }
            mode.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
            mode.c_iflag &= ~tcflag_t(IXON)
            // A read never waits.
            withUnsafeMutableBytes(of: &mode.c_cc) { keys in
                keys[Int(VMIN)] = 0
                keys[Int(VTIME)] = 0
            }
            tcsetattr(STDIN_FILENO, TCSANOW, &mode)
        }
        send(Self.pasteOn)
        output.redraw()
    }

    /// Gives the terminal back for good. Waits for nothing: what a stopped terminal has not taken is lost. `[any]`
    public func restore() {
        leave(isSuspended: true)
        if !send(Self.pasteOff) {
            tcflush(control, TCOFLUSH)
            send(Self.pasteOff)
        }
    }

    private func leave(isSuspended: Bool) {
        send(Self.pasteOff)
        state.withLock { state in
            state.isSuspended = isSuspended
            guard var mode = state.former, isForeground else { return }
            tcsetattr(STDIN_FILENO, TCSANOW, &mode)
            state.former = nil
        }
    }

    @discardableResult
    private func send(_ sequence: String) -> Bool {
        guard control >= 0 else { return true }
        return sequence.withCString { write(control, $0, strlen($0)) } >= 0
    }
}
