import Foundation
import Synchronization

/// A call that may never return, on its own thread: for calls into a sound server that may be frozen.
public final class DeadlineCall<Value: Sendable>: Sendable {
    private enum State {
        case running
        case done(Value)
        case abandoned
    }

    private let state = Mutex(State.running)
    private let finished = DispatchSemaphore(value: 0)

    /// Starts `body` on a thread called `name`. Where the call is abandoned before `body` returns, `late`
    /// receives its result.
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

    /// The result; nil while the call runs, and after it was abandoned. Locks. [any]
    public var value: Value? {
        state.withLock { if case .done(let value) = $0 { value } else { nil } }
    }

    /// Waits for the result. Returns nil if the call still runs after `seconds`. [control]
    public func wait(_ seconds: Double) -> Value? {
        _ = finished.wait(timeout: .now() + seconds)
        return value
    }

    /// Abandons the call: its result goes to `late`. Returns false if it has returned already; then
    /// `value` has the result. [any]
    @discardableResult public func abandon() -> Bool {
        state.withLock {
            if case .done = $0 { return false }
            $0 = .abandoned
            return true
        }
    }
}

/// Runs `body` on its own thread and waits at most `seconds`. Returns false if it still runs. [control]
@discardableResult public func bounded(
    _ seconds: Double, _ name: String, _ body: @escaping @Sendable () -> Void
) -> Bool {
    DeadlineCall(name, body).wait(seconds) != nil
}
