import KairosDSP

/// Mean square of a signal over the last milliseconds. [audio]
///
/// The sum of the squares of each control segment is one cell; the mean is over the cells and the present segment, and
/// therefore over up to one control segment more than asked for. The sum of the cells is computed anew at each control
/// tick, so that rounding errors do not add up and silence is exactly 0. The cells are in the memory of the owner.
struct RunningPower: BitwiseCopyable {
    /// Number of vectors that the owner provides, all 0 at first.
    let cellCount: Int
    /// Index of the oldest cell.
    private var oldest = 0
    /// Sum since the last control tick.
    private var current = Lanes.zero
    /// Sum of the cells.
    private var held = Lanes.zero
    /// Lanes whose cells are to be cleared.
    private var cleared = LaneMask.none

    /// A mean over at least `frames` frames. [loader]
    init(frames: Int) { cellCount = max(1, (frames + SubBlock.controlTick - 1) / SubBlock.controlTick) }

    /// Forgets the past of `lanes`.
    mutating func start(_ lanes: LaneMask) {
        current.set(lanes, to: 0)
        held.set(lanes, to: 0)
        cleared = cleared | lanes
    }

    /// Begins a control segment. `cells` are ``cellCount`` vectors.
    mutating func tick(_ cells: UnsafeMutablePointer<Lanes>) {
        if !cleared.isEmpty {
            for index in 0..<cellCount { cells[index].set(cleared, to: 0) }
            cleared = .none
        }
        cells[oldest] = current
        oldest = oldest + 1 < cellCount ? oldest + 1 : 0
        current = .zero
        // From the oldest on: the order of additions does not depend on the lane's age.
        var sum = Lanes.zero
        for index in oldest..<cellCount { sum += cells[index] }
        for index in 0..<oldest { sum += cells[index] }
        held = sum
    }

    /// The mean square up to and with this frame, whose value is `x`, in a segment of which `frames` frames have passed
    /// with this one.
    @inline(__always) mutating func mean(_ x: Lanes, _ frames: Int) -> Lanes {
        current = current.addingProduct(x, x)
        return (held + current) * Lanes(repeating: 1 / Float(cellCount &* SubBlock.controlTick &+ frames))
    }
}
