import Foundation

/// Bytes to a file descriptor. The first failure is kept; after it nothing is written.
///
/// > One thread.
final class ByteOutput {
    private let descriptor: Int32
    private let path: String
    /// Asked when a signal interrupts a write: whether to give up.
    private let isInterrupted: () -> Bool
    /// Why not everything was written.
    private(set) var failure: FileFailure?

    /// Output to `descriptor`, which stays the caller's.
    init(_ descriptor: Int32, path: String, isInterrupted: @escaping () -> Bool = { false }) {
        self.descriptor = descriptor
        self.path = path
        self.isInterrupted = isInterrupted
    }

    /// Writes all of `bytes`, at the descriptor's place or at `offset`. Returns how many were written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int? = nil) -> Int {
        var done = 0
        while done < bytes.count, failure == nil {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count =
                offset.map { pwrite(descriptor, rest.baseAddress, rest.count, off_t($0 + done)) }
                ?? Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count > 0 {
                done += count
            } else if count < 0, errno == EAGAIN {
                // Somebody else's pipe may be non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, 100)
                if isInterrupted() { failure = FileFailure(path, errno: EINTR) }
            } else if count < 0, errno == EINTR {
                if isInterrupted() { failure = FileFailure(path, errno: EINTR) }
            } else {
                failure = FileFailure(path, errno: count == 0 ? ENOSPC : errno)
            }
        }
        return done
    }

    /// The length of the file.
    var length: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Moves the descriptor's place, as `lseek` does. Returns it, or −1.
    func seek(_ offset: Int, _ whence: Int32) -> Int { Int(lseek(descriptor, off_t(offset), whence)) }

    /// Reads at the descriptor's place, for encoders that look at what they wrote.
    func read(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
        max(0, Glibc.read(descriptor, bytes, count))
    }
}
