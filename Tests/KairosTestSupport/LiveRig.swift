import Foundation
public import KairosCompiler
import KairosControl
public import KairosEngine
public import KairosSession
import Synchronization

/// An engine that a thread of its own renders, as an audio driver does.
public final class LiveRig: @unchecked Sendable {
    /// The engine.
    public let engine: Engine
    /// The sounds of its instances.
    public let instances: LiveInstances
    /// The commits that wait until they sound.
    public let completions: CommitCompletions
    private let loader: Loader
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let sound = Mutex<[Float]>([])

    /// An engine with `sounds`, each as an entry. It does not render before `start`.
    public init(_ rig: Rig) {
        engine = Engine(EngineSetup(rig: rig))
        loader = Loader(engine)
        instances = loader.instances
        completions = loader.completions
        engine.select(entry: 0, part: 0)
        loader.service()
    }

    /// Begins.
    public func start() {
        Thread { [self] in
            var left = [Float](repeating: 0, count: 64), right = left
            let began = Self.now()
            // An event takes effect one block after its time stamp.
            let timebase = Timebase(stamp: began, frame: 64, framesPerNanosecond: 48e-6)
            while !stopping.load(ordering: .acquiring) {
                loader.service()
                left.withUnsafeMutableBufferPointer { l in
                    right.withUnsafeMutableBufferPointer { r in
                        if let l = l.baseAddress, let r = r.baseAddress {
                            engine.render(left: l, right: r, frames: 64, timebase: timebase)
                        }
                    }
                }
                sound.withLock { $0 += left }
                let due = UInt64(engine.clock) * 1_000_000_000 / 48_000, now = Self.now()
                if began + due > now { usleep(UInt32((began + due - now) / 1000)) }
            }
            finished.signal()
        }.start()
        for _ in 0..<4000 where engine.status.entry == nil { usleep(500) }
        precondition(engine.status.entry != nil, "nothing plays: \(loader.states.all)")
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The left channel since the last call.
    public func popAudio() -> [Float] {
        sound.withLock { sound in
            defer { sound = [] }
            return sound
        }
    }

    /// Ends.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        finished.wait()
    }
}
