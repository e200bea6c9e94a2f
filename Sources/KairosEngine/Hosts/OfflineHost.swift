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
    private var entryOfNumber: [Int: Int] = [:]
    private var surface: [Surface.Control] = []
    private var actions: [ControlTable.Row] = []
    private var entryCount = 0
    /// Which repertoire they are of.
    private var generation = -1
    private var queue: [Event] = []
    private var cursor = 0
    private var timebase: Timebase
    /// Whether the shelf was stocked for changes, which must be taken back.
    private var wasMore = true

    /// What can be played, the way program changes are read, and the entry at the start (in every channel of
    /// `multi`).
    public init(
        _ repertoire: Repertoire, mode: EngineSetup.Mode = .multi, first: Int = 0,
        sampleRate: Double = 48_000, tune: Double = 440, transpose: Int = 0, tuning: Tuning? = nil
    ) {
        var setup = EngineSetup(
            sampleRate: sampleRate, mode: mode, repertoire: repertoire, tune: tune, transpose: transpose)
        setup.tuning = tuning
        engine = Engine(setup)
        // Nothing is kept waiting for room here.
        loader = Loader(engine, budget: .max / 2)
        door = engine.addDoor()
        timebase = .offline(sampleRate: sampleRate)
        if repertoire.entries.indices.contains(first) {
            let stages = mode == .multi ? EngineCore.stageCount : 1
            loader.require(stages, ofEntry: first)
            for stage in 0..<stages { engine.select(entry: first, part: stage) }
        }
        loader.service()
    }

    /// Whether each entry can be played.
    public var states: [EntryState] { loader.states.all }

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

    /// Looks at what there is to play, where that is new.
    private func look() {
        guard engine.renewals != generation else { return }
        generation = engine.renewals
        let repertoire = engine.repertoire
        entryCount = repertoire.entries.count
        entryOfNumber = Dictionary(
            repertoire.entries.enumerated().compactMap { index, entry in entry.number.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        surface = Surface.controls(repertoire.mappings).all
        actions = repertoire.actions
    }

    /// Pushes what is due within `frames`; fewer frames when the door is full before. Stocks the shelf for it.
    private func feed(_ frames: Int) -> Int {
        let start = engine.clock
        var end = start + frames
        var pushed = 0
        look()
        if !wasMore, cursor == queue.count || timebase.frame(of: queue[cursor].stamp) >= end { return frames }
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
            case .nextEntry, .previousEntry, .selectEntry, .panic:
                for entry in needs.indices { needs[entry] += 1 }
            case .control where acts(event), .noteOn where acts(event), .registered where acts(event),
                .nonRegistered where acts(event):
                for entry in needs.indices { needs[entry] += 1 }
            default: break
            }
            door.push(event)
            cursor += 1
            pushed += 1
        }
        let isMore = needs.contains { $0 > 1 }
        if isMore || wasMore {
            loader.relax()
            for (entry, need) in needs.enumerated() { loader.require(need, ofEntry: entry) }
        }
        wasMore = isMore
        return end - start
    }

    /// Whether a key or controller may change the entry.
    private func acts(_ event: Event) -> Bool {
        actions.contains { surface[Int($0.control)].part(of: event) != nil }
    }
}
