import KairosDSP

/// One value in memory of its own, which it owns: the value stays at its address, and is destroyed with the box.
///
/// The thread that has the box has the value: a box that is handed over hands the value over.
struct Box<Value: ~Copyable>: ~Copyable {
    private let memory: FixedArray<Value>

    /// A box with `value`. It allocates. [loader, control]
    init(_ value: consuming Value) { memory = FixedArray(value) }

    /// The address of the value. It is valid until the box is destroyed.
    var pointer: UnsafeMutablePointer<Value> { memory.baseAddress }

    /// The value.
    var pointee: Value {
        @inline(__always) unsafeAddress { UnsafePointer(memory.baseAddress) }
    }
}

extension Box: Sendable where Value: Sendable & ~Copyable {}
