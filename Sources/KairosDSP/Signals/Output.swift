/// Output buffer of a module's outlet during one sub-block, sixteen lanes per frame. [audio]
@frozen public struct Output {
    @usableFromInline let base: UnsafeMutablePointer<Lanes>

    @inlinable init(_ base: UnsafeMutablePointer<Lanes>) { self.base = base }

    /// Value at a frame of the sub-block.
    @inline(__always) @inlinable public subscript(frame: Int) -> Lanes {
        @inline(__always) get { base[frame] }
        @inline(__always) nonmutating set { base[frame] = newValue }
    }
}
