import KairosControl
import KairosDSP

/// Events that wait for their frame. They act in one order: time stamp, event input, arrival.
///
/// They lie in a binary heap: adding one and removing one each take a number of steps in proportion to the logarithm of
/// their number. Each input has a share of the room, so that events that one input sends ahead keep out no other. Live,
/// the events taken in and those that act are limited for each block, by its length; the rest follow in the next blocks.
///
/// [audio], but for `init`, `add(_:)` and `deinit`.
struct EventQueue: ~Copyable {
    /// The greatest number of event inputs.
    static let inputLimit = 16
    /// The greatest number of events of one input that wait here; the rest wait in its ring.
    static let share = 4096
    /// The greatest number of events of one input that are taken in, and of events of all inputs that act, for each
    /// frame of a live block.
    static let eventsPerFrame = 4

    /// The event that acts next.
    struct Next {
        let event: Event
        /// The frame at which it acts. A change of a value may act earlier: it counts from the control tick on.
        let frame: Int
        /// The frame of its stamp.
        let due: Int
        /// True where it came when its frame was over.
        let isLate: Bool
        /// True where it changes values only, at the control tick at or after `frame`.
        let actsOnTick: Bool
    }

    // Not private: Swift 6.3.1 then fails in debug builds, where another file destroys the queue.
    struct Entry: BitwiseCopyable {
        /// The event's time stamp, in nanoseconds.
        var stamp: UInt64
        /// The order of events with the same stamp: the event input's number in bits 56…63, the arrival below.
        var order: UInt64
        /// The frame at which it can act, and the frame of its stamp.
        var frame: Int
        var due: Int
        /// The index of the ring that it came through.
        var ring: Int
        var event: Event

        func isBefore(_ other: Entry) -> Bool {
            stamp != other.stamp ? stamp < other.stamp : order < other.order
        }
    }

    private var rings: FixedArray<Unmanaged<Ring<Event>>>
    /// The number of events of each ring that wait here.
    private var waiting: FixedArray<Int>
    private var ringCount = 0
    private var heap: FixedArray<Entry>
    private var count = 0
    private var arrivals: UInt64 = 0
    /// The event that acts next. It is removed from the heap, so that no later event can come before it.
    private(set) var next: Next?
    private var lastActed = 0
    /// The last sixteen frames at which a sub-block was split.
    private var splits = InlineArray<16, Int>(repeating: .min / 2)
    private var splitCursor = 0
    /// The number of entries that were moved since the start. Tests measure the queue's work by it.
    private(set) var steps = 0

    init() {
        rings = FixedArray(count: 0) { _ in preconditionFailure("there is no input yet") }
        waiting = FixedArray(count: Self.inputLimit, repeating: 0)
        heap = FixedArray(copying: [])
    }

    /// Adds an input. The engine keeps the ring. [control], before the first block
    mutating func add(_ ring: Ring<Event>) {
        precondition(ringCount < Self.inputLimit, "an engine has 16 event inputs")
        rings = FixedArray(count: ringCount + 1) { $0 < ringCount ? rings[$0] : .passUnretained(ring) }
        ringCount += 1
        let none = Entry(stamp: 0, order: 0, frame: 0, due: 0, ring: 0, event: Event(.panic))
        // Written here, so that the pages are mapped before the audio thread needs them.
        heap = FixedArray(count: ringCount * Self.share, repeating: none)
    }

    /// Takes in the events of the inputs, at most `limit` of each. Returns their number.
    mutating func takeIn(_ timebase: Timebase, clock: Int, limit: Int) -> Int {
        var taken = 0
        for ring in 0..<ringCount {
            var left = min(limit, Self.share - waiting[ring])
            while left > 0, let event = rings[ring]._withUnsafeGuaranteedRef({ $0.pop() }) {
                let due = min(max(timebase.frame(of: event.stamp), -Self.farthest), Self.farthest)
                taken += 1
                left -= 1
                arrivals &+= 1
                waiting[ring] += 1
                insert(
                    Entry(
                        stamp: event.stamp, order: UInt64(event.input) << 56 | arrivals,
                        frame: max(due, clock),
                        due: due, ring: ring, event: event))
            }
        }
        return taken
    }

    /// No frame is further from 0 than this, so that sums of frames stay in range.
    private static let farthest = 1 << 62

    /// The first event, where it is due before `end`; nil where ``next`` is set already.
    func first(before end: Int) -> Event? {
        next == nil && count > 0 && heap[0].frame < end ? heap[0].event : nil
    }

    /// Makes the first event the next one, and decides the frame at which it acts.
    mutating func stage(actsOnTick: Bool) {
        let entry = removeFirst()
        waiting[entry.ring] -= 1
        let frame = max(entry.frame, lastActed)
        next = Next(
            event: entry.event, frame: actsOnTick ? frame : splitFrame(frame), due: entry.due,
            isLate: entry.due < entry.frame, actsOnTick: actsOnTick)
    }

    /// Removes the next event, which acts now.
    mutating func finish() {
        if let next { lastActed = next.frame }
        next = nil
    }

    /// The frame at which an event that splits the sub-block acts: its own, or the next control tick where there were
    /// 16 splits within 64 frames already, so that chords stay together.
    private mutating func splitFrame(_ frame: Int) -> Int {
        let isNew = splits[(splitCursor + 15) & 15] != frame
        guard isNew, frame % SubBlock.controlTick != 0 else { return frame }
        if splits[splitCursor] > frame - SubBlock.longest { return EngineClock.tick(from: frame) }
        splits[splitCursor] = frame
        splitCursor = (splitCursor + 1) & 15
        return frame
    }

    // MARK: the heap

    private mutating func insert(_ entry: Entry) {
        var place = count
        count += 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            heap[place] = heap[parent]
            place = parent
            steps &+= 1
        }
        heap[place] = entry
        steps &+= 1
    }

    private mutating func removeFirst() -> Entry {
        let first = heap[0]
        count -= 1
        let last = heap[count]
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < count else { break }
            if child + 1 < count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(last) else { break }
            heap[place] = heap[child]
            place = child
            steps &+= 1
        }
        heap[place] = last
        steps &+= 1
        return first
    }
}
