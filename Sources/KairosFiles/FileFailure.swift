import Foundation
import KairosPatch

/// The error of a file that could not be written.
public struct FileFailure: Error, Equatable, CustomStringConvertible {
    /// Path of the file, as the caller gave it.
    public let path: String
    /// Description of the failure, for the player.
    public let reason: String

    /// A failure to write the file at `path`.
    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The text `path: reason`.
    public var description: String { "\(path): \(reason)" }

    /// A failure that a system call reported as `errno`.
    init(_ path: String, errno code: Int32) {
        self.init(path, "cannot be written: \(SystemCall.message(code))")
    }
}

extension Diagnostics {
    /// The failure as a single diagnostic about the whole file.
    init(_ failure: FileFailure) { self.init(failure.path, failure.reason) }
}
