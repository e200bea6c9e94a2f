import CRealtime
import KairosControl
import KairosDSP
import Synchronization

/// What an engine is made for.
public struct EngineSetup: Sendable {
    /// How program changes are read.
    public enum Mode: String, Sendable, CaseIterable {
        /// A program change selects an entry, whatever its channel.
        case entry
        /// Each MIDI channel has an entry of its own.
        case multi
    }

    /// Frames a second.
    public var sampleRate: Double
    /// How program changes are read.
    public var mode: Mode
    /// What can be played.
    public var repertoire: Repertoire
    /// The frequency of key 69, in hertz.
    public var tune: Double
    /// Semitones added to every key.
    public var transpose: Int
    /// The scale of patches that have none of their own.
    public var tuning: Tuning?
    /// Whether costs are measured and a change that would overload is made room for. Offline nothing is.
    public var isLive = false
    /// The part of the time that rendering may take when an entry changes, 0…1. Live only.
    public var loadLimit = 0.8
    /// Frames over which the first sound of the process comes up.
    public var startRamp = 0

    /// A setup.
    public init(
        sampleRate: Double = 48_000, mode: Mode = .entry, repertoire: Repertoire = Repertoire(),
        tune: Double = 440, transpose: Int = 0
    ) {
        self.sampleRate = sampleRate
        self.mode = mode
        self.repertoire = repertoire
        self.tune = tune
        self.transpose = transpose
    }
}

/// Events in, sound out: the slots, the stages and the one path every note takes.
public final class Engine: @unchecked Sendable {
    /// What it was made for.
    public let setup: EngineSetup
    /// The most programs that exist at once; the way back has room for all of them.
    public static let programLimit = 1024

    let core: UnsafeMutablePointer<EngineCore>
    let meters: UnsafeMutablePointer<Meters>
    private let deliveries = Ring<Delivery>(capacity: Engine.programLimit)
    private let retired = Ring<Delivery>(capacity: Engine.programLimit)
    private let withdrawals = Ring<Int32>(capacity: Engine.programLimit)
    private let reportRing = Ring<Report>(capacity: 4096)
    private var doors: [Ring<Event>] = []
    private let stock: ShelfState
    let board = ValueBoard()
    let controlStateTable: ControlStates
    /// What there is to play, as it is now.
    public let sounds: LiveSounds
    private var live = 0
    private var rampDone = 0

    /// An engine that is silent until programs are delivered and an entry is chosen.
    public init(_ setup: EngineSetup) {
        self.setup = setup
        meters = .allocate(capacity: 1)
        meters.initialize(to: Meters())
        sounds = LiveSounds(setup.repertoire.sounds)
        stock = ShelfState(count: setup.repertoire.sounds.count)
        controlStateTable = ControlStates(count: Surface.controls(setup.repertoire.mappings).all.count)
        core = .allocate(capacity: 1)
        core.initialize(
            to: EngineCore(
                setup, stock: stock, controlStates: controlStateTable, deliveries: deliveries,
                withdrawals: withdrawals, retired: retired,
                reports: reportRing, meters: meters, board: board))
        // A mapping for one device is for nobody before the device is there.
        for (index, mapping) in setup.repertoire.mappings.enumerated() where !mapping.device.isEmpty {
            setSources(0, ofMapping: index)
        }
    }

    deinit {
        while reclaim() != nil {}
        for index in 0..<EngineCore.slotCount {
            if let program = core.pointee.slots[index].program {
                Unmanaged<Program>.fromOpaque(program).release()
            }
        }
        if let rack = core.pointee.rack.program { Unmanaged<Program>.fromOpaque(rack).release() }
        for sound in 0..<stock.count {
            for place in 0..<Int(core.pointee.shelved[sound]) {
                let delivery = core.pointee.shelf[sound * EngineCore.shelfDepth + place]
                Unmanaged<Program>.fromOpaque(delivery.program).release()
            }
        }
        while let delivery = deliveries.pop() { Unmanaged<Program>.fromOpaque(delivery.program).release() }
        core.pointee.free()
        core.deallocate()
        stock.free()
        controlStateTable.free()
        meters.deinitialize(count: 1)
        meters.deallocate()
        board.free()
    }

    /// Frames a second.
    public var sampleRate: Double { setup.sampleRate }

    /// The frame that the next block begins with, counted from the start.
    ///
    /// > Audio thread.
    public var clock: Int { core.pointee.clock }

    /// A queue for one more door, up to 16. The door pushes from one thread of its own.
    ///
    /// > Control thread, before the first block.
    public func addDoor() -> Ring<Event> {
        precondition(core.pointee.doorCount < 16, "an engine has 16 doors")
        let door = Ring<Event>(capacity: 4096)
        doors.append(door)
        (core.pointee.doors + core.pointee.doorCount).initialize(to: .passUnretained(door))
        core.pointee.doorCount += 1
        return door
    }

    /// Renders the next `frames` frames, any number, into two channels, up to 0 dBFS.
    ///
    /// One function, never a part of its caller: what is counted in it is all of it.
    ///
    /// > Audio thread. It allocates nothing, locks nothing, waits for nothing.
    @inline(never) public func render(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {
        crt_realtime_enter()
        core.pointee.render(left: left, right: right, frames: frames, timebase: timebase, finished: true)
        if rampDone < setup.startRamp {
            for n in 0..<min(frames, setup.startRamp - rampDone) {
                let gain = Float(rampDone + n) / Float(setup.startRamp)
                left[n] *= gain
                right[n] *= gain
            }
            rampDone += frames
        }
        crt_realtime_exit()
    }

    /// Like ``render(left:right:frames:timebase:)``, but the sum of the parts, before rack and ceiling.
    ///
    /// > Audio thread.
    public func renderSum(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {
        crt_realtime_enter()
        core.pointee.render(left: left, right: right, frames: frames, timebase: timebase, finished: false)
        crt_realtime_exit()
    }

    // MARK: the loader's side

    /// Hands a program over. False when too many are out: its place on the way back would not be certain.
    ///
    /// > Loader thread.
    func deliver(
        _ program: Program, to slot: Int16 = -1, after before: Int = 0, moves: Moves? = nil,
        settles: Bool = false
    ) -> Bool {
        guard live < Engine.programLimit else { return false }
        live += 1
        let delivery = Delivery(
            program: Unmanaged.passRetained(program).toOpaque(), core: program.core,
            sound: Int32(program.sound), version: Int32(truncatingIfNeeded: program.version), slot: slot,
            follows: before, moves: moves, settles: settles)
        deliveries.push(delivery)
        return true
    }

    /// The program of an active slot, or of the rack behind the last: doubled, plus 1 where no edit fades; −1 for
    /// none.
    ///
    /// > Any thread.
    func program(ofSlot place: Int) -> Int { meters.pointee.programs[place].load(ordering: .acquiring) }

    /// Says which state of a sound is the present one.
    ///
    /// > Loader thread.
    func setVersion(_ sound: Int, _ version: Int) {
        stock.versions[sound].store(version, ordering: .releasing)
    }

    /// Says that sounds were edited, once their versions are known.
    ///
    /// > Loader thread.
    func noteEdits(_ count: Int) { stock.edits.pointee.store(count, ordering: .releasing) }

    /// A program that has come back, or nil.
    ///
    /// > Loader thread.
    func reclaim() -> Program? {
        guard let delivery = retired.pop() else { return nil }
        live -= 1
        return Unmanaged<Program>.fromOpaque(delivery.program).takeRetainedValue()
    }

    /// Asks for a program back from the shelf.
    ///
    /// > Loader thread.
    func withdraw(_ sound: Int) { withdrawals.push(Int32(sound)) }

    /// How many programs of a sound have left the shelf, ever.
    ///
    /// > Loader thread.
    func taken(_ sound: Int) -> Int { stock.taken[sound].load(ordering: .acquiring) }

    /// What the audition of a sound found: that it is broken, or what it costs.
    ///
    /// > Loader thread.
    func setAudition(_ sound: Int, isBroken: Bool, cost: Float) {
        stock.costs[sound].store(cost.bitPattern, ordering: .relaxed)
        stock.broken[sound].store(isBroken, ordering: .releasing)
    }

    /// The entry of each stage, and the one it waits for; −1 for none.
    ///
    /// > Any thread.
    func stageEntries(_ stage: Int) -> (now: Int, pending: Int) {
        (
            meters.pointee.stageEntries[stage].load(ordering: .relaxed),
            meters.pointee.stagePending[stage].load(ordering: .relaxed)
        )
    }

    /// Chooses what a stage sounds like at the start.
    ///
    /// > Control thread, before the first block.
    public func select(entry: Int, part: Int) {
        guard setup.repertoire.entries.indices.contains(entry) else { return }
        core.pointee.stages[part].pending = Int32(entry)
        meters.pointee.stagePending[part].store(entry, ordering: .relaxed)
    }

    /// The audio thread's next report, or nil.
    ///
    /// > One thread of the control side.
    public func nextReport() -> Report? { reportRing.pop() }

    /// Which sources a mapping is for: bit n is source n.
    ///
    /// > Control thread.
    public func setSources(_ mask: UInt64, ofMapping index: Int) {
        guard index < Mapping.limit else { return }
        meters.pointee.mappingSources[index].store(mask, ordering: .relaxed)
    }

    /// Voices that sound.
    ///
    /// > Any thread.
    public var voices: Int { meters.pointee.voices.load(ordering: .relaxed) }

    /// How late events act, over the whole session.
    ///
    /// > Any thread.
    public var timing: EventTiming { meters.pointee.timing }

    /// The transport's tempo, in beats a minute.
    ///
    /// > Any thread.
    public var tempo: Double { Double(Float(bitPattern: meters.pointee.tempo.load(ordering: .relaxed))) }

    /// A look at the engine.
    ///
    /// > Any thread.
    public var status: EngineStatus {
        EngineStatus(
            voices: meters.pointee.voices.load(ordering: .relaxed),
            mostVoices: meters.pointee.mostVoices.load(ordering: .relaxed),
            slots: meters.pointee.slots.load(ordering: .relaxed),
            clock: meters.pointee.clock.load(ordering: .relaxed),
            entry: meters.pointee.stageEntries[0].load(ordering: .relaxed),
            pending: meters.pointee.stagePending[0].load(ordering: .relaxed),
            lateEvents: meters.pointee.late.load(ordering: .relaxed),
            events: meters.pointee.events.load(ordering: .relaxed),
            changes: meters.pointee.changes.load(ordering: .relaxed),
            peak: Float(bitPattern: meters.pointee.peak.exchange(0, ordering: .relaxed)))
    }

    /// What each playing slot costs, in the part of the time it takes, and its dearest modules.
    ///
    /// > Any thread. Live only; empty offline.
    public var loads: [SlotLoad] {
        (0..<EngineCore.slotCount).compactMap { meters.pointee.load(ofSlot: $0, sampleRate: sampleRate) }
    }
}
