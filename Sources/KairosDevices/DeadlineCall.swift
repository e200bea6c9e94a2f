import Foundation
import Synchronization

/// A call that may never return, on a thread of its own: into a sound server that may be frozen.
public final class DeadlineCall<Value: Sendable>: Sendable {
    private enum State {
        case running
        case done(Value)
        case abandoned
    }

    private let state = Mutex(State.running)
    private let finished = DispatchSemaphore(value: 0)

    /// Begins `body`. Where it is abandoned before it returns, `late` gets what it returns.
    public init(
        _ name: String, late: @escaping @Sendable (Value) -> Void = { _ in },
        _ body: @escaping @Sendable () -> Value
    ) {
        let thread = Thread { [self] in
            let value = body()
            let isWanted = state.withLock { state in
                if case .abandoned = state { return false }
                state = .done(value)
                return true
            }
            if isWanted { finished.signal() } else { late(value) }
        }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// What the call returned; nil while it runs.
    ///
    /// > Thread: [any]
    public var value: Value? {
        state.withLock { if case .done(let value) = $0 { value } else { nil } }
    }

    /// Waits for the call. Nil where it runs on after `seconds`.
    ///
    /// > Thread: [control], one
    public func wait(_ seconds: Double) -> Value? {
        _ = finished.wait(timeout: .now() + seconds)
        return value
    }

    /// Nobody waits for the call any more: what it returns later goes to `late`. False where it has returned already;
    /// then `value` has it.
    ///
    /// > Thread: [any]
    @discardableResult public func abandon() -> Bool {
        state.withLock {
            if case .done = $0 { return false }
            $0 = .abandoned
            return true
        }
    }
}

/// Runs `body` on a thread of its own, and waits for it at most so long. False where it runs on.
///
/// > Thread: [control]
@discardableResult public func bounded(
    _ seconds: Double, _ name: String, _ body: @escaping @Sendable () -> Void
) -> Bool {
    DeadlineCall(name, body).wait(seconds) != nil
}
