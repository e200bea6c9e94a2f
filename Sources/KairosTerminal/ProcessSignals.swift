import Dispatch
import Foundation
import Glibc
import Synchronization

/// Handles the signals of a playing command on its own thread.
///
/// SIGINT, SIGTERM, SIGQUIT and SIGHUP end the process. The control thread polls ``isEnding`` and ends in
/// order; the signal thread ends the process after ``deadline``, whatever the other threads are doing, such
/// as waiting for a server that does not answer or a terminal that is stopped. SIGTSTP restores the terminal
/// before the process stops; SIGCONT sets its mode again. Signals that the process was started to ignore
/// (`nohup`) stay ignored.
public final class ProcessSignals: Sendable {
    /// The callbacks on the signal thread. None of them may wait.
    public struct Handlers: Sendable {
        /// Begins to save the session; called as soon as the end is requested.
        public var save: @Sendable () -> Void = {}
        /// Restores the terminal before the process stops.
        public var suspend: @Sendable () -> Void = {}
        /// Called when the process continues after it was stopped.
        public var resume: @Sendable () -> Void = {}
        /// Called when the size of the terminal has changed.
        public var resize: @Sendable () -> Void = {}
        /// Called before the process is ended because the deadline has passed.
        public var abandon: @Sendable () -> Void = {}

        /// Handlers that do nothing.
        public init() {}
    }

    /// The time in milliseconds from the request to end until the process is ended.
    public static let deadline = 900
    private static let endSignals = [SIGINT, SIGTERM, SIGQUIT, SIGHUP]
    private let handlers = Mutex(Handlers())
    /// The signal that requested the end; SIGALRM if the program requested it itself, 0 for none.
    private let endSignal = Atomic<Int32>(0)

    /// Blocks the signals and starts the signal thread. Call it before any other thread is started, because
    /// threads inherit the blocked signals. [control]
    public init() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // These end the program even if a shell started it in the background and set them to be ignored.
        for number in [SIGINT, SIGTERM, SIGQUIT, SIGALRM] { signal(number, SIG_DFL) }
        var mine = Self.set(Self.endSignals + [SIGALRM, SIGTSTP, SIGCONT, SIGWINCH])
        for number in [SIGHUP, SIGTSTP] where Self.isIgnored(number) { sigdelset(&mine, number) }
        // Using the terminal from the background must not stop the process.
        var blocked = mine
        sigaddset(&blocked, SIGTTIN)
        sigaddset(&blocked, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        let set = mine
        let thread = Thread { [self] in run(set) }
        thread.name = "kairos-signals"
        thread.stackSize = 1 << 18
        thread.start()
    }

    /// Sets the callbacks. Locks. [any]
    public func set(_ handlers: Handlers) { self.handlers.withLock { $0 = handlers } }

    /// True once the end was requested. [any]
    public var isEnding: Bool { endSignal.load(ordering: .acquiring) != 0 }

    /// Requests the end from the program itself, and starts the deadline. [any]
    public func beginEnd() { kill(getpid(), SIGALRM) }

    private func run(_ set: sigset_t) {
        var set = set, number: Int32 = 0
        while true {
            guard sigwait(&set, &number) == 0 else { continue }
            let handlers = handlers.withLock { $0 }
            switch number {
            case SIGTSTP:
                handlers.suspend()
                Self.stop()
                handlers.resume()
            case SIGCONT: handlers.resume()
            case SIGWINCH: handlers.resize()
            default: end(number)
            }
        }
    }

    /// Waits until the deadline for the control thread to end the process in order, then ends it.
    private func end(_ number: Int32) -> Never {
        endSignal.store(number, ordering: .releasing)
        handlers.withLock { $0 }.save()
        usleep(UInt32(Self.deadline) * 1000)
        handlers.withLock { $0 }.abandon()
        _exit(number == SIGALRM ? 1 : 128 + number)
    }

    /// Stops the process by the default action of SIGTSTP, which does nothing if no shell could continue
    /// it.
    private static func stop() {
        var one = set([SIGTSTP])
        pthread_sigmask(SIG_UNBLOCK, &one, nil)
        kill(getpid(), SIGTSTP)
        pthread_sigmask(SIG_BLOCK, &one, nil)
    }

    private static func set(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
