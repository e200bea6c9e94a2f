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
    func write(_ bytes: RawSpan, at offset: Int? = nil) -> Int {
        var done = 0
        while done < bytes.byteCount, failure == nil {
            let rest = bytes.extracting(done..<bytes.byteCount)
            let count = SystemCall.write(descriptor, rest, at: offset.map { $0 + done })
            if let count, count > 0 {
                done += count
            } else if count == nil, errno == EAGAIN {
                // An inherited pipe may be non-blocking: wait until it can take more.
                SystemCall.waitToWrite(descriptor, milliseconds: 100)
                if isInterrupted() { failure = FileFailure(path, errno: EINTR) }
            } else if count == nil, errno == EINTR {
                if isInterrupted() { failure = FileFailure(path, errno: EINTR) }
            } else {
                failure = FileFailure(path, errno: count == nil ? errno : ENOSPC)
            }
        }
        return done
    }

    /// Writes the bytes of all `values`, like ``write(_:at:)-(RawSpan,_)``.
    func write(_ values: [some BitwiseCopyable], at offset: Int? = nil) -> Int {
        unsafe write(values.span.bytes, at: offset)
    }

    /// The length of the file in bytes; 0 if it is not known.
    var length: Int { SystemCall.status(descriptor).map { Int($0.st_size) } ?? 0 }

    /// Moves the descriptor's file offset, like `lseek`. Returns the new offset, or −1.
    func seek(_ offset: Int, _ whence: Int32) -> Int { Int(lseek(descriptor, off_t(offset), whence)) }

    /// Reads up to `count` bytes at the descriptor's file offset, for encoders that read back their own
    /// output. Returns no bytes if reading failed.
    func read(atMost count: Int) -> [UInt8] { SystemCall.read(descriptor, atMost: count) ?? [] }
}
