import Foundation
import KairosEngine
import Synchronization

/// The one thread that builds, shelves and frees programs while the instrument plays.
final class LoaderThread: Sendable {
    /// Seconds from one look to the next; longer when there was nothing to do for five seconds, for each look
    /// wakes the processor.
    private static let look = 0.002, rest = 0.01
    /// Looks in five seconds.
    private static let patience = 2500
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let wish = DispatchSemaphore(value: 0)

    /// The state of every entry.
    let states: EntryStates
    /// What every program plays.
    let programs: LiveInstances

    /// Stocks the standby pool, then keeps it stocked.
    init(_ loader: sending Loader) {
        states = loader.states
        programs = loader.programs
        let loader = Kept(loader)
        let thread = Thread { [self] in
            var quiet = 0
            while !stopping.load(ordering: .acquiring) {
                // One at a time: what is asked for meanwhile comes first.
                guard loader.value.service(limit: 1) == 0 else {
                    quiet = 0
                    continue
                }
                quiet += 1
                _ = wish.wait(timeout: .now() + (quiet < Self.patience ? Self.look : Self.rest))
            }
            finished.signal()
        }
        thread.name = "kairos-loader"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// There is something to do now.
    func wake() { wish.signal() }

    func stop() {
        stopping.store(true, ordering: .releasing)
        finished.wait()
    }

    /// The loader belongs to the thread from here on.
    private struct Kept: @unchecked Sendable {
        let value: Loader
        init(_ value: Loader) { self.value = value }
    }
}
