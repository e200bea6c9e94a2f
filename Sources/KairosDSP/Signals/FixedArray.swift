/// Array of a fixed length that owns its memory: no copies, no growth, freed with its owner.
///
/// It is for tables that the audio thread reads and writes. It is made on another thread, and it or its owner
/// is handed over as a whole. Reading and writing never allocates. An index outside of 0..<``count`` traps in
/// debug builds only. Elements are aligned to 64 bytes at least, so that no two arrays share a cache line.
///
/// Elements are plain values. Elements that own something, such as atomics, are made one by one with
/// ``init(count:_:)``, and destroyed with the array.
///
/// An array that grows, or that several owners share, is an `Array`.
@frozen public struct FixedArray<Element: ~Copyable>: ~Copyable {
    /// First element. It stays valid until the array is destroyed.
    public let baseAddress: UnsafeMutablePointer<Element>
    /// Number of elements.
    public let count: Int

    @inlinable init(unfilled count: Int) {
        precondition(count >= 0, "negative length")
        self.count = count
        // At least one byte, so that an empty array has an address too.
        let bytes = Swift.max(1, count * MemoryLayout<Element>.stride)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: bytes, alignment: Swift.max(64, MemoryLayout<Element>.alignment))
        baseAddress = memory.bindMemory(to: Element.self, capacity: count)
    }

    /// An array of `count` elements, each of which `make` returns for its index. [loader, control]
    @inlinable public init(count: Int, _ make: (_ index: Int) -> Element) {
        self.init(unfilled: count)
        for index in 0..<count { (baseAddress + index).initialize(to: make(index)) }
    }

    /// An array of one element. [loader, control]
    @inlinable public init(_ element: consuming Element) {
        self.init(unfilled: 1)
        baseAddress.initialize(to: element)
    }

    deinit {
        baseAddress.deinitialize(count: count)
        baseAddress.deallocate()
    }

    /// True if there are no elements.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// Indices of the elements, 0..<``count``.
    @inlinable public var indices: Range<Int> { 0..<count }

    /// The element at `index`, 0..<``count``. [any]
    ///
    /// Addressors, not accessors that yield: those copy a whole element to read one of its fields.
    @inlinable public subscript(_ index: Int) -> Element {
        @inline(__always) unsafeAddress {
            assert(index >= 0 && index < count, "index out of range")
            return UnsafePointer(baseAddress + index)
        }
        @inline(__always) unsafeMutableAddress {
            assert(index >= 0 && index < count, "index out of range")
            return baseAddress + index
        }
    }
}

extension FixedArray where Element: BitwiseCopyable {
    /// An array of `count` elements, all equal to `value`. [loader, control]
    @inlinable public init(count: Int, repeating value: Element) {
        self.init(unfilled: count)
        baseAddress.initialize(repeating: value, count: count)
    }

    /// An array with the elements of `elements`, in their order. [loader, control]
    @inlinable public init(copying elements: some Collection<Element>) {
        self.init(unfilled: elements.count)
        var index = 0
        for element in elements {
            precondition(index < count, "the collection has more elements than its count")
            (baseAddress + index).initialize(to: element)
            index += 1
        }
        precondition(index == count, "the collection has fewer elements than its count")
    }

    /// Sets every element to `value`. [any]
    @inlinable public mutating func fill(_ value: Element) {
        baseAddress.update(repeating: value, count: count)
    }

    /// Copies as many elements as both arrays have, from the first one on. [any]
    @inlinable public mutating func update(from other: borrowing FixedArray) {
        baseAddress.update(from: other.baseAddress, count: Swift.min(count, other.count))
    }

    /// The elements, for as long as `body` runs. [any]
    @inlinable public func withBuffer<Result>(
        _ body: (UnsafeBufferPointer<Element>) -> Result
    ) -> Result {
        body(UnsafeBufferPointer(start: baseAddress, count: count))
    }
}

/// Unchecked because of the pointer: nobody else has it. The array has one owner, which passes it on as a whole,
/// and changing an element needs exclusive access to the owner.
extension FixedArray: @unchecked Sendable where Element: Sendable & ~Copyable {}
