public import Synchronization

/// A wait-free queue of values from one thread to another: one thread pushes, one thread pops.
///
/// A value that owns memory changes its owner with it. What is left in the ring is destroyed with it.
///
/// Unchecked because of the storage: the pushing thread alone writes the places between the indices
/// `written` and `read`, the popping thread alone reads the others, and each publishes its index only after it has
/// finished with the place.
@safe public final class Ring<Element: ~Copyable & Sendable>: @unchecked Sendable {
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
        unsafe storage = .allocate(capacity: size)
        // Written here, so that the pages are mapped before the audio thread needs them.
        unsafe UnsafeMutableRawPointer(storage).initializeMemory(
            as: UInt8.self, repeating: 0, count: size * MemoryLayout<Element>.stride)
    }

    deinit {
        while pop() != nil {}
        unsafe storage.deallocate()
    }

    /// Appends the value of `element`, which is nil from then on. Returns false, counts the refusal and leaves the
    /// value where it is when the ring is full. Does nothing where `element` is nil. For the pushing thread.
    @discardableResult
    @inlinable public func push(from element: inout Element?) -> Bool {
        guard element != nil else { return true }
        let at = written.load(ordering: .relaxed)
        guard at - read.load(ordering: .acquiring) <= mask else {
            refused.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        if let value = element.take() { unsafe (storage + (at & mask)).initialize(to: value) }
        written.store(at + 1, ordering: .releasing)
        return true
    }

    /// Removes and returns the oldest value; nil when the ring is empty. For the popping thread.
    @inlinable public func pop() -> Element? {
        let at = read.load(ordering: .relaxed)
        guard at != written.load(ordering: .acquiring) else { return nil }
        let element = unsafe (storage + (at & mask)).move()
        read.store(at + 1, ordering: .releasing)
        return element
    }

    /// Moves the oldest value to `element`, where that is nil; does nothing when the ring is empty. For the popping
    /// thread.
    @inlinable public func pop(into element: inout Element?) {
        guard element == nil else { return }
        element = pop()
    }

    /// The number of values in the ring; another thread may change it at any moment.
    @inlinable public var count: Int { written.load(ordering: .acquiring) - read.load(ordering: .acquiring) }

    /// The number of values that can be pushed now; it can only grow until the next push. For the pushing
    /// thread.
    @inlinable public var room: Int { mask + 1 - count }

    /// The number of refused values since the ring was made. [any]
    public var refusals: Int { refused.load(ordering: .relaxed) }
}

extension Ring where Element: BitwiseCopyable {
    /// Appends `element`. Returns false, and counts the refusal, when the ring is full. For the pushing
    /// thread.
    @discardableResult
    @inlinable public func push(_ element: Element) -> Bool {
        let at = written.load(ordering: .relaxed)
        guard at - read.load(ordering: .acquiring) <= mask else {
            refused.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        unsafe (storage + (at & mask)).initialize(to: element)
        written.store(at + 1, ordering: .releasing)
        return true
    }
}
