internal import Synchronization

/// A value on its way to the thread that owns it from then on. It is taken once.
package final class Handover<Value: ~Copyable>: Sendable {
    private let value: Mutex<Value?>

    /// Hands `value` over. [control]
    package init(_ value: consuming sending Value) { self.value = Mutex(value) }

    /// Removes and returns the value; nil where it was taken before. It locks. [any] except [audio]
    package func take() -> sending Value? {
        value.withLock { slot in
            let value = consume slot
            slot = nil
            return value
        }
    }
}
