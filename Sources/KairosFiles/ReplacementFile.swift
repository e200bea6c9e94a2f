import Foundation

/// A file that is written beside its destination and replaces it atomically when it is complete. One thread.
///
/// Until ``commit()`` the destination is unchanged, even after a full disk, a signal, a crash or a power cut.
/// A file that is not committed leaves nothing behind: it has no name until it is complete (`O_TMPFILE`), or,
/// on file systems that do not support this, a temporary name that is removed with the object.
///
/// If the destination is a symbolic link, the target of the link is replaced. Mode, owner and group of an
/// existing destination are kept. Hard links to it keep the previous contents.
final class ReplacementFile {
    /// The descriptor to write to. It is closed when this object is released.
    let descriptor: Int32
    private let path: String
    private let target: String
    private let folder: String
    /// The temporary name: an unnamed file gets it just before it is renamed; other files have it from the
    /// start.
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
        let previous = SystemCall.status(target)
        if let previous {
            guard previous.st_mode & S_IFMT == S_IFREG else {
                throw FileFailure(path, "cannot be written: this is not a regular file")
            }
            guard SystemCall.isAccessible(target, W_OK) else { throw FileFailure(path, errno: errno) }
        }
        var file = SystemCall.open(folder, Self.unnamed)
        if file == nil, errno != ENOENT, errno != ENOTDIR, errno != EACCES, errno != EROFS, errno != ENOSPC {
            // The file system does not support unnamed files.
            file = SystemCall.open(temporary, O_RDWR | O_CREAT | O_EXCL)
            hasName = file != nil
        }
        guard let file else { throw FileFailure(path, errno: errno) }
        descriptor = file
        if let previous {
            // A process that may not change the owner keeps the group only.
            if fchown(file, previous.st_uid, previous.st_gid) != 0 {
                _ = fchown(file, .max, previous.st_gid)
            }
            fchmod(file, previous.st_mode & 0o7777)
        }
    }

    deinit {
        close(descriptor)
        if hasName { SystemCall.remove(temporary) }
    }

    /// Replaces the destination by the file, and returns when it is on the disk, safe from a power cut.
    func commit() throws(FileFailure) {
        guard fsync(descriptor) == 0 else { throw FileFailure(path, errno: errno) }
        if !hasName {
            guard SystemCall.link(descriptor, as: temporary) else { throw FileFailure(path, errno: errno) }
            hasName = true
        }
        guard SystemCall.rename(temporary, to: target) else { throw FileFailure(path, errno: errno) }
        hasName = false
        // The name is part of the folder, which must be synchronized as well.
        guard let directory = SystemCall.open(folder, O_RDONLY | O_DIRECTORY) else {
            throw FileFailure(path, errno: errno)
        }
        defer { close(directory) }
        // Some file systems cannot synchronize a folder and return EINVAL.
        guard fsync(directory) == 0 || errno == EINVAL else { throw FileFailure(path, errno: errno) }
    }

    /// The path after following symbolic links; its file may not exist.
    private static func target(of path: String) throws(FileFailure) -> String {
        var path = path
        for _ in 0..<40 {
            guard let link = SystemCall.link(at: path) else { return path }
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            path = link.hasPrefix("/") ? link : folder + link
        }
        throw FileFailure(path, errno: ELOOP)
    }

    /// `O_TMPFILE | O_RDWR`; the C macro `O_TMPFILE` is not visible in Swift.
    private static let unnamed = 0o20_000_000 | O_DIRECTORY | O_RDWR
}
