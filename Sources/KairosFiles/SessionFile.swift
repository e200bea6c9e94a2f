import Glibc
import KairosControl
import KairosDSP
public import KairosPatch
import Yams

/// Reads and writes session files: `kairos: session/1`.
public enum SessionFile {
    static let version = "session/1"
    /// The size limit of a session file: 16 MiB.
    static let limit = 1 << 24

    /// Reads a session. Throws ``Diagnostics`` with all faults of its form.
    ///
    /// Names are resolved later, and faults are then reported at the places kept in the result: see
    /// ``SessionPlan``.
    public static func read(path: String) throws(Diagnostics) -> SavedSession {
        try parse(try TextFile.read(path, .session, limit: limit), file: path)
    }

    /// True if there is something at `path` that is not a session and must not be overwritten: a file with
    /// other contents, a folder or a device. False if there is nothing, an empty file or one that cannot be
    /// read.
    public static func isForeign(path: String) -> Bool {
        guard let status = SystemCall.status(path) else { return false }
        if status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 || !SystemCall.isAccessible(path, R_OK) {
            return false
        }
        guard let text = try? TextFile.read(path, .session, limit: limit) else { return true }
        return FileKind(text: text) != .session
    }

    /// Parses the text of a session; diagnostics name `file`. Throws ``Diagnostics`` with all faults of its
    /// form.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> SavedSession {
        var reader = SessionReader(file: file)
        let session = reader.session(text)
        guard reader.document.diagnostics.isEmpty else { throw Diagnostics(reader.document.diagnostics) }
        return session
    }
}
