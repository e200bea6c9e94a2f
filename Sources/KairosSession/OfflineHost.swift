import CRealtime
public import KairosCompiler
public import KairosControl
public import KairosEngine

/// Runs the engine without an audio device: faster than real time, bit-identical from run to run and for any
/// buffer size. Used on one thread, which acts as audio and as loader thread.
///
/// Every entry is ready at its frame, and nothing depends on measured time. The latency of the limiter is compensated:
/// an event is heard at its own frame. For that the engine is ``Engine/latency`` frames ahead of the output, from the
/// first call of ``render(left:right:frames:sum:)`` on: an event that is given later than that acts at the engine's
/// frame.
public final class OfflineHost {
    /// The engine.
    public let engine: Engine
    /// Called for each report of the engine as soon as it comes, so that none is lost when the engine's queue
    /// is full. If nil, reports stay in the engine's queue.
    public var onReport: ((Report) -> Void)?
    private let loader: Loader
    private let input: Ring<Event>
    /// Index of the entry by bank × 128 + program. This and the following are of the current rig.
    private var entryOfNumber: [Int: Int] = [:]
    private var surface: [ControlSurface.Control] = []
    private var actions: [ControlTable.Row] = []
    private var hasPanic = false
    private var entryCount = 0
    /// Number of the rig change that these tables are of; nil before the first.
    private var generation: Int?
    private var queue: [Event] = []
    private var cursor = 0
    private var timebase: Timebase
    /// Frames at the beginning of the engine's output that are left out: its latency.
    private var framesToDrop: Int
    /// True once the first entry has become active.
    private var hasBegun = false
    /// True if the standby pool holds more than one instance of an entry, which must be undone.
    private var demandedMore = true

    /// Creates a host that plays `rig`. `first` is the index of the entry at the start, in `multi` mode in
    /// every part. `tune` is the frequency of A4 in Hz, `transpose` is in semitones. Without `limiter`, the soft clipper
    /// alone keeps the output within full scale, and the engine is not ahead of the output.
    public init(
        _ rig: Rig, mode: EngineSetup.Mode = .multi, first: Int = 0,
        sampleRate: Double = 48_000, tune: Double = 440, transpose: Int = 0, tuning: Tuning? = nil,
        limiter: Bool = true
    ) {
        var setup = EngineSetup(
            sampleRate: sampleRate, mode: mode, rig: rig, tune: tune, transpose: transpose)
        setup.tuning = tuning
        setup.hasLimiter = limiter
        engine = Engine(setup)
        framesToDrop = engine.latency
        // Without a memory limit, every entry fits in the standby pool.
        loader = Loader(engine, budget: .max / 2)
        input = engine.addInput()
        timebase = .offline(sampleRate: sampleRate)
        if rig.entries.indices.contains(first) {
            let parts = mode == .multi ? Engine.partCount : 1
            loader.require(parts, ofEntry: first)
            for part in 0..<parts { engine.select(entry: first, part: part) }
        }
        loader.service()
    }

    /// The state of each entry.
    public var states: [EntryState] { loader.states.all }

    /// Appends events, which must be ordered by their stamps. Stamp 0 is frame 0.
    public func play(_ events: [Event]) {
        queue.removeFirst(cursor)
        cursor = 0
        queue += events
    }

    /// Renders the next `frames` frames. With `sum`, the output is the sum of the parts, before master effects and
    /// limiter, and the engine is not ahead of it; a host renders either sums or the whole output.
    public func render(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, sum: Bool = false
    ) {
        crt_flush_to_zero()
        if !hasBegun {
            // The first entry leaves the standby pool before the pool is filled for the first events.
            hasBegun = true
            engine.absorb(timebase: timebase)
        }
        if !sum, framesToDrop > 0 {
            var first = [Float](repeating: 0, count: framesToDrop), second = first
            unsafe renderNext(left: &first, right: &second, frames: framesToDrop, sum: false)
            framesToDrop = 0
        }
        unsafe renderNext(left: left, right: right, frames: frames, sum: sum)
    }

    private func renderNext(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, sum: Bool
    ) {
        var done = 0
        while done < frames {
            let count = pushDueEvents(within: frames - done)
            if sum {
                unsafe engine.renderSum(
                    left: left + done, right: right + done, frames: count, timebase: timebase)
            } else {
                unsafe engine.render(
                    left: left + done, right: right + done, frames: count, timebase: timebase)
            }
            done += count
            popReports()
        }
    }

    /// Passes the engine's reports to `onReport`.
    private func popReports() {
        guard let onReport else { return }
        while let report = engine.nextReport() { onReport(report) }
    }

    /// Rebuilds the tables if the rig has changed.
    private func refreshRig() {
        guard engine.rigChanges != generation else { return }
        generation = engine.rigChanges
        let rig = engine.rig
        entryCount = rig.entries.count
        entryOfNumber = Dictionary(
            rig.entries.enumerated().compactMap { index, entry in entry.number.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        surface = ControlSurface.controls(rig.mappings).all
        actions = rig.actions
        hasPanic = actions.contains { $0.effect == .action(.panic) }
    }

    /// Pushes the events that are due within `frames` and fills the standby pool for them. Returns how many
    /// frames can be rendered before more must be pushed.
    private func pushDueEvents(within frames: Int) -> Int {
        let start = engine.clock
        var end = start + frames
        refreshRig()
        if !demandedMore, cursor == queue.count || timebase.frame(of: queue[cursor].stamp) >= end {
            loader.service()
            return frames
        }
        var demand = InstanceDemand(entries: entryCount, engine)
        var silenced: Int?
        while cursor < queue.count {
            let event = queue[cursor]
            let frame = timebase.frame(of: event.stamp)
            guard frame < end else { break }
            let silences = silences(event)
            // The instances that one All Sound Off takes from the standby pool must be replaced before the
            // next one.
            if frame > start, input.count >= Self.batch || (silences && silenced.map { $0 < frame } ?? false)
            {
                end = frame
                break
            }
            if input.count >= Self.batch {
                // More events on one frame than the input queue holds: the first are handled before the
                // others are pushed.
                fillStandbyPool(demand)
                engine.absorb(timebase: timebase)
                popReports()
                demand = InstanceDemand(entries: entryCount, engine)
                guard input.count < Self.batch else {
                    // They wait for a control tick, and so must the others.
                    end = start + 1
                    break
                }
                continue
            }
            if silences { silenced = frame }
            var entry: Int?
            if case .program(let number) = event.message { entry = entryOfNumber[Int(number)] }
            demand.add(event.message, silences: silences, entry: entry, acts: acts(event))
            input.push(event)
            cursor += 1
        }
        fillStandbyPool(demand)
        return end - start
    }

    /// The most events pushed before some are handled; the input queue holds 4096.
    private static let batch = 4000

    /// Requests the instances in `demand` and lets the loader build them.
    private func fillStandbyPool(_ demand: InstanceDemand) {
        if demand.exceedsOne || demandedMore {
            loader.relax()
            for (entry, need) in demand.instances.enumerated() { loader.require(need, ofEntry: entry) }
        }
        demandedMore = demand.exceedsOne
        loader.service()
    }

    /// True for panic and All Sound Off, after which sounding parts continue with instances from the standby
    /// pool.
    private func silences(_ event: Event) -> Bool {
        switch event.message {
        case .panic: true
        case .control(let number, _, _) where number & 127 == 120: true
        default: hasPanic && acts(event)
        }
    }

    /// True if a mapping may turn the event into an action.
    private func acts(_ event: Event) -> Bool {
        switch event.message {
        case .noteOn, .control, .registered, .nonRegistered, .channelPressure, .polyPressure, .pitchBend:
            actions.contains { surface[Int($0.control)].part(of: event) != nil }
        default: false
        }
    }
}

/// Upper bounds on the instances of each entry that a batch of events takes from the standby pool.
private struct InstanceDemand {
    /// For each entry, the number of instances.
    private(set) var instances: [Int]
    /// For each entry, the number of parts that play it or may change to it.
    private var playingParts: [Int]

    /// Creates the demand before any event: one instance of each entry.
    init(entries: Int, _ engine: Engine) {
        instances = Array(repeating: 1, count: entries)
        playingParts = Array(repeating: 0, count: entries)
        for part in 0..<Engine.partCount {
            let (now, pending) = engine.entries(of: part)
            for entry in [now, pending].compactMap(\.self) where playingParts.indices.contains(entry) {
                playingParts[entry] += 1
            }
        }
    }

    /// True if any entry needs more than one instance.
    var exceedsOne: Bool { instances.contains { $0 > 1 } }

    /// Adds the demand of one message. `entry` is the entry that its program number selects, `acts` is true if
    /// a mapping may turn it into an action.
    mutating func add(_ message: Event.Message, silences: Bool, entry: Int?, acts: Bool) {
        switch message {
        case .program: if let entry { addInstance(of: entry) }
        // The selected entry is known only when the event is handled, so each entry gets one more.
        case .nextEntry, .previousEntry, .selectEntry:
            for entry in instances.indices { addInstance(of: entry) }
        default: if acts { for entry in instances.indices { addInstance(of: entry) } }
        }
        guard silences else { return }
        for entry in instances.indices { instances[entry] += playingParts[entry] }
    }

    private mutating func addInstance(of entry: Int) {
        instances[entry] += 1
        playingParts[entry] += 1
    }
}
