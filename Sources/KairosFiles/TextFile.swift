import Glibc
import KairosPatch

/// Reads whole files of limited size. [any]
///
/// Its diagnostics give the reason why a file cannot be read, or say that it is not a file of the expected kind.
enum TextFile {
    /// The size limit of a file that is written by hand: 1 MiB.
    static let limit = 1 << 20

    /// Reads the text of a file of the given kind, without a byte order mark.
    static func read(_ path: String, _ kind: FileKind, limit: Int = limit) throws(Diagnostics) -> String {
        let bytes = try bytes(path, limit: limit, kind: kind.noun)
        if bytes.isEmpty {
            throw Diagnostics(
                path, "the file is empty; the first line must be 'kairos: \(kind.rawValue)/1'")
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Diagnostics(path, "this is not UTF-8 text; \(kind.noun) is a YAML file in UTF-8")
        }
        // Some editors put a byte order mark at the start of a file.
        return text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// Reads the bytes of a regular file of at most `limit` bytes; `kind` names the expected kind, with its
    /// article.
    static func bytes(_ path: String, limit: Int, kind: String) throws(Diagnostics) -> [UInt8] {
        // Type and size are checked before the file is opened: opening a pipe or a device could block.
        guard let status = SystemCall.status(path) else {
            throw errno == ENOENT || errno == ENOTDIR
                ? Diagnostics(path, "there is no such file") : unreadable(path)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Diagnostics(path, "this is a folder; expected \(kind)")
        default: throw Diagnostics(path, "this is not a regular file; expected \(kind)")
        }
        if status.st_size > limit {
            throw Diagnostics(
                path, "the file is too large: \(status.st_size) bytes; \(kind) may have up to \(limit)")
        }
        guard let file = SystemCall.open(path, O_RDONLY | O_NONBLOCK) else { throw unreadable(path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        while bytes.count < status.st_size {
            guard let more = SystemCall.read(file, atMost: Int(status.st_size) - bytes.count) else {
                if errno == EINTR { continue }
                throw unreadable(path)
            }
            // The file was truncated in the meantime.
            if more.isEmpty { break }
            if bytes.isEmpty { bytes = more } else { bytes += more }
        }
        return bytes
    }

    private static func unreadable(_ path: String) -> Diagnostics {
        Diagnostics(path, "cannot be read: \(SystemCall.message(errno))")
    }
}
