import CRealtime
import KairosCompiler
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
    public var rig: Rig
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
        sampleRate: Double = 48_000, mode: Mode = .entry, rig: Rig = Rig(),
        tune: Double = 440, transpose: Int = 0
    ) {
        self.sampleRate = sampleRate
        self.mode = mode
        self.rig = rig
        self.tune = tune
        self.transpose = transpose
    }
}

/// Events in, sound out: the slots, the parts and the one path every note takes.
public final class Engine: @unchecked Sendable {
    /// What it was made for.
    public let setup: EngineSetup
    /// The most programs that exist at once; the way back has room for all of them.
    public static let programLimit = 1024

    let core: UnsafeMutablePointer<EngineCore>
    let meters: UnsafeMutablePointer<Meters>
    private let deliveries = Ring<Parcel>(capacity: Engine.programLimit + 1)
    private let retired = Ring<Delivery>(capacity: Engine.programLimit)
    private let returned = Ring<ReturnedTables>(capacity: 2)
    private let withdrawals = Ring<Int32>(capacity: Engine.programLimit)
    private let reportRing = Ring<Report>(capacity: 4096)
    private var inputs: [Ring<Event>] = []
    private let standby: StandbyState
    private let rigs: Mutex<Rigs>
    let board = ValueBoard()
    /// What there is to play, as it is now.
    public let sounds: LiveSounds
    private var live = 0
    private var rampDone = 0

    /// An engine that is silent until programs are delivered and an entry is chosen.
    public init(_ setup: EngineSetup) {
        self.setup = setup
        meters = .allocate(capacity: 1)
        meters.initialize(to: Meters())
        soundLimit = 2 * setup.rig.sounds.count + 128
        sounds = LiveSounds(setup.rig)
        // Those of the list to come, those of the one before that play yet, and what rings of older ones.
        standby = StandbyState(count: 2 * soundLimit + EngineCore.slotCount)
        let board = ControlBoard(ControlStates(setup.rig.mappings))
        rigs = Mutex(Rigs(active: ActiveRig(rig: setup.rig, board: board)))
        let tables = UnsafeMutablePointer<RigTables>.allocate(capacity: 1)
        tables.initialize(
            to: RigTables(setup.rig, sampleRate: setup.sampleRate, states: board.states))
        core = .allocate(capacity: 1)
        core.initialize(
            to: EngineCore(
                setup, standby: standby, tables: tables, deliveries: deliveries, withdrawals: withdrawals,
                retired: retired, returned: returned, reports: reportRing, meters: meters,
                board: self.board))
    }

    deinit {
        while reclaim() != nil {}
        for index in 0..<EngineCore.slotCount {
            if let program = core.pointee.slots[index].program {
                Unmanaged<PatchInstance>.fromOpaque(program).release()
            }
        }
        if let effects = core.pointee.effects.program {
            Unmanaged<PatchInstance>.fromOpaque(effects).release()
        }
        for sound in 0..<standby.count {
            for place in 0..<Int(core.pointee.pooled[sound]) {
                let delivery = core.pointee.pool[sound * EngineCore.poolDepth + place]
                Unmanaged<PatchInstance>.fromOpaque(delivery.program).release()
            }
        }
        while let parcel = deliveries.pop() {
            switch parcel {
            case .program(let delivery): Unmanaged<PatchInstance>.fromOpaque(delivery.program).release()
            case .rig(let tables): Self.free(tables)
            }
        }
        while let back = returned.pop() { Self.free(back.tables) }
        core.pointee.free()
        core.deinitialize(count: 1)
        core.deallocate()
        standby.free()
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

    /// A queue for one more event input, up to 16. The input pushes from one thread of its own.
    ///
    /// > Control thread, before the first block.
    public func addInput() -> Ring<Event> {
        let input = Ring<Event>(capacity: 4096)
        inputs.append(input)
        core.pointee.eventQueue.add(input)
        return input
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

    /// Like ``render(left:right:frames:timebase:)``, but the sum of the parts, before master effects and ceiling.
    ///
    /// > Audio thread.
    public func renderSum(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {
        crt_realtime_enter()
        core.pointee.render(left: left, right: right, frames: frames, timebase: timebase, finished: false)
        crt_realtime_exit()
    }

    /// Takes in what the event inputs brought and lets those events act that are due at the next frame, so that an
    /// input can bring more than it has room for. Renders nothing.
    ///
    /// > [audio]
    package func absorb(timebase: Timebase) {
        crt_realtime_enter()
        core.pointee.absorb(timebase)
        crt_realtime_exit()
    }

    // MARK: the loader's side

    /// Hands a program over. False when too many are out: its place on the way back would not be certain.
    ///
    /// > Loader thread.
    package func deliver(
        _ program: PatchInstance, to slot: Int16 = -1, after before: Int = 0, moves: StateTransfer? = nil,
        settles: Bool = false
    ) -> Bool {
        guard live < Engine.programLimit else { return false }
        live += 1
        let delivery = Delivery(
            program: Unmanaged.passRetained(program).toOpaque(), core: program.core,
            sound: Int32(program.sound), version: Int32(truncatingIfNeeded: program.version), slot: slot,
            follows: before, moves: moves, settles: settles)
        deliveries.push(.program(delivery))
        return true
    }

    /// The program of an active slot, or of the master effects behind the last: doubled, plus 1 where no edit fades; −1 for
    /// none.
    ///
    /// > Any thread.
    package func program(ofSlot place: Int) -> Int {
        meters.pointee.programs[place].load(ordering: .acquiring)
    }

    /// Says which state of a sound is the present one.
    ///
    /// > Loader thread.
    package func setVersion(_ sound: Int, _ version: Int) {
        standby.versions[sound].store(version, ordering: .releasing)
    }

    /// Says that sounds were edited, once their versions are known.
    ///
    /// > Loader thread.
    package func noteEdits(_ count: Int) { standby.edits.pointee.store(count, ordering: .releasing) }

    /// A program that has come back, or nil.
    ///
    /// > Loader thread.
    package func reclaim() -> PatchInstance? {
        guard let delivery = retired.pop() else { return nil }
        live -= 1
        return Unmanaged<PatchInstance>.fromOpaque(delivery.program).takeRetainedValue()
    }

    /// Asks for a program back from the standby pool.
    ///
    /// > Loader thread.
    package func withdraw(_ sound: Int) { withdrawals.push(Int32(sound)) }

    /// How many programs of a sound have left the standby pool, ever.
    ///
    /// > Loader thread.
    package func taken(_ sound: Int) -> Int { standby.taken[sound].load(ordering: .acquiring) }

    /// What the self-test of a sound found: that it has failed, or what it costs.
    ///
    /// > Loader thread.
    package func setSelfTest(_ sound: Int, hasFailed: Bool, cost: Float) {
        standby.costs[sound].store(cost.bitPattern, ordering: .relaxed)
        standby.failed[sound].store(hasFailed, ordering: .releasing)
    }

    /// The entry of each part, and the one it waits for; −1 for none.
    ///
    /// > Any thread.
    package func partEntries(_ part: Int) -> (now: Int, pending: Int) {
        (
            Meters.entry(meters.pointee.partEntries[part].load(ordering: .relaxed)),
            Meters.entry(meters.pointee.partPending[part].load(ordering: .relaxed))
        )
    }

    /// What there is to play as the audio thread has it now, with the first part's entry; −1 for none. At the very
    /// start it is the one that is to come.
    ///
    /// > Any thread.
    public var playing: (rig: Rig, entry: Int) {
        let now = meters.pointee.partEntries[0].load(ordering: .acquiring)
        let next = meters.pointee.partPending[0].load(ordering: .acquiring)
        let word = Meters.entry(now) >= 0 ? now : next
        return (
            rigs.withLock { $0.of(Meters.generation(word)).rig }, Meters.entry(word)
        )
    }

    /// What there is to play as the audio thread has it now.
    ///
    /// > Any thread.
    public var rig: Rig { activeRig.rig }

    /// How often another rig took over.
    ///
    /// > Any thread.
    public var renewals: Int {
        Meters.generation(meters.pointee.partEntries[0].load(ordering: .acquiring))
    }

    var activeRig: ActiveRig { rigs.withLock { $0.of(renewals) } }

    /// The most sounds that another rig may have.
    public let soundLimit: Int

    /// Lets another rig take over while everything plays on. Sounds of the same patch and values keep their
    /// edits; entries go by their names. `masks` says which sources each mapping for one device is for. The loader
    /// carries it out; of several at once, the last.
    ///
    /// False, and nothing is done, where it has more sounds than there is room for.
    ///
    /// > Any thread but the audio thread.
    public func renew(_ rig: Rig, masks: [UInt64] = []) -> Bool {
        guard rig.sounds.count <= soundLimit else { return false }
        rigs.withLock { $0.pending = PendingRig(rig: rig, masks: masks) }
        return true
    }

    /// Whether the audio thread plays by the newest rig that was requested. [any]
    public var playsNewest: Bool {
        rigs.withLock { state in
            state.pending == nil && state.coming.map { $0.generation == renewals } ?? true
        }
    }

    /// What is wished for, until it is on its way.
    ///
    /// > Loader thread.
    package var pendingRig: PendingRig? { rigs.withLock { $0.pending } }

    /// Sends the tables of a rig to the audio thread.
    ///
    /// > Loader thread, while no other is on its way.
    func send(_ next: ActiveRig, _ tables: UnsafeMutablePointer<RigTables>) {
        rigs.withLock {
            $0.coming = next
            $0.pending = nil
        }
        deliveries.push(.rig(tables))
    }

    /// Takes back the tables before, once others have taken over. Whether they came.
    ///
    /// > Loader thread.
    package func takeFormer() -> Bool {
        guard let back = returned.pop() else { return false }
        Self.free(back.tables)
        rigs.withLock {
            if let coming = $0.coming { $0.active = coming }
            $0.coming = nil
        }
        return true
    }

    private static func free(_ tables: UnsafeMutablePointer<RigTables>) {
        tables.pointee.free()
        tables.deallocate()
    }

    /// How many places for sounds there are.
    package var soundCapacity: Int { standby.count }

    /// Chooses what a part sounds like at the start.
    ///
    /// > Control thread, before the first block.
    public func select(entry: Int, part: Int) {
        guard setup.rig.entries.indices.contains(entry) else { return }
        core.pointee.parts[part].pending = Int32(entry)
        meters.pointee.partPending[part].store(Meters.packed(entry, 0), ordering: .relaxed)
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
        activeRig.board.states.sources[index].store(mask, ordering: .relaxed)
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
            entry: partEntries(0).now, pending: partEntries(0).pending,
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
