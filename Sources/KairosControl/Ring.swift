import Synchronization

/// A queue of plain values from one thread to one other. Neither ever waits.
///
/// > One thread pushes, one thread pops.
public final class Ring<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // The indices only grow; a cache line of their own keeps the two threads from disturbing each other.
    @usableFromInline let storage: UnsafeMutablePointer<Element>
    @usableFromInline let mask: Int
    @usableFromInline let written = Atomic<Int>(0)
    @usableFromInline let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (
        0, 0, 0, 0, 0, 0, 0, 0
    )
    @usableFromInline let read = Atomic<Int>(0)
    @usableFromInline let refused = Atomic<Int>(0)

    /// A ring for at least `capacity` values.
    ///
    /// > Control thread. It allocates here and nowhere else.
    @inlinable public init(capacity: Int) {
        var size = 1
        while size < capacity { size *= 2 }
        mask = size - 1
        storage = .allocate(capacity: size)
        // Touched here, so that its pages are there before they are needed.
        UnsafeMutableRawPointer(storage).initializeMemory(
            as: UInt8.self, repeating: 0, count: size * MemoryLayout<Element>.stride)
    }

    @inlinable deinit { storage.deallocate() }

    /// Puts `element` in. False, and counted, when there is no room.
    ///
    /// > The pushing thread.
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

    /// Takes the oldest value out, or nil.
    ///
    /// > The popping thread.
    @inlinable public func pop() -> Element? {
        let at = read.load(ordering: .relaxed)
        guard at != written.load(ordering: .acquiring) else { return nil }
        let element = storage[at & mask]
        read.store(at + 1, ordering: .releasing)
        return element
    }

    /// How many values wait. A moment later it may be another number.
    @inlinable public var count: Int { written.load(ordering: .acquiring) - read.load(ordering: .acquiring) }

    /// How many values can be put in now; a moment later perhaps more.
    ///
    /// > The pushing thread.
    @inlinable public var room: Int { mask + 1 - count }

    /// How many values found no room, ever.
    public var refusals: Int { refused.load(ordering: .relaxed) }
}
