import Foundation

/// Termination signals for a command that must discard an unfinished file before it ends. SIGINT, SIGTERM,
/// SIGQUIT and SIGHUP are recorded, and blocked system calls return. SIGHUP stays ignored if it was ignored
/// (`nohup`).
enum Interruption {
    nonisolated(unsafe) private static var signalled: sig_atomic_t = 0

    /// Installs the signal handlers.
    static func install() {
        for number in [SIGINT, SIGTERM, SIGQUIT, SIGHUP] where number != SIGHUP || !isIgnored(SIGHUP) {
            var action = sigaction()
            // Without SA_RESTART: a blocked write to a full pipe returns with EINTR.
            action.__sigaction_handler.sa_handler = { Interruption.signalled = $0 }
            sigaction(number, &action, nil)
        }
        // A failed write returns an error instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Restores the default action of SIGQUIT unless it is ignored. Swift's backtracer would write a report
    /// and let the program continue.
    static func restoreQuit() {
        if !isIgnored(SIGQUIT) { signal(SIGQUIT, SIG_DFL) }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var former = sigaction()
        sigaction(number, nil, &former)
        // Function pointers cannot be compared in Swift; SIG_IGN is an integer constant cast to one.
        return unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// True once a signal was received.
    static var isRequested: Bool { signalled != 0 }

    /// Ends the program by the received signal (SIGTERM if none), so that the shell sees the cause.
    static func reraise() -> Never {
        let number = signalled == 0 ? SIGTERM : signalled
        signal(number, SIG_DFL)
        raise(number)
        exit(128 + number)
    }
}
