import Foundation

/// The destination of an audio file.
enum AudioDestination {
    /// A regular file, which is replaced when the new one is complete.
    case file(ReplacementFile)
    /// The descriptor of a pipe, a device, or a stream that the program inherited; written without seeking.
    /// Its owner closes it.
    case stream(Int32)

    /// Opens the destination at `path`; "-" is standard output.
    ///
    /// Opening a pipe blocks until it has a reader. When a signal arrives meanwhile, `isInterrupted` is
    /// called; true gives up.
    init(_ path: String, isInterrupted: () -> Bool) throws(FileFailure) {
        if let number = Self.descriptor(path) {
            let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { throw FileFailure(path, errno: errno) }
            self = .stream(copy)
            return
        }
        guard let status = SystemCall.status(path), status.st_mode & S_IFMT != S_IFREG else {
            self = .file(try ReplacementFile(path))
            return
        }
        while true {
            if let file = SystemCall.open(path, O_WRONLY | O_NOCTTY) {
                self = .stream(file)
                return
            }
            guard errno == EINTR, !isInterrupted() else { throw FileFailure(path, errno: errno) }
        }
    }

    /// The descriptor of this process that a path names, directly or through symbolic links; nil for any
    /// other path.
    static func descriptor(_ path: String) -> Int32? {
        var path = path
        for _ in 0..<40 {
            switch path {
            case "-", "/dev/stdout": return 1
            case "/dev/stderr": return 2
            default: break
            }
            for folder in ["/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"] where path.hasPrefix(folder)
            {
                return Int32(path.dropFirst(folder.count))
            }
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
                return nil
            }
            path =
                URL(fileURLWithPath: link, relativeTo: URL(fileURLWithPath: path).deletingLastPathComponent())
                .path
        }
        return nil
    }
}
