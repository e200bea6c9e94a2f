/// Array in the memory of one module: a delay line, a table of the module's own.
///
/// A module's struct and its buffers lie one behind the other. A buffer holds its distance from the struct and no
/// address, so that a copy of these bytes is a copy of the module, wherever they lie. `init` gets
/// buffers from ``ModuleMemory``; `process`, `read` and `write` reach the elements through
/// ``ModuleIO/subscript(_:)-(Buffer<Element>)``.
@frozen public struct Buffer<Element: BitwiseCopyable>: BitwiseCopyable, Sendable {
    /// Number of elements.
    public let count: Int
    /// Bytes from the beginning of the struct to the first element.
    @usableFromInline let offset: Int

    @inlinable init(offset: Int, count: Int) {
        self.offset = offset
        self.count = count
    }

    /// First element of the buffer of the module at `module`. [audio]
    @inline(__always) @inlinable func elements(of module: UnsafeMutableRawPointer) -> UnsafeMutablePointer<
        Element
    > {
        (module + offset).assumingMemoryBound(to: Element.self)
    }
}
