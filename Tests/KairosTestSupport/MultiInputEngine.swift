import CRealtime
import KairosCompiler
import KairosControl
import KairosEngine
import KairosSession

/// An engine with several event inputs, as keyboards, a file, the terminal and OSC have them, without a sound card.
public final class MultiInputEngine {
    /// What renders.
    public let engine: Engine
    private let loader: Loader
    private let inputs: [Ring<Event>]
    private let timebase: Timebase
    private var queue: [Event] = []
    private var cursor = 0
    /// What was rendered last, before the ceiling.
    public private(set) var left: [Float] = []
    /// The same on the right.
    public private(set) var right: [Float] = []

    /// An engine in `entry` mode at 48 kHz, whose first entry plays.
    public init(_ rig: Rig, count: Int) {
        engine = Engine(EngineSetup(rig: rig))
        loader = Loader(engine, budget: .max / 2)
        inputs = (0..<count).map { [engine] _ in engine.addInput() }
        timebase = .offline(sampleRate: engine.sampleRate)
        engine.select(entry: 0, part: 0)
        for entry in rig.entries.indices { loader.require(4, ofEntry: entry) }
        loader.service()
    }

    /// Adds events, in the order of their stamps; each goes into the event input it names.
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
