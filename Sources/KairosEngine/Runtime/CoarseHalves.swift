import KairosControl
import KairosDSP

/// The coarse half of a 14-bit controller whose fine half has not come.
struct CoarseHalf: BitwiseCopyable, Sendable {
    /// The message that brought it.
    let event: Event
    /// What it was addressed to.
    let address: ChannelAddress
    /// The frame, a control tick, from which on it is the whole value.
    let due: Int
}

/// Controls whose coarse half waits for its fine half, in the order in which their waits end. There is one cell for
/// each control, so that none is ever lost. Every operation takes constant time.
///
/// > [audio], but for `init` and `deinit`.
struct CoarseHalves: ~Copyable {
    // Not private: for a private element of an array that another file destroys, Swift 6.3 makes invalid code in
    // debug builds.
    struct Cell: BitwiseCopyable {
        var half: CoarseHalf
        /// The controls whose waits end before and after.
        var before: Int32?
        var after: Int32?
        var isWaiting: Bool
    }

    private var cells: FixedArray<Cell>
    /// The ends of the list through the cells; nil where none waits.
    private var first: Int32?
    private var last: Int32?

    /// One cell for each control.
    init(controls: Int) {
        let nothing = CoarseHalf(
            event: Event(.control), address: ChannelAddress(home: 0, state: 0), due: .max)
        cells = FixedArray(count: controls, repeating: Cell(half: nothing, isWaiting: false))
    }

    /// The frame at which the first wait ends; `Int.max` where none waits.
    var nextDue: Int { first.map { cells[Int($0)].half.due } ?? .max }

    /// Lets a control's half wait from now on. Its end may not be before that of another.
    mutating func hold(_ control: Int, _ half: CoarseHalf) {
        drop(control)
        cells[control] = Cell(half: half, before: last, after: nil, isWaiting: true)
        if let last { cells[Int(last)].after = Int32(control) } else { first = Int32(control) }
        last = Int32(control)
    }

    /// Ends the wait of a control's half.
    mutating func drop(_ control: Int) {
        guard cells[control].isWaiting else { return }
        let (before, after) = (cells[control].before, cells[control].after)
        if let before { cells[Int(before)].after = after } else { first = after }
        if let after { cells[Int(after)].before = before } else { last = before }
        cells[control].isWaiting = false
    }

    /// Takes out the next control whose wait has ended by `frame`, or nil.
    mutating func next(dueBy frame: Int) -> (control: Int, half: CoarseHalf)? {
        guard let first, cells[Int(first)].half.due <= frame else { return nil }
        let control = Int(first), half = cells[control].half
        drop(control)
        return (control, half)
    }

    /// Lets the halves that wait in other tables wait here. `controls` has the index of each of their controls here,
    /// or −1.
    mutating func succeed(_ old: borrowing CoarseHalves, _ controls: borrowing FixedArray<Int32>) {
        var control = old.first
        while let index = control {
            let cell = old.cells[Int(index)]
            if controls[Int(index)] >= 0 { hold(Int(controls[Int(index)]), cell.half) }
            control = cell.after
        }
    }
}
