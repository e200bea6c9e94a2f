/// Table of values in the memory of a ``Region``, which frees it. A copy refers to the same values. [audio]
///
/// An index outside of 0..<``count`` traps in debug builds only.
struct RegionTable<Element>: BitwiseCopyable {
    /// Address of the first element: the start of a cache line.
    let baseAddress: UnsafeMutablePointer<Element>
    /// Number of elements.
    let count: Int

    /// Indices of the elements, 0..<``count``.
    var indices: Range<Int> {
        @inline(__always) get { 0..<count }
    }

    /// The element at `index`. Reading or writing a field of an element does not copy the element.
    subscript(_ index: Int) -> Element {
        @inline(__always) unsafeAddress {
            assert(index >= 0 && index < count, "index out of range")
            return UnsafePointer(baseAddress + index)
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            assert(index >= 0 && index < count, "index out of range")
            return baseAddress + index
        }
    }

    /// The elements from index `first` on.
    @inline(__always) func suffix(from first: Int) -> RegionTable {
        RegionTable(baseAddress: baseAddress + first, count: count &- first)
    }

    /// Sets every element to `value`.
    func fill(_ value: Element) { baseAddress.update(repeating: value, count: count) }
}
