import CRealtime
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosSession

/// An engine that plays its first entry in blocks of 64 frames, for benchmarks. Used on one thread, on which
/// denormal numbers are flushed to zero from then on.
final class BenchRig {
    /// The engine.
    let engine: Engine
    /// Its loader, without a memory limit.
    let loader: Loader
    /// Its event input.
    let input: Ring<Event>
    /// Converts stamps to frames; stamp 0 is frame 0.
    let timebase: Timebase
    private let left = UnsafeMutablePointer<Float>.allocate(capacity: SubBlock.longest)
    private let right = UnsafeMutablePointer<Float>.allocate(capacity: SubBlock.longest)

    init(_ rig: Rig, sampleRate: Double) {
        engine = Engine(EngineSetup(sampleRate: sampleRate, rig: rig))
        loader = Loader(engine, budget: .max / 2)
        input = engine.addInput()
        timebase = .offline(sampleRate: sampleRate)
        engine.select(entry: 0, part: 0)
        loader.service()
        crt_flush_to_zero()
    }

    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// Renders the next block.
    func render() { engine.render(left: left, right: right, frames: SubBlock.longest, timebase: timebase) }
}
