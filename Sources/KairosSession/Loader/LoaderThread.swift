import Foundation
import KairosControl
public import KairosEngine
import Synchronization

/// The loader thread: builds, stores in the standby pool and frees patch instances while the instrument
/// plays.
public final class LoaderThread: Sendable {
    /// Seconds between two polls. While a commit waits, the shortest applies; after `idlePolls` polls without
    /// work the longest, because each poll wakes the processor.
    private static let answerInterval = 0.0002, pollInterval = 0.002, idleInterval = 0.01
    /// Polls in five seconds.
    private static let idlePolls = 2500
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let wakeup = DispatchSemaphore(value: 0)

    /// The state of every entry.
    public let states: EntryStates
    /// The patch instances that are playing.
    public let instances: LiveInstances
    /// The commits that wait until they sound.
    public let completions: CommitCompletions

    /// Starts the thread, which fills the standby pool and keeps it filled.
    public init(_ loader: sending Loader) {
        states = loader.states
        instances = loader.instances
        completions = loader.completions
        let handover = Handover(loader)
        let thread = Thread { [self] in
            guard let loader = handover.take() else { return }
            var idle = 0
            while !stopping.load(ordering: .acquiring) {
                // One instance per call: a request that arrives meanwhile is served before the pool is filled
                // further.
                guard loader.service(limit: 1) == 0 else {
                    idle = 0
                    continue
                }
                idle += 1
                let interval =
                    completions.isEmpty
                    ? idle < Self.idlePolls ? Self.pollInterval : Self.idleInterval : Self.answerInterval
                _ = wakeup.wait(timeout: .now() + interval)
            }
            completions.end()
            finished.signal()
        }
        thread.name = "kairos-loader"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Makes the thread poll now instead of at its next interval. [any]
    public func wake() { wakeup.signal() }

    /// Ends the thread and waits for it. Commits that still wait are answered. [control]
    public func stop() {
        stopping.store(true, ordering: .releasing)
        finished.wait()
    }
}
