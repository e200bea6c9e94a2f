/// Running maximum of a level, 0 or more, over the last milliseconds. [audio]
///
/// A sine wave whose half period is not longer than that has a constant maximum, so that a gain derived from it
/// does not distort the wave. The maximum of each control segment is one cell; the last cells and the present
/// segment are the window, which is therefore up to one control segment longer than asked for, never shorter.
/// The cells are in the memory of the owner.
@frozen public struct PeakHold: BitwiseCopyable, Sendable {
    /// Number of vectors that the owner provides, all 0 at first.
    public let cellCount: Int
    /// Index of the oldest cell.
    @usableFromInline var oldest = 0
    /// Maximum since the last control tick.
    @usableFromInline var current = Lanes.zero
    /// Maximum of the cells.
    @usableFromInline var held = Lanes.zero
    /// Lanes whose cells are to be cleared.
    @usableFromInline var cleared = LaneMask.none

    /// A maximum over at least `frames` frames. [loader]
    public init(frames: Int) {
        cellCount = Swift.max(1, (frames + SubBlock.controlTick - 1) / SubBlock.controlTick)
    }

    /// True if the maximum is 0 in all lanes.
    public var isZero: Bool { !((held .!= Lanes.zero) .| (current .!= Lanes.zero)).any }

    /// Forgets the past of `lanes`.
    public mutating func start(_ lanes: LaneMask) {
        current.set(lanes, to: 0)
        held.set(lanes, to: 0)
        cleared = cleared | lanes
    }

    /// Begins a control segment. `cells` are ``cellCount`` vectors.
    public mutating func tick(_ cells: UnsafeMutablePointer<Lanes>) {
        if !cleared.isEmpty {
            for index in 0..<cellCount { cells[index].set(cleared, to: 0) }
            cleared = .none
        }
        cells[oldest] = current
        oldest = oldest + 1 < cellCount ? oldest + 1 : 0
        current = .zero
        var largest = cells[0]
        for index in 1..<Swift.max(1, cellCount) { largest = largest.larger(cells[index]) }
        held = largest
    }

    /// The maximum up to and with this frame, whose level is `level`. A level that is not a number counts as 0.
    @inline(__always) @inlinable public mutating func hold(_ level: Lanes) -> Lanes {
        current = current.larger(level)
        return current.larger(held)
    }
}
