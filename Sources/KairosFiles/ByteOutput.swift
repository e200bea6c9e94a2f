import Foundation

/// Writes bytes to a file descriptor. It keeps the first failure, and writes nothing after it. One thread.
final class ByteOutput {
    private let descriptor: Int32
    private let path: String
    /// Called when a signal interrupts a write; true gives up.
    private let isInterrupted: () -> Bool
    /// The first failure; nil while everything was written.
    private(set) var failure: FileFailure?

    /// Output to `descriptor`, which the caller closes. `path` names the file in failures.
    init(_ descriptor: Int32, path: String, isInterrupted: @escaping () -> Bool = { false }) {
        self.descriptor = descriptor
        self.path = path
        self.isInterrupted = isInterrupted
    }

    /// Writes all of `bytes`, at the descriptor's file offset or at `offset`. Returns the number of bytes
    /// written.
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
                // An inherited pipe may be non-blocking: wait until it can take more.
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

    /// The length of the file in bytes; 0 if it is not known.
    var length: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Moves the descriptor's file offset, like `lseek`. Returns the new offset, or −1.
    func seek(_ offset: Int, _ whence: Int32) -> Int { Int(lseek(descriptor, off_t(offset), whence)) }

    /// Reads up to `count` bytes at the descriptor's file offset, for encoders that read back their own
    /// output. Returns the number of bytes read; 0 if reading failed.
    func read(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
        max(0, Glibc.read(descriptor, bytes, count))
    }
}
