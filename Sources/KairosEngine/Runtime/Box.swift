import KairosDSP

/// One value in memory of its own, which it owns: the value stays at its address, and is destroyed with the box.
///
/// The thread that has the box has the value: a box that is handed over hands the value over.
struct Box<Value: ~Copyable>: ~Copyable {
    private let memory: FixedArray<Value>

    /// A box with `value`. It allocates. [loader, control]
    init(_ value: consuming Value) { memory = FixedArray(value) }

    /// Reference to the value. It is valid until the box is destroyed.
    var reference: Reference<Value> {
        @inline(__always) get { memory.reference(to: 0) }
    }

    /// The value.
    var pointee: Value {
        @inline(__always) unsafeAddress { reference.constantAddress }
    }
}

extension Box: Sendable where Value: Sendable & ~Copyable {}
