import KairosControl
import KairosDSP

/// Events that wait for their frame. They act in one order: time stamp, event input, arrival.
///
/// They lie in a binary heap: adding one and taking one out each take steps in proportion to the logarithm of how many
/// wait. Each input has a share of the room, so that what one input sends ahead keeps out no other. Live, the
/// events taken in and those that act are limited for each block, by its length; the rest follow in the next blocks.
///
/// > [audio], but for `init`, `add(_:)` and `deinit`.
struct EventQueue: ~Copyable {
    /// How many event inputs there can be.
    static let inputLimit = 16
    /// How many events of one input wait at most; the rest wait in its ring.
    static let share = 4096
    /// How many events of one input are taken in, and how many of all inputs act, in each frame of a live block.
    static let eventsPerFrame = 4

    /// The event that acts next.
    struct Next {
        let event: Event
        /// The frame at which it acts. A change of a value may act earlier: it counts from the control tick on.
        let frame: Int
        /// Where its stamp puts it.
        let due: Int
        /// Whether it came when its frame was over.
        let isLate: Bool
        /// Whether it changes values alone, at the control tick at or after `frame`.
        let actsOnTick: Bool
    }

    private struct Entry {
        var stamp: UInt64
        /// The event input's number, then the arrival.
        var order: UInt64
        var frame: Int
        var due: Int
        var ring: Int
        var event: Event

        func isBefore(_ other: Entry) -> Bool {
            stamp != other.stamp ? stamp < other.stamp : order < other.order
        }
    }

    private let rings: UnsafeMutablePointer<Unmanaged<Ring<Event>>>
    /// How many events of each ring wait here.
    private let waiting: UnsafeMutablePointer<Int>
    private var ringCount = 0
    private var heap: UnsafeMutablePointer<Entry>
    private var count = 0
    private var arrivals: UInt64 = 0
    /// Taken out of the heap: nothing that comes later is put before it.
    private(set) var next: Next?
    private var lastActed = 0
    /// The last sixteen frames at which a sub-block was split.
    private var splits = InlineArray<16, Int>(repeating: .min / 2)
    private var splitCursor = 0
    /// Entries that were moved, ever: what the queue's work is measured by.
    private(set) var steps = 0

    init() {
        rings = .allocate(capacity: Self.inputLimit)
        waiting = .allocate(capacity: Self.inputLimit)
        waiting.initialize(repeating: 0, count: Self.inputLimit)
        heap = .allocate(capacity: 1)
    }

    deinit {
        rings.deallocate()
        waiting.deallocate()
        heap.deallocate()
    }

    /// One more input. The engine keeps the ring.
    ///
    /// > [control], before the first block.
    mutating func add(_ ring: Ring<Event>) {
        precondition(ringCount < Self.inputLimit, "an engine has 16 event inputs")
        (rings + ringCount).initialize(to: .passUnretained(ring))
        ringCount += 1
        heap.deallocate()
        heap = .allocate(capacity: ringCount * Self.share)
        let none = Entry(stamp: 0, order: 0, frame: 0, due: 0, ring: 0, event: Event(.panic))
        // Touched here, so that its pages are there before they are needed.
        heap.initialize(repeating: none, count: ringCount * Self.share)
    }

    /// Takes in what the inputs brought, at most `limit` events of each. Returns how many.
    mutating func takeIn(_ timebase: Timebase, clock: Int, limit: Int) -> Int {
        var taken = 0
        for ring in 0..<ringCount {
            var left = min(limit, Self.share - waiting[ring])
            while left > 0, let event = rings[ring]._withUnsafeGuaranteedRef({ $0.pop() }) {
                let due = min(max(timebase.frame(of: event.stamp), -Self.farthest), Self.farthest)
                taken += 1
                left -= 1
                arrivals &+= 1
                (waiting + ring).pointee += 1
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

    /// The first event, where it is due before `end`; nil where one has been made the next already.
    func first(before end: Int) -> Event? {
        next == nil && count > 0 && heap[0].frame < end ? heap[0].event : nil
    }

    /// Makes the first event the next, and settles at which frame it acts.
    mutating func stage(actsOnTick: Bool) {
        let entry = removeFirst()
        (waiting + entry.ring).pointee -= 1
        let frame = max(entry.frame, lastActed)
        next = Next(
            event: entry.event, frame: actsOnTick ? frame : splitFrame(frame), due: entry.due,
            isLate: entry.due < entry.frame, actsOnTick: actsOnTick)
    }

    /// The next event acts now.
    mutating func finish() {
        if let next { lastActed = next.frame }
        next = nil
    }

    /// More than 16 splits within 64 frames: the rest wait for the control tick, so that chords stay together.
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
