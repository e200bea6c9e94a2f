import Glibc
import Synchronization

/// Reads keys from standard input if it is a terminal: without echo, line editing and flow control.
/// Standard output may be anything.
///
/// Keys are read only while this process is in the terminal's foreground; in the background the terminal
/// belongs to the shell and is not changed. No call waits longer than its argument says.
public final class KeyInput: Sendable {
    private struct State {
        var decoder = KeyDecoder()
        /// The terminal's former mode, while Kairos has changed it; otherwise nil.
        var savedMode: termios?
        /// True while the process is about to stop or to end.
        var isSuspended = false
        /// True once the terminal has been closed.
        var isGone = false
    }

    private static let pasteOn = "\u{1b}[?2004h", pasteOff = "\u{1b}[?2004l"
    private let state = Mutex(State())
    private let output: Output
    /// The same terminal, opened again in non-blocking mode, which does not affect other processes. Nil
    /// if that is impossible.
    private let control: Int32?

    /// Sets the terminal's mode; nil if standard input is not a terminal. `output` is redrawn when the
    /// terminal is resumed. [control]
    public init?(output: Output) {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        self.output = output
        let descriptor: Int32? =
            Output.movesCursor
            ? open("/proc/self/fd/0", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : nil
        control = descriptor.flatMap { $0 >= 0 ? $0 : nil }
        resume()
    }

    /// Returns the pressed keys; waits at most `milliseconds` for the first. [control]
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
            // poll reports a closed terminal as ready forever.
            let gone = Int16(POLLHUP | POLLERR | POLLNVAL)
            if ready.revents & gone != 0 { state.withLock { $0.isGone = true } }
            return []
        }
        return state.withLock { state in bytes[..<length].compactMap { state.decoder.decode($0) } }
    }

    /// True if keys can be read now. Sets the terminal's mode again after the shell had it.
    private func isReady() -> Bool {
        let isForeground = isForeground
        let (canRead, isConfigured) = state.withLock { state in
            if !isForeground { state.savedMode = nil }
            return (isForeground && !state.isGone && !state.isSuspended, state.savedMode != nil)
        }
        if canRead, !isConfigured { resume() }
        return canRead
    }

    private var isForeground: Bool { tcgetpgrp(STDIN_FILENO) == getpgrp() }

    /// Restores the terminal's former mode before the process stops. [any]
    public func suspend() {
        restoreMode(isSuspended: true)
        output.drain(milliseconds: 50)
    }

    /// Sets the terminal's mode again. [any]
    public func resume() {
        state.withLock { $0.isSuspended = false }
        guard isForeground else { return }
        state.withLock { state in
            var mode = termios()
            guard tcgetattr(STDIN_FILENO, &mode) == 0 else { return }
            if state.savedMode == nil || mode.c_lflag & tcflag_t(ICANON) != 0 { state.savedMode = mode }
            mode.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
            mode.c_iflag &= ~tcflag_t(IXON)
            // read() returns at once.
            withUnsafeMutableBytes(of: &mode.c_cc) { keys in
                keys[Int(VMIN)] = 0
                keys[Int(VTIME)] = 0
            }
            tcsetattr(STDIN_FILENO, TCSANOW, &mode)
        }
        send(Self.pasteOn)
        output.redraw()
    }

    /// Restores the terminal's former mode before the process ends. It does not wait: output that a stopped
    /// terminal has not accepted is discarded. [any]
    public func restore() {
        restoreMode(isSuspended: true)
        if let control, !send(Self.pasteOff) {
            tcflush(control, TCOFLUSH)
            send(Self.pasteOff)
        }
    }

    private func restoreMode(isSuspended: Bool) {
        send(Self.pasteOff)
        state.withLock { state in
            state.isSuspended = isSuspended
            guard var mode = state.savedMode, isForeground else { return }
            tcsetattr(STDIN_FILENO, TCSANOW, &mode)
            state.savedMode = nil
        }
    }

    @discardableResult
    private func send(_ sequence: String) -> Bool {
        guard let control else { return true }
        return sequence.withCString { write(control, $0, strlen($0)) } >= 0
    }
}
