/// Allocator of a module's buffers, in the memory behind its struct.
///
/// A module's `init` runs at least twice: first to measure, then to make the module in its memory. It must
/// ask for the same buffers each time.
public struct ModuleMemory {
    /// Alignment of a module and of every buffer, in bytes: one cache line, or one vector of sixteen lanes.
    @inlinable public static var alignment: Int { 64 }

    /// Beginning of the memory, where the struct lies; nil while measuring.
    @usableFromInline let base: UnsafeMutableRawPointer?
    /// Bytes in use, a multiple of ``alignment``.
    @usableFromInline var bytes: Int

    fileprivate init(of size: Int, at base: UnsafeMutableRawPointer?) {
        self.base = base
        // A module without state has an address too.
        bytes = Self.aligned(Swift.max(1, size))
    }

    @inlinable static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) & ~(alignment - 1) }

    /// A buffer of `count` elements, all equal to `value`. [loader]
    @inlinable public mutating func buffer<Element: BitwiseCopyable>(
        _ count: Int, repeating value: Element
    ) -> Buffer<Element> {
        let buffer = Buffer<Element>(offset: bytes, count: count)
        if let elements = room(for: buffer) { elements.initialize(repeating: value, count: count) }
        return buffer
    }

    /// A buffer of `count` elements; the element at index n is `value(n)`. [loader]
    @inlinable public mutating func buffer<Element: BitwiseCopyable>(
        _ count: Int, _ value: (Int) -> Element
    ) -> Buffer<Element> {
        let buffer = Buffer<Element>(offset: bytes, count: count)
        if let elements = room(for: buffer) {
            for index in 0..<count { (elements + index).initialize(to: value(index)) }
        }
        return buffer
    }

    /// Reserves the memory of a buffer. Returns its elements, not initialised; nil while measuring.
    @inlinable mutating func room<Element>(
        for buffer: Buffer<Element>
    ) -> UnsafeMutablePointer<Element>? {
        precondition(
            MemoryLayout<Element>.alignment <= Self.alignment, "the elements' alignment is over 64 bytes")
        bytes += Self.aligned(buffer.count * MemoryLayout<Element>.stride)
        return base.map { ($0 + buffer.offset).bindMemory(to: Element.self, capacity: buffer.count) }
    }
}

extension Module {
    /// Size of a module for `format` in bytes: the struct and its buffers, a multiple of
    /// ``ModuleMemory/alignment``. [loader]
    public static func memoryBytes(_ format: Format) -> Int {
        var memory = ModuleMemory(of: MemoryLayout<Self>.size, at: nil)
        _ = Self(format, &memory)
        return memory.bytes
    }

    /// Makes a module for `format` at the beginning of `memory`, which has ``memoryBytes(_:)`` bytes and the
    /// alignment of ``ModuleMemory``. [loader]
    public static func make(_ format: Format, in memory: UnsafeMutableRawBufferPointer)
        -> UnsafeMutablePointer<Self>
    {
        guard let base = memory.baseAddress else { preconditionFailure("a module's memory has an address") }
        precondition(
            UInt(bitPattern: base) % UInt(ModuleMemory.alignment) == 0
                && MemoryLayout<Self>.alignment <= ModuleMemory.alignment, "a module's alignment is 64 bytes")
        var allocator = ModuleMemory(of: MemoryLayout<Self>.size, at: base)
        let module = base.bindMemory(to: Self.self, capacity: 1)
        module.initialize(to: Self(format, &allocator))
        precondition(
            allocator.bytes == memory.count,
            "module '\(info.type)': its init asks for other buffers each time")
        return module
    }
}
