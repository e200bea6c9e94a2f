import Foundation
import KairosEngine
import Synchronization

/// The one thread that builds, shelves and frees programs while the instrument plays.
final class LoaderThread: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)

    /// Stocks the shelf once, then keeps it stocked.
    init(_ loader: sending Loader) {
        let loader = Kept(loader)
        let thread = Thread { [self] in
            while !stopping.load(ordering: .acquiring) {
                loader.value.service()
                Thread.sleep(forTimeInterval: 0.002)
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
