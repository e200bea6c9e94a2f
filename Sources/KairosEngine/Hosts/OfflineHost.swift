import CRealtime
import KairosControl

/// The engine without a sound card: faster than real time, bit-identical from run to run and for any period.
///
/// Every entry is ready at its frame, and nothing depends on measured time.
public final class OfflineHost {
    /// What it renders with.
    public let engine: Engine
    private let loader: Loader
    private let door: Ring<Event>
    private let entryCount: Int
    private let entryOfNumber: [Int: Int]
    private var queue: [Event] = []
    private var cursor = 0
    private var timebase: Timebase

    /// Entries, the way program changes are read, and what sounds at the start (in every part of `multi`).
    public init(
        _ entries: [Loader.Entry], mode: EngineSetup.Mode = .multi, first: Int = 0,
        sampleRate: Double = 48_000,
        tune: Double = 440, transpose: Int = 0
    ) {
        engine = Engine(
            EngineSetup(
                sampleRate: sampleRate, mode: mode, entries: entries.map { .init(number: $0.number) },
                tune: tune,
                transpose: transpose))
        loader = Loader(engine, entries: entries)
        door = engine.addDoor()
        entryCount = entries.count
        entryOfNumber = Dictionary(
            entries.enumerated().compactMap { index, entry in entry.number.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        timebase = .offline(sampleRate: sampleRate)
        if entries.indices.contains(first) {
            loader.require(mode == .multi ? EngineCore.partCount : 1, of: first)
            for part in 0..<(mode == .multi ? EngineCore.partCount : 1) {
                engine.select(entry: first, part: part)
            }
        }
        loader.service()
    }

    /// Adds events, in order of their stamps; stamp 0 is frame 0.
    public func play(_ events: [Event]) {
        queue.removeFirst(cursor)
        cursor = 0
        queue += events
    }

    /// Renders the next `frames` frames. `sum` is what the parts make, before the ceiling.
    public func render(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, sum: Bool = false
    ) {
        crt_flush_to_zero()
        var done = 0
        while done < frames {
            let count = feed(frames - done)
            loader.service()
            if sum {
                engine.renderSum(left: left + done, right: right + done, frames: count, timebase: timebase)
            } else {
                engine.render(left: left + done, right: right + done, frames: count, timebase: timebase)
            }
            done += count
        }
    }

    /// Pushes what is due within `frames`; fewer frames when the door is full before. Stocks the shelf for it.
    private func feed(_ frames: Int) -> Int {
        let start = engine.clock
        var end = start + frames
        var pushed = 0
        var needs = [Int](repeating: 1, count: entryCount)
        while cursor < queue.count {
            let event = queue[cursor]
            let frame = timebase.frame(of: event.stamp)
            guard frame < end else { break }
            if pushed == 4000, frame > start { end = max(start + 1, frame) }
            guard pushed < 4000 else { break }
            switch event.kind {
            case .program: if let entry = entryOfNumber[Int(event.number)] { needs[entry] += 1 }
            // Which entry these lead to is known only when they act.
            case .nextEntry, .previousEntry, .panic: for entry in needs.indices { needs[entry] += 1 }
            default: break
            }
            door.push(event)
            cursor += 1
            pushed += 1
        }
        for (entry, need) in needs.enumerated() { loader.require(need, of: entry) }
        return end - start
    }
}
