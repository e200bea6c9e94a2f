import CRealtime
import KairosControl
import KairosDSP
import Synchronization

/// What an engine is made for.
public struct EngineSetup: Sendable {
    /// How program changes are read.
    public enum Mode: String, Sendable, CaseIterable {
        /// A program change selects an entry for the one part, whatever its channel.
        case entry
        /// Each MIDI channel is a part with its own program.
        case multi
    }

    /// An entry: a number that selects it.
    public struct Entry: Sendable {
        /// Bank × 128 + program, or nil when no program change reaches it.
        public var number: Int?

        /// An entry with a number.
        public init(number: Int?) { self.number = number }
    }

    /// Frames a second.
    public var sampleRate: Double
    /// How program changes are read.
    public var mode: Mode
    /// In the order of next and previous.
    public var entries: [Entry]
    /// The frequency of key 69, in hertz.
    public var tune: Double
    /// Semitones added to every key.
    public var transpose: Int

    /// A setup.
    public init(
        sampleRate: Double = 48_000, mode: Mode = .entry, entries: [Entry] = [], tune: Double = 440,
        transpose: Int = 0
    ) {
        self.sampleRate = sampleRate
        self.mode = mode
        self.entries = entries
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

    private let core: UnsafeMutablePointer<EngineCore>
    private let meters: UnsafeMutablePointer<Meters>
    private let deliveries = Ring<Delivery>(capacity: Engine.programLimit)
    private let retired = Ring<Delivery>(capacity: Engine.programLimit)
    private let reportRing = Ring<Report>(capacity: 4096)
    private var doors: [Ring<Event>] = []
    private var live = 0

    /// An engine that is silent until programs are delivered and an entry is chosen.
    public init(_ setup: EngineSetup) {
        self.setup = setup
        meters = .allocate(capacity: 1)
        meters.initialize(to: Meters())
        core = .allocate(capacity: 1)
        core.initialize(
            to: EngineCore(
                setup, deliveries: deliveries, retired: retired, reports: reportRing, meters: meters))
    }

    deinit {
        while reclaim() != nil {}
        for index in 0..<EngineCore.slotCount {
            if let program = core.pointee.slots[index].program {
                Unmanaged<Program>.fromOpaque(program).release()
            }
        }
        for entry in 0..<core.pointee.entryCount {
            for place in 0..<Int(core.pointee.shelved[entry]) {
                let delivery = core.pointee.shelf[entry * EngineCore.shelfDepth + place]
                Unmanaged<Program>.fromOpaque(delivery.program).release()
            }
        }
        while let delivery = deliveries.pop() { Unmanaged<Program>.fromOpaque(delivery.program).release() }
        core.pointee.free()
        core.deallocate()
        meters.deinitialize(count: 1)
        meters.deallocate()
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
    /// > Audio thread. It allocates nothing, locks nothing, waits for nothing.
    public func render(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {
        crt_realtime_enter()
        core.pointee.render(left: left, right: right, frames: frames, timebase: timebase, ceiling: true)
        crt_realtime_exit()
    }

    /// Like ``render(left:right:frames:timebase:)``, but before the ceiling: the sum of the parts.
    ///
    /// > Audio thread.
    public func renderSum(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {
        crt_realtime_enter()
        core.pointee.render(left: left, right: right, frames: frames, timebase: timebase, ceiling: false)
        crt_realtime_exit()
    }

    // MARK: the loader's side

    /// Hands a program over. False when too many are out: its place on the way back would not be certain.
    ///
    /// > Loader thread.
    func deliver(_ program: Program) -> Bool {
        guard live < Engine.programLimit else { return false }
        live += 1
        let delivery = Delivery(
            program: Unmanaged.passRetained(program).toOpaque(), core: program.core,
            entry: Int32(program.entry))
        deliveries.push(delivery)
        return true
    }

    /// A program that has come back, or nil.
    ///
    /// > Loader thread.
    func reclaim() -> Program? {
        guard let delivery = retired.pop() else { return nil }
        live -= 1
        return Unmanaged<Program>.fromOpaque(delivery.program).takeRetainedValue()
    }

    /// How many programs of `entry` have left the shelf, ever.
    ///
    /// > Loader thread.
    func taken(_ entry: Int) -> Int { core.pointee.taken[entry].load(ordering: .acquiring) }

    /// Chooses what a part sounds like at the start.
    ///
    /// > Control thread, before the first block.
    public func select(entry: Int, part: Int) { core.pointee.parts[part].pending = Int32(entry) }

    /// The audio thread's next report, or nil.
    ///
    /// > One thread of the control side.
    public func nextReport() -> Report? { reportRing.pop() }

    /// Which sources a mapping is for: bit n is source n.
    ///
    /// > Control thread.
    public func setSources(_ mask: UInt64, ofMapping index: Int) {
        guard index < 16 else { return }
        meters.pointee.mappingSources[index].store(mask, ordering: .relaxed)
    }

    /// A look at the engine.
    ///
    /// > Any thread.
    public var status: EngineStatus {
        EngineStatus(
            voices: meters.pointee.voices.load(ordering: .relaxed),
            mostVoices: meters.pointee.mostVoices.load(ordering: .relaxed),
            slots: meters.pointee.slots.load(ordering: .relaxed),
            clock: meters.pointee.clock.load(ordering: .relaxed),
            entry: meters.pointee.entry.load(ordering: .relaxed),
            lateEvents: meters.pointee.late.load(ordering: .relaxed),
            events: meters.pointee.events.load(ordering: .relaxed),
            changes: meters.pointee.changes.load(ordering: .relaxed),
            peak: Float(bitPattern: meters.pointee.peak.exchange(0, ordering: .relaxed)))
    }
}
