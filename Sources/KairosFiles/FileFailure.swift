import Foundation

/// Why a file could not be written.
public struct FileFailure: Error, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What went wrong.
    public let reason: String

    /// A failure of the file at `path`.
    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The path and the reason, for the player.
    public var description: String { "\(path): \(reason)" }

    /// A failure that a system call told of.
    init(_ path: String, errno code: Int32) {
        self.init(path, "cannot be written: \(String(cString: strerror(code)))")
    }
}

extension Diagnostics {
    /// One line that says why a file could not be written.
    init(_ failure: FileFailure) { self.init(failure.path, failure.reason) }
}
