import CRealtime
import KairosControl

/// The engine without a sound card: faster than real time, bit-identical from run to run and for any period.
///
/// Every entry is ready at its frame, and nothing depends on measured time.
public final class OfflineHost {
    /// What it renders with.
    public let engine: Engine
    /// Takes the engine's reports as they come, so that none is lost for want of room. Nil leaves them with the engine.
    public var onReport: ((Report) -> Void)?
    private let loader: Loader
    private let door: Ring<Event>
    private var entryOfNumber: [Int: Int] = [:]
    private var surface: [ControlSurface.Control] = []
    private var actions: [ControlTable.Row] = []
    private var hasPanic = false
    private var entryCount = 0
    /// Which rig they are of.
    private var generation = -1
    private var queue: [Event] = []
    private var cursor = 0
    private var timebase: Timebase
    /// Whether what was chosen at the start plays already.
    private var hasBegun = false
    /// Whether the standby pool was stocked for changes, which must be taken back.
    private var wasMore = true

    /// What can be played, the way program changes are read, and the entry at the start (in every channel of
    /// `multi`).
    public init(
        _ rig: Rig, mode: EngineSetup.Mode = .multi, first: Int = 0,
        sampleRate: Double = 48_000, tune: Double = 440, transpose: Int = 0, tuning: Tuning? = nil
    ) {
        var setup = EngineSetup(
            sampleRate: sampleRate, mode: mode, rig: rig, tune: tune, transpose: transpose)
        setup.tuning = tuning
        engine = Engine(setup)
        // Nothing is kept waiting for room here.
        loader = Loader(engine, budget: .max / 2)
        door = engine.addDoor()
        timebase = .offline(sampleRate: sampleRate)
        if rig.entries.indices.contains(first) {
            let parts = mode == .multi ? EngineCore.partCount : 1
            loader.require(parts, ofEntry: first)
            for part in 0..<parts { engine.select(entry: first, part: part) }
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
        if !hasBegun {
            // What begins leaves the standby pool before it is stocked for what the first events do.
            hasBegun = true
            engine.absorb(timebase: timebase)
        }
        var done = 0
        while done < frames {
            let count = feed(frames - done)
            if sum {
                engine.renderSum(left: left + done, right: right + done, frames: count, timebase: timebase)
            } else {
                engine.render(left: left + done, right: right + done, frames: count, timebase: timebase)
            }
            done += count
            takeReports()
        }
    }

    private func takeReports() {
        guard let onReport else { return }
        while let report = engine.nextReport() { onReport(report) }
    }

    /// Looks at what there is to play, where that is new.
    private func look() {
        guard engine.renewals != generation else { return }
        generation = engine.renewals
        let rig = engine.rig
        entryCount = rig.entries.count
        entryOfNumber = Dictionary(
            rig.entries.enumerated().compactMap { index, entry in entry.number.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        surface = ControlSurface.controls(rig.mappings).all
        actions = rig.actions
        hasPanic = actions.contains { $0.effect == .action(.panic, 0) }
    }

    /// Pushes what is due within `frames`, and stocks the standby pool for it. Returns how many frames can be rendered before
    /// more must be pushed.
    private func feed(_ frames: Int) -> Int {
        let start = engine.clock
        var end = start + frames
        look()
        if !wasMore, cursor == queue.count || timebase.frame(of: queue[cursor].stamp) >= end {
            loader.service()
            return frames
        }
        var needs = Needs(entries: entryCount, engine)
        var silenced: Int?
        while cursor < queue.count {
            let event = queue[cursor]
            let frame = timebase.frame(of: event.stamp)
            guard frame < end else { break }
            let silences = silences(event)
            // What one All Sound Off takes off the standby pool must be there again before the next.
            if frame > start, door.count >= Self.batch || (silences && silenced.map { $0 < frame } ?? false) {
                end = frame
                break
            }
            if door.count >= Self.batch {
                // More on one frame than the input has room for: the first of them act before the others come.
                fill(needs)
                engine.absorb(timebase: timebase)
                takeReports()
                needs = Needs(entries: entryCount, engine)
                guard door.count < Self.batch else {
                    // They wait for a control tick, and the others behind them.
                    end = start + 1
                    break
                }
                continue
            }
            if silences { silenced = frame }
            needs.add(event, silences: silences, entry: entryOfNumber[Int(event.number)], acts: acts(event))
            door.push(event)
            cursor += 1
        }
        fill(needs)
        return end - start
    }

    /// Events that are pushed before some of them act: the input has room for 4096.
    private static let batch = 4000

    private func fill(_ needs: Needs) {
        if needs.isMore || wasMore {
            loader.relax()
            for (entry, need) in needs.programs.enumerated() { loader.require(need, ofEntry: entry) }
        }
        wasMore = needs.isMore
        loader.service()
    }

    /// Panic, and All Sound Off: parts that sound go on with programs of the standby pool.
    private func silences(_ event: Event) -> Bool {
        switch event.kind {
        case .panic: true
        case .control where event.number & 127 == 120: true
        default: hasPanic && acts(event)
        }
    }

    /// Whether a key or controller may do what a mapping calls an action.
    private func acts(_ event: Event) -> Bool {
        switch event.kind {
        case .noteOn, .control, .registered, .nonRegistered, .channelPressure, .polyPressure, .pitchBend:
            actions.contains { surface[Int($0.control)].part(of: event) != nil }
        default: false
        }
    }
}

/// How many programs of each entry events may take off the standby pool.
private struct Needs {
    private(set) var programs: [Int]
    /// How many parts play each entry, or come to.
    private var players: [Int]

    /// Before any event: one program of each entry.
    init(entries: Int, _ engine: Engine) {
        programs = Array(repeating: 1, count: entries)
        players = Array(repeating: 0, count: entries)
        for part in 0..<EngineCore.partCount {
            let (now, pending) = engine.partEntries(part)
            for entry in [now, pending] where players.indices.contains(entry) { players[entry] += 1 }
        }
    }

    /// Whether any entry needs more than one.
    var isMore: Bool { programs.contains { $0 > 1 } }

    mutating func add(_ event: Event, silences: Bool, entry: Int?, acts: Bool) {
        switch event.kind {
        case .program: if let entry { demand(entry) }
        // Which entry these lead to is known only when they act.
        case .nextEntry, .previousEntry, .selectEntry: for entry in programs.indices { demand(entry) }
        default: if acts { for entry in programs.indices { demand(entry) } }
        }
        guard silences else { return }
        for entry in programs.indices { programs[entry] += players[entry] }
    }

    private mutating func demand(_ entry: Int) {
        programs[entry] += 1
        players[entry] += 1
    }
}
