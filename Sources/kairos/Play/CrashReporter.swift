import ArgumentParser
import CRealtime
import Foundation
import KairosFiles
import KairosTerminal

/// What remains of a crash, without holding anybody up.
///
/// Swift's own backtracer reads the debug information of the process before it lets it go: a JACK graph stands still
/// meanwhile. Here the crashing thread writes what it knows into a pipe and the process is gone; a second process
/// writes the report. Descriptors 1 and 2 lead into the same pipe: libraries write there what they like, and the
/// terminal is ``Output``'s alone.
enum CrashReporter {
    /// Starts it; call it before any thread is made. `[control]`
    static func start() {
        let state = URL(fileURLWithPath: Library.sessionFile(setList: nil))
        let pipe = crt_start_crash_reporter(
            state.deletingLastPathComponent().path, Kairos.configuration.version)
        guard pipe >= 0 else { return }
        for (descriptor, output) in [(STDOUT_FILENO, Output.standard), (STDERR_FILENO, Output.error)] {
            let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            guard own >= 0 else { continue }
            output.redirect(to: own)
            dup2(pipe, descriptor)
        }
    }
}
