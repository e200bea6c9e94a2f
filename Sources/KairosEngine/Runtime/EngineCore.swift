import KairosControl
import KairosDSP
import Synchronization

/// All that the audio thread owns: slots, parts, shelf, held notes, events that wait. Flat and of fixed size.
struct EngineCore {
    static let slotCount = 64
    static let partCount = 16
    static let shelfDepth = 16
    static let pendingCapacity = 8192
    static let deferredCapacity = 2048

    struct Waiting {
        var frame: Int
        var order: UInt64
        var event: Event
    }

    struct Number {
        /// Bank × 128 + program.
        var number: UInt32
        var entry: Int32
    }

    let sampleRate: Float
    let multi: Bool
    let slots: UnsafeMutablePointer<Slot>
    let parts: UnsafeMutablePointer<Part>
    let channels: UnsafeMutablePointer<Channel>
    let shelf: UnsafeMutablePointer<Delivery>
    let shelved: UnsafeMutablePointer<Int32>
    /// How many programs of each entry have left the shelf, ever.
    let taken: UnsafeMutablePointer<Atomic<Int>>
    /// When each entry first became active in each part; −1 before. Free phases count from there, so that
    /// they do not care whether the entry rang or rested in between.
    let epochs: UnsafeMutablePointer<Int>
    let entryCount: Int
    let numbers: UnsafeMutablePointer<Number>
    let numberCount: Int
    let waiting: UnsafeMutablePointer<Waiting>
    let deferred: UnsafeMutablePointer<Deferred>
    let left: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>
    let doors: UnsafeMutablePointer<Unmanaged<Ring<Event>>>
    let deliveries: Unmanaged<Ring<Delivery>>
    let retired: Unmanaged<Ring<Delivery>>
    let reports: Unmanaged<Ring<Report>>
    let meters: UnsafeMutablePointer<Meters>
    let tune: Float
    let transpose: Float
    let controlGlide: Int
    var notes = NoteTable()
    var doorCount = 0
    var clock = 0
    var waitingFirst = 0
    var waitingCount = 0
    var deferredCount = 0
    var arrivals: UInt64 = 0
    var serial: UInt32 = 0
    var generation: UInt32 = 0
    /// The frame at which the event at the head acts, once that is worked out; −1 before.
    var headFrame = -1
    var lastActed = 0
    var recentCuts = InlineArray<16, Int>(repeating: .min / 2)
    var cutCursor = 0

    init(
        _ setup: EngineSetup, deliveries: Ring<Delivery>, retired: Ring<Delivery>, reports: Ring<Report>,
        meters: UnsafeMutablePointer<Meters>
    ) {
        func room<T>(_ count: Int, _ value: T) -> UnsafeMutablePointer<T> {
            let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
            memory.initialize(repeating: value, count: max(1, count))
            return memory
        }
        sampleRate = Float(setup.sampleRate)
        multi = setup.mode == .multi
        slots = room(Self.slotCount, Slot())
        parts = room(Self.partCount, Part())
        channels = room(16, Channel())
        entryCount = setup.entries.count
        // Any pointer will do where nothing is shelved: `shelved` says what counts.
        let nowhere = UnsafeMutableRawPointer(slots)
        shelf = room(
            entryCount * Self.shelfDepth,
            Delivery(program: nowhere, core: nowhere.assumingMemoryBound(to: ProgramCore.self), entry: -1))
        shelved = room(entryCount, Int32(0))
        epochs = room(entryCount * Self.partCount, -1)
        taken = .allocate(capacity: max(1, entryCount))
        for entry in 0..<entryCount { (taken + entry).initialize(to: Atomic(0)) }
        let numbered = setup.entries.enumerated().compactMap { index, entry in
            entry.number.map { Number(number: UInt32($0), entry: Int32(index)) }
        }.sorted { $0.number < $1.number }
        numberCount = numbered.count
        numbers = room(numbered.count, Number(number: 0, entry: 0))
        for (index, number) in numbered.enumerated() { numbers[index] = number }
        waiting = room(Self.pendingCapacity, Waiting(frame: 0, order: 0, event: Event(.panic)))
        deferred = room(Self.deferredCapacity, Deferred(kind: .param, due: 0))
        left = room(Piece.longest, 0)
        right = room(Piece.longest, 0)
        doors = .allocate(capacity: 16)
        self.deliveries = .passUnretained(deliveries)
        self.retired = .passUnretained(retired)
        self.reports = .passUnretained(reports)
        self.meters = meters
        tune = 12 * log2Precise(Float(setup.tune) / 440)
        transpose = Float(setup.transpose)
        controlGlide = Int(0.01 * setup.sampleRate)
    }

    func free() {
        slots.deallocate()
        parts.deallocate()
        channels.deallocate()
        shelf.deallocate()
        shelved.deallocate()
        taken.deallocate()
        epochs.deallocate()
        numbers.deallocate()
        waiting.deallocate()
        deferred.deallocate()
        left.deallocate()
        right.deallocate()
        doors.deallocate()
        notes.free()
    }

    func report(_ report: Report) {
        var report = report
        if report.frame < 0 { report.frame = clock }
        reports._withUnsafeGuaranteedRef { _ = $0.push(report) }
    }

    /// The entry with this bank and program, or −1.
    func entry(number: UInt32) -> Int32 {
        var low = 0, high = numberCount
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < numberCount && numbers[low].number == number ? numbers[low].entry : -1
    }

    func part(of channel: UInt8) -> Int { multi ? Int(channel & 15) : 0 }
}
