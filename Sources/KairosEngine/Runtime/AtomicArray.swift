import KairosDSP
import Synchronization

/// An array of atomic values of fixed length that owns its memory. [any]
struct AtomicArray<Value: AtomicRepresentable & Sendable>: ~Copyable, Sendable {
    private let values: FixedArray<Atomic<Value>>

    /// An array of `count` elements, all equal to `value`. [loader, control]
    init(count: Int, repeating value: Value) {
        values = FixedArray(count: count) { _ in Atomic(value) }
    }

    /// An element by its index.
    subscript(_ index: Int) -> Atomic<Value> {
        @inline(__always) unsafeAddress { values.reference(to: index).constantAddress }
    }
}
