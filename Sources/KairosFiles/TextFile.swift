import Foundation
import Glibc

/// Reader of whole files that should be small, with a reason for each that is not what was expected. [any]
enum TextFile {
    /// The largest file that is written by hand: 1 MiB.
    static let limit = 1 << 20

    /// The text of a file that should be of `kind`.
    static func read(_ path: String, _ kind: FileKind, limit: Int = limit) throws(Diagnostics) -> String {
        let bytes = try bytes(path, limit: limit, kind: kind.noun)
        if bytes.isEmpty {
            throw Diagnostics(
                path, "the file is empty; it should begin with 'kairos: \(kind.rawValue)/1'")
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Diagnostics(path, "this is no text in UTF-8; \(kind.noun) is a YAML text")
        }
        // Editors of other systems begin a file with a byte order mark.
        return text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// The bytes of a regular file no larger than `limit`.
    static func bytes(_ path: String, limit: Int, kind: String) throws(Diagnostics) -> Data {
        // A pipe or a device is never opened, and the size is asked before anything is read.
        var about = stat()
        guard stat(path, &about) == 0 else {
            throw errno == ENOENT || errno == ENOTDIR
                ? Diagnostics(path, "there is no such file") : unreadable(path)
        }
        switch about.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Diagnostics(path, "this is a folder; \(kind) was expected")
        default: throw Diagnostics(path, "this is no regular file; \(kind) was expected")
        }
        if about.st_size > limit {
            throw Diagnostics(
                path, "\(about.st_size) bytes are too many for \(kind) (the most is \(limit))")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw unreadable(path) }
        defer { close(file) }
        var data = Data(count: Int(about.st_size))
        var count = 0
        while count < data.count {
            let more = data.withUnsafeMutableBytes { room in
                Glibc.read(file, room.baseAddress.map { $0 + count }, room.count - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw unreadable(path) }
            // It became shorter meanwhile.
            if more == 0 { break }
            count += more
        }
        return count == data.count ? data : data.prefix(count)
    }

    private static func unreadable(_ path: String) -> Diagnostics {
        Diagnostics(path, "cannot be read: \(String(cString: strerror(errno)))")
    }
}
