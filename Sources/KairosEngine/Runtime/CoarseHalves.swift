import KairosControl
import KairosDSP

/// Controls whose coarse half waits for its fine half, in the order in which their waits end. There is one cell for
/// each control, so that none is ever lost. Every operation takes constant time.
///
/// [audio], but for `init` and `deinit`.
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
            event: Event(.panic), address: ChannelAddress(home: 0, state: 0), due: .max)
        cells = FixedArray(count: controls, repeating: Cell(half: nothing, isWaiting: false))
    }

    /// The frame at which the first wait ends; `Int.max` where none waits.
    var nextDue: Int { first.map { cells[Int($0)].half.due } ?? .max }

    /// Adds the coarse half of a control, which waits from now on. It may not be due before one that waits already.
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

    /// Removes and returns the next control whose wait has ended by `frame`, with its half; nil for none.
    mutating func next(dueBy frame: Int) -> (control: Int, half: CoarseHalf)? {
        guard let first, cells[Int(first)].half.due <= frame else { return nil }
        let control = Int(first), half = cells[control].half
        drop(control)
        return (control, half)
    }

    /// Takes over the halves that wait in another table. `controls` has the index of each of its controls here, or
    /// nil.
    mutating func succeed(_ old: borrowing CoarseHalves, _ controls: borrowing FixedArray<Int32?>) {
        var control = old.first
        while let index = control {
            let cell = old.cells[Int(index)]
            if let new = controls[Int(index)] { hold(Int(new), cell.half) }
            control = cell.after
        }
    }
}
