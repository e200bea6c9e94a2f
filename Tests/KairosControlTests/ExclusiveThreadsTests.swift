import Foundation
import KairosControl
import Testing

/// Values that one thread at a time uses. Also run under ThreadSanitizer.
@Suite struct ExclusiveThreadsTests {
    private final class Shared: Sendable {
        let value = Exclusive(0)
        let finished = DispatchSemaphore(value: 0)
    }

    /// Fails where two threads use the value at once, or one does not see what the other wrote.
    @Test func `one thread at a time uses a value`() {
        let shared = Shared(), turns = 20_000
        for _ in 0..<2 {
            Thread {
                var done = 0
                while done < turns {
                    if shared.value.withValueIfFree({ $0 += 1 }) != nil { done += 1 } else { sched_yield() }
                }
                shared.finished.signal()
            }.start()
        }
        for _ in 0..<2 { shared.finished.wait() }
        #expect(shared.value.withValue { $0 } == 2 * turns)
    }

    @Test func `a use within another is refused`() {
        let value = Exclusive(1)
        let (outer, inner) = value.withValue { outer in (outer, value.withValueIfFree { $0 }) }
        let after = value.withValueIfFree { $0 }
        #expect(outer == 1 && inner == nil && after == 1)
    }

    @Test func `a use within another that is not prepared for it stops the program`() async {
        await #expect(processExitsWith: .failure) {
            let value = Exclusive(1)
            value.withValue { _ in value.withValue { $0 += 1 } }
        }
    }

    @Test func `a value is handed over once`() {
        final class Counter { var count = 0 }
        let handover = Handover(Counter()), finished = DispatchSemaphore(value: 0)
        let first = Handover(7)
        #expect(first.take() == 7 && first.take() == nil)
        Thread {
            if let counter = handover.take() { counter.count += 1 }
            finished.signal()
        }.start()
        finished.wait()
        let again = handover.take() != nil
        #expect(!again)
    }
}
