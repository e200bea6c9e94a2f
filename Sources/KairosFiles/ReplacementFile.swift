import Foundation

/// A file that is written beside its destination and takes its place at once when it is complete. Until
/// ``commit()`` the destination is as it was, whatever happens: a full disk, a signal, a crash, a power cut. What is
/// given up leaves nothing behind: the file has no name before it is complete (`O_TMPFILE`), or, on file systems
/// that cannot do that, a name that is removed with it.
///
/// A destination that is a symbolic link stays one: its target is replaced. Mode, owner and group of an existing
/// destination are kept. Hard links to it keep the former contents.
///
/// > One thread.
final class ReplacementFile {
    /// Where to write. It is closed with this object.
    let descriptor: Int32
    private let path: String
    private let target: String
    private let folder: String
    /// The name that an unnamed file gets for the moment before it is renamed, or that it has from the start.
    private let temporary: String
    private var hasName = false

    /// Begins a file for `path`, whose folder must exist.
    init(_ path: String) throws(FileFailure) {
        self.path = path
        let target = try Self.target(of: path)
        self.target = target
        let slash = target.lastIndex(of: "/")
        folder = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        temporary =
            folder + "/.kairos-\(getpid())-" + String(UInt64.random(in: 0...UInt64.max), radix: 36) + ".new"
        var former = stat()
        let exists = stat(target, &former) == 0
        if exists {
            guard former.st_mode & S_IFMT == S_IFREG else {
                throw FileFailure(path, "cannot be written: this is no regular file")
            }
            guard access(target, W_OK) == 0 else { throw FileFailure(path, errno: errno) }
        }
        var file = open(folder, Self.unnamed, 0o666)
        if file < 0, errno != ENOENT, errno != ENOTDIR, errno != EACCES, errno != EROFS, errno != ENOSPC {
            // The file system has no unnamed files.
            file = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            hasName = file >= 0
        }
        guard file >= 0 else { throw FileFailure(path, errno: errno) }
        descriptor = file
        if exists {
            // Without the right to give a file away it belongs to whoever writes it.
            if fchown(file, former.st_uid, former.st_gid) != 0 { _ = fchown(file, .max, former.st_gid) }
            fchmod(file, former.st_mode & 0o7777)
        }
    }

    deinit {
        close(descriptor)
        if hasName { unlink(temporary) }
    }

    /// Puts the file in its destination's place and returns when a power cut can no longer take it away.
    func commit() throws(FileFailure) {
        guard fsync(descriptor) == 0 else { throw FileFailure(path, errno: errno) }
        if !hasName {
            guard
                linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) == 0
            else { throw FileFailure(path, errno: errno) }
            hasName = true
        }
        guard rename(temporary, target) == 0 else { throw FileFailure(path, errno: errno) }
        hasName = false
        // The name itself is data of the folder.
        let place = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw FileFailure(path, errno: errno) }
        defer { close(place) }
        // Some file systems cannot sync a folder and say so.
        guard fsync(place) == 0 || errno == EINVAL else { throw FileFailure(path, errno: errno) }
    }

    /// Where a path's symbolic links lead, whether anything is there or not.
    private static func target(of path: String) throws(FileFailure) -> String {
        var path = path
        for _ in 0..<40 {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = readlink(path, &buffer, buffer.count)
            guard length > 0 else { return path }
            let link = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            path = link.hasPrefix("/") ? link : folder + link
        }
        throw FileFailure(path, errno: ELOOP)
    }

    /// `O_TMPFILE | O_RDWR | O_CLOEXEC`: the macro is not visible in Swift.
    private static let unnamed = 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC
}
