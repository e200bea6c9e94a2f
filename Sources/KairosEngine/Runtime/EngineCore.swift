import KairosCompiler
import KairosControl
import KairosDSP
import Synchronization

/// All that the audio thread owns: slots, parts, standby pool, held notes, events that wait. Flat and of fixed size.
struct EngineCore: ~Copyable {
    static let slotCount = 64
    static let partCount = 16
    /// One for each channel, and one for what hears any.
    static let stripCount = 17
    /// The sum behind those of the strips: what ends together with the master effects that it feeds.
    static let outgoing = stripCount
    static let poolDepth = 16

    let sampleRate: Float
    let multi: Bool
    /// Costs are measured, and a change that would overload is made room for.
    let isLive: Bool
    /// Nanoseconds that one frame may take.
    let frameBudget: Float
    // What these point to is changed in place by `(slots + n).pointee.x += 1`, not by `slots[n].x += 1`: for
    // ThreadSanitizer, Swift 6.3 makes invalid code of the second where the pointer is a constant of a noncopyable type.
    let slots: UnsafeMutablePointer<Slot>
    let parts: UnsafeMutablePointer<Part>
    let strips: UnsafeMutablePointer<Strip>
    /// For each strip, and for what is outgoing, 64 frames on the left, then on the right.
    let stripSums: UnsafeMutablePointer<Float>
    let lines: UnsafeMutablePointer<Line>
    let zones: UnsafeMutablePointer<Zones>
    /// What tuning messages made of each key of each tuning program; not a number where they said nothing.
    let tunings: UnsafeMutablePointer<Float>
    /// What can be played.
    var rig: UnsafeMutablePointer<RigTables>
    /// What could be before, until that is published.
    var former: UnsafeMutablePointer<RigTables>?
    let pool: UnsafeMutablePointer<Delivery>
    let pooled: UnsafeMutablePointer<Int32>
    let standby: StandbyState
    let left: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>
    let deliveries: Unmanaged<Ring<Parcel>>
    let withdrawals: Unmanaged<Ring<Int32>>
    let retired: Unmanaged<Ring<Delivery>>
    let returned: Unmanaged<Ring<ReturnedTables>>
    let reports: Unmanaged<Ring<Report>>
    let meters: UnsafeMutablePointer<Meters>
    let board: ValueBoard
    let tune: Float
    let transpose: Int
    let controlGlide: Int
    /// A bit for each strip that something came into in this piece, and for each whose volume or pan moves.
    var sounding: UInt32 = 0
    var moving: UInt32 = 0
    var effects = MasterEffects()
    /// The master effects to come take over from another, or from none, while the parts may sound.
    var masterChanges = false
    var master = Strip()
    /// Semitones that the master's fine and coarse tuning add, as notes that sound have it.
    var masterTuning: Float = 0
    var masterFine: Float = 0
    var masterCoarse: Float = 0
    var transport: Transport
    var notes = NoteTable()
    var eventQueue = EventQueue()
    var controlQueue = ControlQueue()
    /// One past the last slot that is not free.
    var slotEnd = 0
    var clock = 0
    /// Edits whose leftovers have left the standby pool.
    var editsSeen = 0
    /// One past the last slot whose program is published.
    var publishedEnd = 0
    /// Whether tuning messages came since the tunings were copied last.
    var areTuningsNew = false
    var serial: UInt32 = 0
    var generation: UInt32 = 0
    /// How many more events may act in this block.
    var eventsLeft = 0
    /// Which slot's modules are timed next.
    var profiled = 0
    /// Which control's place was published last.
    var publishCursor = 0

    init(
        _ setup: EngineSetup, standby: StandbyState, tables: UnsafeMutablePointer<RigTables>,
        deliveries: Ring<Parcel>, withdrawals: Ring<Int32>, retired: Ring<Delivery>,
        returned: Ring<ReturnedTables>, reports: Ring<Report>, meters: UnsafeMutablePointer<Meters>,
        board: ValueBoard
    ) {
        func room<T>(_ count: Int, _ value: T) -> UnsafeMutablePointer<T> {
            let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
            memory.initialize(repeating: value, count: max(1, count))
            return memory
        }
        sampleRate = Float(setup.sampleRate)
        multi = setup.mode == .multi
        isLive = setup.isLive
        frameBudget = Float(setup.loadLimit * 1e9 / setup.sampleRate)
        slots = room(Self.slotCount, Slot())
        parts = room(Self.partCount, Part())
        strips = room(Self.stripCount, Strip())
        stripSums = room((Self.stripCount + 1) * 2 * SubBlock.longest, 0)
        lines = room(Self.lineCount, Line())
        zones = room(Event.sourceLimit, Zones())
        tunings = room(128 * 128, .nan)
        self.rig = tables
        transport = Transport(meter: setup.rig.meter, sampleRate: setup.sampleRate)
        // Any pointer will do where nothing is pooled: `pooled` says what counts.
        let nowhere = UnsafeMutableRawPointer(slots)
        pool = room(
            standby.count * Self.poolDepth,
            Delivery(program: nowhere, core: nowhere.assumingMemoryBound(to: InstanceCore.self), sound: -1))
        pooled = room(standby.count, Int32(0))
        self.standby = standby
        left = room(SubBlock.longest, 0)
        right = room(SubBlock.longest, 0)
        self.deliveries = .passUnretained(deliveries)
        self.withdrawals = .passUnretained(withdrawals)
        self.retired = .passUnretained(retired)
        self.returned = .passUnretained(returned)
        self.reports = .passUnretained(reports)
        self.meters = meters
        self.board = board
        tune = 12 * log2Precise(Float(setup.tune) / 440)
        transpose = setup.transpose
        controlGlide = Int(0.01 * setup.sampleRate)
    }

    func free() {
        slots.deallocate()
        parts.deallocate()
        strips.deallocate()
        stripSums.deallocate()
        lines.deallocate()
        zones.deallocate()
        tunings.deallocate()
        pool.deallocate()
        pooled.deallocate()
        left.deallocate()
        right.deallocate()
        notes.free()
        rig.pointee.free()
        rig.deallocate()
        former?.pointee.free()
        former?.deallocate()
    }

    func report(_ report: Report) {
        var report = report
        if report.frame < 0 { report.frame = clock }
        reports._withUnsafeGuaranteedRef { _ = $0.push(report) }
    }

    /// The part that plays what comes on a channel.
    func part(of channel: UInt8) -> Int { multi ? Int(channel & 15) : 0 }

    var liveParts: Int { multi ? Self.partCount : 1 }
}
