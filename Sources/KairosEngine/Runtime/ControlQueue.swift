import KairosDSP

/// Changes of control values that wait for their control tick, in the order in which they were made. Of several for
/// one target and tick the last value counts, at the place of the first.
///
/// Adding a change and removing one each take constant time, however many wait: a hash table finds the change that is
/// overwritten.
///
/// [audio], but for `init` and `deinit`.
struct ControlQueue: ~Copyable {
    /// The greatest number of waiting changes. Events are performed at most 64 frames ahead, so this is 400 targets in
    /// each tick.
    static let capacity = 2048
    /// The number of cells of the hash table: twice as many as changes, a power of two.
    private static let cellCount = 4096

    private var waiting: FixedArray<ControlChange>
    private var count = 0
    /// The changes that were removed last.
    private var taken: FixedArray<ControlChange>
    /// The hash table. A cell is 0 where it is empty; otherwise the index of a change in `waiting`, plus 1.
    private var cells: FixedArray<UInt16>
    /// The earliest tick at which a change acts; `Int.max` where none waits.
    private(set) var nextDue = Int.max
    /// The number of changes and cells that were examined since the start. Tests measure the queue's work by it.
    private(set) var steps = 0

    init() {
        let none = ControlChange(target: .notePressure(0), value: 0, due: 0)
        waiting = FixedArray(count: Self.capacity, repeating: none)
        taken = FixedArray(count: Self.capacity, repeating: none)
        cells = FixedArray(count: Self.cellCount, repeating: 0)
    }

    /// Adds a change. False, and nothing is done, where the queue is full: the caller removes changes first.
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

    /// Removes every change that is due at `frame` or before. Returns their number; ``subscript(_:)`` has them.
    mutating func pop(dueBy frame: Int) -> Int {
        guard nextDue <= frame else { return 0 }
        var due = 0
        rebuild { change, taken in
            guard change.due <= frame else { return change }
            taken[due] = change
            due += 1
            return nil
        }
        return due
    }

    /// A change that the last ``pop(dueBy:)`` removed, in the order in which they were made.
    subscript(_ index: Int) -> ControlChange { taken[index] }

    /// Changes the targets of the changes for one instance; drops those whose new target is nil.
    mutating func retarget(_ instance: InstanceAddress, _ target: (ControlTarget) -> ControlTarget?) {
        guard count > 0 else { return }
        rebuild { change, _ in
            guard change.target.instance == instance else { return change }
            var change = change
            guard let new = target(change.target) else { return nil }
            change.target = new
            return change
        }
    }

    /// Replaces every change by the result of `body`, in the same order; drops those where it is nil. `body` may write
    /// to ``taken``.
    private mutating func rebuild(
        _ body: (ControlChange, inout FixedArray<ControlChange>) -> ControlChange?
    ) {
        let before = count
        for place in 0..<before {
            // The other cells on the way belong to other changes of the queue, which are removed as well.
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
            guard let change = body(waiting[place], &taken) else { continue }
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

    /// The cell at which the search for a change begins.
    private static func cell(_ change: ControlChange) -> Int {
        let tick = UInt64(truncatingIfNeeded: change.due &>> 4)
        return Int(truncatingIfNeeded: (change.target.hash ^ tick &* 0x9e37_79b9_7f4a_7c15) >> 32)
            & (cellCount - 1)
    }
}
