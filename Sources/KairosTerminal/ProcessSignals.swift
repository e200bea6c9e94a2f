import Dispatch
import Foundation
import Glibc
import Synchronization

/// The signals of a command that plays, taken by a thread of its own.
///
/// SIGINT, SIGTERM, SIGQUIT and SIGHUP ask for the end. The control thread finds ``isEnding`` and ends in order; the
/// signals' own thread sees to it that the process is gone after ``deadline`` whatever any other thread is doing,
/// a server that does not answer or a terminal that is stopped. SIGTSTP gives the terminal back before the process
/// stops, SIGCONT takes it again. What the process was started to ignore (`nohup`) stays ignored.
public final class ProcessSignals: Sendable {
    /// What has to happen, on the signals' thread. None of it may wait.
    public struct Handlers: Sendable {
        /// Begins to save, the moment the end is asked for.
        public var save: @Sendable () -> Void = {}
        /// Gives the terminal back, and takes it again.
        public var suspend: @Sendable () -> Void = {}
        /// The process goes on after it was stopped.
        public var resume: @Sendable () -> Void = {}
        /// The terminal has another size.
        public var resize: @Sendable () -> Void = {}
        /// The process is about to end without order.
        public var abandon: @Sendable () -> Void = {}

        /// Handlers that do nothing.
        public init() {}
    }

    /// Milliseconds from the wish to end until the process is gone.
    public static let deadline = 900
    private static let ending = [SIGINT, SIGTERM, SIGQUIT, SIGHUP]
    private let handlers = Mutex(Handlers())
    /// The signal that asked for the end; 0 for none, SIGALRM for the program itself.
    private let asked = Atomic<Int32>(0)

    /// Blocks the signals and starts the thread. Call it before any other thread is made: they inherit what is
    /// blocked. `[control]`
    public init() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Asked for by name, these end the program also where a shell started it in the background.
        for number in [SIGINT, SIGTERM, SIGQUIT, SIGALRM] { signal(number, SIG_DFL) }
        var mine = Self.set(Self.ending + [SIGALRM, SIGTSTP, SIGCONT, SIGWINCH])
        for number in [SIGHUP, SIGTSTP] where Self.isIgnored(number) { sigdelset(&mine, number) }
        // Reading or changing the terminal from the background must stop nothing.
        var blocked = mine
        sigaddset(&blocked, SIGTTIN)
        sigaddset(&blocked, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        let set = mine
        let thread = Thread { [self] in takeAll(set) }
        thread.name = "kairos-signals"
        thread.stackSize = 1 << 18
        thread.start()
    }

    /// Sets what has to happen.
    public func set(_ handlers: Handlers) { self.handlers.withLock { $0 = handlers } }

    /// Whether the end was asked for. `[any]`
    public var isEnding: Bool { asked.load(ordering: .acquiring) != 0 }

    /// The program ends by itself: from here on the deadline runs. `[any]`
    public func beginEnd() { kill(getpid(), SIGALRM) }

    private func takeAll(_ set: sigset_t) {
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

    /// The control thread has until the deadline.
    private func end(_ number: Int32) -> Never {
        asked.store(number, ordering: .releasing)
        handlers.withLock { $0 }.save()
        usleep(UInt32(Self.deadline) * 1000)
        handlers.withLock { $0 }.abandon()
        _exit(number == SIGALRM ? 1 : 128 + number)
    }

    /// Stops the process as SIGTSTP does by default: not where no shell could let it go on.
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
