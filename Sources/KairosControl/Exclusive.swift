package import Synchronization

/// A value that one thread at a time uses, without a lock and without waiting.
///
/// Which thread may use the value follows from the program's structure, for example that one audio driver at a time
/// owns the render gate. Every use checks it: two uses at once, or one within another, stop the program
/// (``withValue(_:)``) or are refused (``withValueIfFree(_:)``). What a thread has written is visible to the thread
/// that uses the value next.
///
/// Unchecked because the compiler cannot see the check. The value is reachable only through the two functions. Nothing
/// that belongs to it may leave `body`. The functions are transparent, as those of `Mutex` are: Swift 6.3 does not
/// specialize functions of a generic type that contains an atomic, and would look up its metadata on the audio thread.
@safe package struct Exclusive<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let value: UnsafeMutablePointer<Value>
    @usableFromInline let isInUse = Atomic<Bool>(false)

    /// A value that no thread uses yet. It allocates. [loader, control]
    @inlinable package init(_ value: consuming sending Value) {
        unsafe self.value = .allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
    }

    deinit {
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
    }

    /// Uses the value. Traps where it is in use. [any], by the program's structure one thread at a time
    @inlinable @_transparent
    package func withValue<Result>(_ body: (inout Value) -> Result) -> Result {
        precondition(!isInUse.exchange(true, ordering: .acquiring), "two threads use one value at once")
        defer { isInUse.store(false, ordering: .releasing) }
        return unsafe body(&value.pointee)
    }

    /// Uses the value; does nothing and returns nil where it is in use. [any]
    @inlinable @_transparent
    package func withValueIfFree<Result>(_ body: (inout Value) -> Result) -> Result? {
        guard !isInUse.exchange(true, ordering: .acquiring) else { return nil }
        defer { isInUse.store(false, ordering: .releasing) }
        return unsafe body(&value.pointee)
    }
}
