import CRealtime
public import KairosCompiler
public import KairosControl
public import KairosEngine
import KairosSession

/// An engine with several event inputs (keyboards, a file, the terminal, OSC) and no audio device.
public final class MultiInputEngine {
    /// The engine.
    public let engine: Engine
    private let loader: Loader
    private let inputs: [Ring<Event>]
    private let timebase: Timebase
    private var queue: [Event] = []
    private var cursor = 0
    /// The left channel of the last render, before the soft clipper.
    public private(set) var left: [Float] = []
    /// The right channel of the last render.
    public private(set) var right: [Float] = []

    /// Creates an engine in `entry` mode at 48 kHz. Its first entry is active.
    public init(_ rig: Rig, count: Int) {
        engine = Engine(EngineSetup(rig: rig))
        loader = Loader(engine, budget: .max / 2)
        inputs = (0..<count).map { [engine] _ in engine.addInput() }
        timebase = .offline(sampleRate: engine.sampleRate)
        engine.select(entry: 0, part: 0)
        for entry in rig.entries.indices { loader.require(4, ofEntry: entry) }
        loader.service()
    }

    /// Adds events in the order of their time stamps to the event inputs that they name.
    public func play(_ events: [Event]) {
        queue.removeFirst(cursor)
        cursor = 0
        queue += events
    }

    /// Renders the next `frames` frames.
    public func render(_ frames: Int) {
        crt_flush_to_zero()
        if left.count != frames {
            left = Array(repeating: 0, count: frames)
            right = left
        }
        let end = engine.clock + frames
        while cursor < queue.count, timebase.frame(of: queue[cursor].stamp) < end {
            precondition(
                inputs[Int(queue[cursor].input)].push(queue[cursor]), "a input holds 4096 events of one block"
            )
            cursor += 1
        }
        loader.service()
        left.withUnsafeMutableBufferPointer { l in
            right.withUnsafeMutableBufferPointer { r in
                guard let l = l.baseAddress, let r = r.baseAddress else { return }
                engine.renderSum(left: l, right: r, frames: frames, timebase: timebase)
            }
        }
    }
}
