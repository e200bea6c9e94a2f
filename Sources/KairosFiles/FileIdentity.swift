import Foundation

/// The identity of a file (device and inode): paths that lead to the same file, also through symbolic or hard
/// links, have equal identities.
public struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// The identity of the file that a path leads to; nil if there is no such file.
    public init?(path: String) {
        guard let status = SystemCall.status(path) else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
    }
}
