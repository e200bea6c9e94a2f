import ArgumentParser
import CRealtime
import Foundation
import KairosFiles
import KairosTerminal

/// Writes crash reports from a second process.
///
/// Swift's backtracer reads the debug information of the crashed process before the process ends, and the
/// JACK graph is blocked meanwhile. Here the crashing thread writes the signal and its backtrace into a pipe
/// and the process ends at once; the second process writes the report. File descriptors 1 and 2 lead into the
/// same pipe, so that messages of libraries go to the report and only ``Output`` writes to the terminal.
enum CrashReporter {
    /// Starts the reporter process. Must be called before any thread is created. `[control]`
    static func start() {
        let session = URL(fileURLWithPath: Library.sessionFile(setList: nil))
        let pipe = crt_start_crash_reporter(
            session.deletingLastPathComponent().path, Kairos.configuration.version)
        guard pipe >= 0 else { return }
        for (descriptor, output) in [(STDOUT_FILENO, Output.standard), (STDERR_FILENO, Output.error)] {
            let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            guard own >= 0 else { continue }
            output.redirect(to: own)
            dup2(pipe, descriptor)
        }
    }
}
