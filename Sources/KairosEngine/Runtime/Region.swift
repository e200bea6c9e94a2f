import Foundation
import KairosCompiler

/// Pages of memory that one arena lies in, given back to the system with their owner.
///
/// A patch instance has one. The boxes of its modules keep it alive too, because a live edit hands a module on
/// to the next instance where it lies.
final class Region: ModuleMemoryOwner {
    /// First byte, at the beginning of a page. The bytes are 0 at first.
    let base: UnsafeMutableRawPointer
    /// Size in bytes.
    let size: Int

    /// Modules from this size on give their pages back before the region ends, in bytes.
    private static let largeModule = 65_536

    /// Maps `size` bytes and touches them, so that no page is missing when it is needed. [loader]
    init(size: Int) {
        self.size = max(1, size)
        guard
            let pages = mmap(
                nil, self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0),
            pages != MAP_FAILED
        else { fatalError("out of memory: \(size) bytes for a patch instance") }
        base = pages
    }

    deinit { munmap(base, size) }

    /// Gives the whole pages of a large module back to the system: other modules may keep the region alive for
    /// long. [loader]
    func giveBack(_ memory: UnsafeMutableRawBufferPointer) {
        guard memory.count >= Self.largeModule, let first = memory.baseAddress else { return }
        let page = UInt(getpagesize())
        let start = (UInt(bitPattern: first) + page - 1) & ~(page - 1)
        let end = (UInt(bitPattern: first) + UInt(memory.count)) & ~(page - 1)
        guard end > start, let pages = UnsafeMutableRawPointer(bitPattern: start) else { return }
        // Pages that are locked stay.
        munlock(pages, Int(end - start))
        madvise(pages, Int(end - start), MADV_DONTNEED)
    }
}
