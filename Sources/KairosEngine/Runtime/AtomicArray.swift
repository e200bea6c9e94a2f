import Synchronization

/// An array of atomic values of fixed length that owns its memory. [any]
struct AtomicArray<Value: AtomicRepresentable>: ~Copyable, @unchecked Sendable {
    // Sendable: the elements are atomic, and the pointer never changes.
    private let base: UnsafeMutablePointer<Atomic<Value>>
    /// The number of elements.
    let count: Int

    init(count: Int, repeating value: @autoclosure () -> Value) {
        self.count = count
        base = .allocate(capacity: max(1, count))
        for index in 0..<count { (base + index).initialize(to: Atomic(value())) }
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    /// An element by its index, 0..<``count``.
    subscript(_ index: Int) -> Atomic<Value> {
        @inline(__always) unsafeAddress {
            assert(index >= 0 && index < count, "index out of range")
            return UnsafePointer(base + index)
        }
    }
}
