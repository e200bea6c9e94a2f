/// A change of a control value that waits for a control tick.
struct ControlChange: BitwiseCopyable, Sendable {
    /// What it acts on.
    var target: ControlTarget
    /// In the target's own unit.
    let value: Float
    /// The frame at which it acts: a control tick.
    let due: Int
}

/// Changes of control values that wait for their control tick, in the order in which they were made. Of several for
/// one target and tick the last value counts, at the place of the first.
///
/// Adding a change and taking one out each take constant time, however many wait: a hash table finds the change that
/// is overwritten.
///
/// > [audio], but for `init` and `deinit`.
struct ControlQueue: ~Copyable {
    /// How many changes can wait. Events are performed at most 64 frames ahead, so this is 400 targets in each tick.
    static let capacity = 2048
    /// Cells of the hash table: twice as many as changes, a power of two.
    private static let cellCount = 4096

    private let waiting: UnsafeMutablePointer<ControlChange>
    private var count = 0
    /// What was taken out last.
    private let taken: UnsafeMutablePointer<ControlChange>
    /// One more than a change's place in `waiting`; 0 where the cell is empty.
    private let cells: UnsafeMutablePointer<UInt16>
    /// The earliest tick at which a change acts; `Int.max` where none waits.
    private(set) var nextDue = Int.max
    /// Changes and cells that were looked at, ever: what the queue's work is measured by.
    private(set) var steps = 0

    init() {
        let none = ControlChange(target: .notePressure(0), value: 0, due: 0)
        waiting = .allocate(capacity: Self.capacity)
        waiting.initialize(repeating: none, count: Self.capacity)
        taken = .allocate(capacity: Self.capacity)
        taken.initialize(repeating: none, count: Self.capacity)
        cells = .allocate(capacity: Self.cellCount)
        cells.initialize(repeating: 0, count: Self.cellCount)
    }

    deinit {
        waiting.deallocate()
        taken.deallocate()
        cells.deallocate()
    }

    /// Adds a change. False, and nothing is done, where the queue is full: then the caller takes changes out first.
    mutating func add(_ change: ControlChange) -> Bool {
        var cell = Self.cell(change)
        while cells[cell] != 0 {
            let place = Int(cells[cell]) - 1
            if waiting[place].due == change.due, waiting[place].target == change.target {
                waiting[place] = change
                return true
            }
            cell = (cell + 1) & (Self.cellCount - 1)
            steps &+= 1
        }
        guard count < Self.capacity else { return false }
        steps &+= 1
        waiting[count] = change
        count += 1
        cells[cell] = UInt16(count)
        nextDue = min(nextDue, change.due)
        return true
    }

    /// Takes out every change that is due at `frame` or before. Returns how many: see ``subscript(_:)``.
    mutating func pop(dueBy frame: Int) -> Int {
        guard nextDue <= frame else { return 0 }
        let taken = taken
        var due = 0
        rebuild { change in
            guard change.due <= frame else { return change }
            taken[due] = change
            due += 1
            return nil
        }
        return due
    }

    /// A change that was taken out last, in the order in which they were made.
    subscript(_ index: Int) -> ControlChange { taken[index] }

    /// Gives the changes for one instance other targets, or drops those that have none any more.
    mutating func retarget(_ instance: InstanceAddress, _ target: (ControlTarget) -> ControlTarget?) {
        guard count > 0 else { return }
        rebuild { change in
            guard change.target.instance == instance else { return change }
            var change = change
            guard let new = target(change.target) else { return nil }
            change.target = new
            return change
        }
    }

    /// Looks at every change once: what `body` makes of it stays, in the same order.
    private mutating func rebuild(_ body: (ControlChange) -> ControlChange?) {
        let before = count
        for place in 0..<before {
            // Whatever lies in its way belongs to another change of the queue and goes too.
            var cell = Self.cell(waiting[place])
            while cells[cell] != 0 {
                cells[cell] = 0
                cell = (cell + 1) & (Self.cellCount - 1)
                steps &+= 1
            }
        }
        count = 0
        nextDue = .max
        for place in 0..<before {
            guard let change = body(waiting[place]) else { continue }
            waiting[count] = change
            count += 1
            nextDue = min(nextDue, change.due)
            var cell = Self.cell(change)
            while cells[cell] != 0 {
                cell = (cell + 1) & (Self.cellCount - 1)
                steps &+= 1
            }
            cells[cell] = UInt16(count)
            steps &+= 1
        }
    }

    /// Where the search for a change begins.
    private static func cell(_ change: ControlChange) -> Int {
        let tick = UInt64(truncatingIfNeeded: change.due &>> 4)
        return Int(truncatingIfNeeded: (change.target.hash ^ tick &* 0x9e37_79b9_7f4a_7c15) >> 32)
            & (cellCount - 1)
    }
}
