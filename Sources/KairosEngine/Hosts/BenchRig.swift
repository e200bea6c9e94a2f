import CRealtime
import KairosControl
import KairosDSP

/// An engine whose first entry plays, in blocks of 64 frames: what the audio thread does, and nothing else. For
/// benchmarks.
///
/// > One thread, which from then on flushes denormal numbers to zero.
final class BenchRig {
    let engine: Engine
    let loader: Loader
    let door: Ring<Event>
    let timebase: Timebase
    private let left = UnsafeMutablePointer<Float>.allocate(capacity: SubBlock.longest)
    private let right = UnsafeMutablePointer<Float>.allocate(capacity: SubBlock.longest)

    init(_ rig: Rig, sampleRate: Double) {
        engine = Engine(EngineSetup(sampleRate: sampleRate, rig: rig))
        loader = Loader(engine, budget: .max / 2)
        door = engine.addDoor()
        timebase = .offline(sampleRate: sampleRate)
        engine.select(entry: 0, part: 0)
        loader.service()
        crt_flush_to_zero()
    }

    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// The next block.
    func render() { engine.render(left: left, right: right, frames: SubBlock.longest, timebase: timebase) }
}
