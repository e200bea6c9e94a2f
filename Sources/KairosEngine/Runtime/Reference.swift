import KairosDSP

/// Reference to a value that something else owns: a ``Box``, a ``FixedArray`` or a ``Region``, which must exist as long
/// as the reference is used. A copy refers to the same value.
///
/// The thread that has the value may use it: a reference does not hand it over.
struct Reference<Value: ~Copyable>: BitwiseCopyable {
    /// Address of the value.
    let address: UnsafeMutablePointer<Value>

    /// A reference to the value at `address`.
    @inline(__always) init(_ address: UnsafeMutablePointer<Value>) { self.address = address }

    /// Address of the value for reading.
    var constantAddress: UnsafePointer<Value> {
        @inline(__always) get { UnsafePointer(address) }
    }

    /// The value. Reading or writing a field of it does not copy it.
    var pointee: Value {
        @inline(__always) unsafeAddress { UnsafePointer(address) }
        @inline(__always) nonmutating unsafeMutableAddress { address }
    }
}

extension FixedArray where Element: ~Copyable {
    /// Reference to the element at `index`, 0..<``count``. It is valid until the array is destroyed.
    @inline(__always) func reference(to index: Int) -> Reference<Element> {
        assert(index >= 0 && index < count, "index out of range")
        return Reference(baseAddress + index)
    }
}
