import Foundation
import KairosEngine
import Synchronization

/// The one thread that builds, shelves and frees programs while the instrument plays.
final class LoaderThread: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)

    /// The state of every entry.
    let states: EntryStates

    /// Stocks the shelf, then keeps it stocked.
    init(_ loader: sending Loader) {
        states = loader.states
        let loader = Kept(loader)
        let thread = Thread { [self] in
            while !stopping.load(ordering: .acquiring) {
                // One at a time: what is asked for meanwhile comes first.
                if loader.value.service(limit: 1) == 0 { Thread.sleep(forTimeInterval: 0.002) }
            }
            finished.signal()
        }
        thread.name = "kairos-loader"
        thread.stackSize = 1 << 20
        thread.start()
    }

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
