import KairosDSP

/// One aligned, pre-faulted stretch of memory that a program's tables, blocks and state are cut from.
///
/// > Loader thread.
struct Arena {
    private let base: UnsafeMutableRawPointer
    private let size: Int
    private var used = 0

    /// `size` bytes, touched, so that no page is missing when it is needed.
    init(size: Int) {
        self.size = size
        base = .allocate(byteCount: size, alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    /// Room for `count` values, zeroed and at the start of a cache line.
    mutating func take<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
        let bytes = Arena.bytes(type, count)
        precondition(used + bytes <= size, "arena too small")
        defer { used += bytes }
        return (base + used).bindMemory(to: type, capacity: max(1, count))
    }

    /// How much room ``take(_:_:)`` needs.
    static func bytes<T>(_ type: T.Type, _ count: Int) -> Int {
        (max(1, count) * MemoryLayout<T>.stride + 63) & ~63
    }

    func free() { base.deallocate() }
}
