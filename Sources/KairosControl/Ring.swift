public import Synchronization

/// A wait-free queue of plain values from one thread to another: one thread pushes, one thread pops.
public final class Ring<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // The indices only grow. The padding puts them on separate cache lines, to avoid false sharing.
    @usableFromInline let storage: UnsafeMutablePointer<Element>
    @usableFromInline let mask: Int
    @usableFromInline let written = Atomic<Int>(0)
    @usableFromInline let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (
        0, 0, 0, 0, 0, 0, 0, 0
    )
    @usableFromInline let read = Atomic<Int>(0)
    @usableFromInline let refused = Atomic<Int>(0)

    /// A ring for at least `capacity` values; the size is rounded up to a power of two. Only `init`
    /// allocates. [control]
    @inlinable public init(capacity: Int) {
        var size = 1
        while size < capacity { size *= 2 }
        mask = size - 1
        storage = .allocate(capacity: size)
        // Written here, so that the pages are mapped before the audio thread needs them.
        UnsafeMutableRawPointer(storage).initializeMemory(
            as: UInt8.self, repeating: 0, count: size * MemoryLayout<Element>.stride)
    }

    @inlinable deinit { storage.deallocate() }

    /// Appends `element`. Returns false, and counts the refusal, when the ring is full. For the pushing
    /// thread.
    @discardableResult
    @inlinable public func push(_ element: Element) -> Bool {
        let at = written.load(ordering: .relaxed)
        guard at - read.load(ordering: .acquiring) <= mask else {
            refused.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        storage[at & mask] = element
        written.store(at + 1, ordering: .releasing)
        return true
    }

    /// Removes and returns the oldest value; nil when the ring is empty. For the popping thread.
    @inlinable public func pop() -> Element? {
        let at = read.load(ordering: .relaxed)
        guard at != written.load(ordering: .acquiring) else { return nil }
        let element = storage[at & mask]
        read.store(at + 1, ordering: .releasing)
        return element
    }

    /// The number of values in the ring; another thread may change it at any moment.
    @inlinable public var count: Int { written.load(ordering: .acquiring) - read.load(ordering: .acquiring) }

    /// The number of values that can be pushed now; it can only grow until the next push. For the pushing
    /// thread.
    @inlinable public var room: Int { mask + 1 - count }

    /// The number of refused values since the ring was made. [any]
    public var refusals: Int { refused.load(ordering: .relaxed) }
}
