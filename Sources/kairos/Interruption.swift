import Foundation

/// Signals that end a command which has a file to give up first: SIGINT, SIGTERM, SIGQUIT and SIGHUP are noted, and
/// waiting system calls return. SIGHUP stays ignored where it was (`nohup`).
enum Interruption {
    nonisolated(unsafe) private static var signalled: sig_atomic_t = 0

    /// Begins to note signals.
    static func listen() {
        for number in [SIGINT, SIGTERM, SIGQUIT, SIGHUP] where number != SIGHUP || !isIgnored(SIGHUP) {
            var action = sigaction()
            // Without SA_RESTART: a write to a pipe that nobody reads returns.
            action.__sigaction_handler.sa_handler = { Interruption.signalled = $0 }
            sigaction(number, &action, nil)
        }
        // Writing then fails, with the reason.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// SIGQUIT ends the program, where it is not ignored: Swift's backtracer would write a report and let it go on.
    static func restoreQuit() {
        if !isIgnored(SIGQUIT) { signal(SIGQUIT, SIG_DFL) }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var former = sigaction()
        sigaction(number, nil, &former)
        // Functions cannot be compared; SIG_IGN is a number in place of one.
        return unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Whether a signal came.
    static var isWished: Bool { signalled != 0 }

    /// Ends the program as the signal would have, so that a shell knows.
    static func end() -> Never {
        let number = signalled == 0 ? SIGTERM : signalled
        signal(number, SIG_DFL)
        raise(number)
        exit(128 + number)
    }
}
