import Foundation
import KairosCompiler

/// Pages of memory that an ``Arena`` fills. They are returned to the system when the region is freed.
///
/// A patch instance has one. The boxes of its modules keep it alive too: a live edit moves a module to the next instance
/// without copying it.
final class Region: ModuleMemoryOwner {
    /// Address of the first byte: the start of a page. The bytes are 0 at first.
    let base: UnsafeMutableRawPointer
    /// Size in bytes.
    let size: Int

    /// Size in bytes from which a module returns its pages before the region is freed.
    private static let largeModule = 65_536
    /// File descriptor of a mapping without a file (POSIX).
    private static let noFile: Int32 = -1

    /// Maps `size` bytes with all their pages, so that the audio thread causes no page fault. [loader]
    init(size: Int) {
        self.size = max(1, size)
        guard
            let pages = mmap(
                nil, self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
                Self.noFile,
                0),
            pages != MAP_FAILED
        else { fatalError("out of memory: \(size) bytes for a patch instance") }
        base = pages
    }

    deinit { munmap(base, size) }

    /// Returns the whole pages of a large module to the system: other modules may keep the region alive for long.
    /// [loader]
    func giveBack(_ memory: UnsafeMutableRawBufferPointer) {
        guard memory.count >= Self.largeModule, let first = memory.baseAddress else { return }
        let page = UInt(getpagesize())
        let start = (UInt(bitPattern: first) + page - 1) & ~(page - 1)
        let end = (UInt(bitPattern: first) + UInt(memory.count)) & ~(page - 1)
        guard end > start, let pages = UnsafeMutableRawPointer(bitPattern: start) else { return }
        // madvise keeps locked pages.
        munlock(pages, Int(end - start))
        madvise(pages, Int(end - start), MADV_DONTNEED)
    }
}
