import Foundation
import KairosDSP

/// One aligned, pre-faulted stretch of memory that a program's tables, blocks and state are cut from.
///
/// It has pages of its own: they go back to the system with the program, and leave no holes between others'.
///
/// > Loader thread.
struct Arena {
    private let base: UnsafeMutableRawPointer
    private let size: Int
    private var used = 0

    /// `size` bytes, touched, so that no page is missing when it is needed.
    init(size: Int) {
        self.size = size
        guard
            let pages = mmap(
                nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0),
            pages != MAP_FAILED
        else { fatalError("out of memory: \(size) bytes for a program") }
        base = pages
    }

    /// Room for `count` values, zeroed and at the start of a cache line.
    mutating func allocate<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
        let bytes = Arena.bytes(type, count)
        precondition(used + bytes <= size, "arena too small")
        defer { used += bytes }
        return (base + used).bindMemory(to: type, capacity: max(1, count))
    }

    /// How much room ``allocate(_:_:)`` needs.
    static func bytes<T>(_ type: T.Type, _ count: Int) -> Int {
        (max(1, count) * MemoryLayout<T>.stride + 63) & ~63
    }

    func free() { munmap(base, size) }
}
