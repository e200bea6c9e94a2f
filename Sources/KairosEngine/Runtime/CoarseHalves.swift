import KairosControl

/// The coarse half of a 14-bit controller whose fine half has not come.
struct CoarseHalf: BitwiseCopyable, Sendable {
    /// The message that brought it.
    let event: Event
    /// What it was addressed to.
    let address: Address
    /// The frame, a control tick, from which on it is the whole value.
    let due: Int
}

/// Controls whose coarse half waits for its fine half, in the order in which their waits end. There is one cell for
/// each control, so that none is ever lost. Every operation takes constant time.
///
/// > [audio], but for `init` and `free`.
struct CoarseHalves: @unchecked Sendable {
    private struct Cell: BitwiseCopyable {
        var half: CoarseHalf
        var before: Int32
        var after: Int32
        var isWaiting: Bool
    }

    private let cells: UnsafeMutablePointer<Cell>
    private let count: Int
    /// The ends of the list through the cells; −1 where none waits.
    private var first: Int32 = -1
    private var last: Int32 = -1

    /// For so many controls.
    init(controls: Int) {
        count = controls
        cells = .allocate(capacity: max(1, controls))
        let nothing = CoarseHalf(event: Event(.control), address: Address(home: 0, line: 0), due: .max)
        cells.initialize(
            repeating: Cell(half: nothing, before: -1, after: -1, isWaiting: false), count: max(1, controls))
    }

    func free() { cells.deallocate() }

    /// The frame at which the first wait ends; `Int.max` where none waits.
    var nextDue: Int { first < 0 ? .max : cells[Int(first)].half.due }

    /// Lets a control's half wait, from now on. Its end may not be before that of another.
    mutating func hold(_ control: Int, _ half: CoarseHalf) {
        drop(control)
        cells[control] = Cell(half: half, before: last, after: -1, isWaiting: true)
        if last >= 0 { cells[Int(last)].after = Int32(control) } else { first = Int32(control) }
        last = Int32(control)
    }

    /// A control's half waits no longer.
    mutating func drop(_ control: Int) {
        guard cells[control].isWaiting else { return }
        let (before, after) = (cells[control].before, cells[control].after)
        if before >= 0 { cells[Int(before)].after = after } else { first = after }
        if after >= 0 { cells[Int(after)].before = before } else { last = before }
        cells[control].isWaiting = false
    }

    /// Takes out the next control whose wait has ended by `frame`, or nil.
    mutating func next(dueBy frame: Int) -> (control: Int, half: CoarseHalf)? {
        guard nextDue <= frame else { return nil }
        let control = Int(first), half = cells[control].half
        drop(control)
        return (control, half)
    }

    /// Lets what waits in other tables wait here. `places` says what each of their controls is here, or −1.
    mutating func takeOver(_ old: CoarseHalves, places: UnsafeMutablePointer<Int32>) {
        var control = old.first
        while control >= 0 {
            let cell = old.cells[Int(control)]
            if places[Int(control)] >= 0 { hold(Int(places[Int(control)]), cell.half) }
            control = cell.after
        }
    }
}
