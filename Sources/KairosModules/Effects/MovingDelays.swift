import KairosDSP

/// Sixteen read positions of delay lines, one per lane, that move linearly over each control tick, by less than one
/// frame: by at most 105 cents of pitch. [audio]
///
/// Sixteen consecutive frames then need seven frames of the line each, which are read at once.
struct MovingDelays: BitwiseCopyable {
    /// Shortest delay in frames: what is read must have been written before the tick.
    static var shortest: Float { 20 }

    /// Delays in frames at the beginning of the tick.
    private var from = Lanes.zero
    /// Delays in frames at the end of the tick.
    private(set) var to = Lanes.zero

    /// Begins the next tick, at whose end the delays are `target`, or as near to it as they come; at once if `snapping`.
    @inline(__always) mutating func aim(at target: Lanes, snapping: Bool) {
        let target = target.larger(Lanes(repeating: Self.shortest))
        from = snapping ? target : to
        to = from + (target - from).clamped(-0.99, 0.99)
    }

    /// Sixteen frames of a line, at the delay of one lane.
    @inline(__always) func read(
        _ lane: Int, _ line: Int, _ rows: FrameRows.Access, _ ticks: TickAhead
    ) -> Lanes {
        let start = from[lane], change = to[lane] - start
        let read = FractionalRead(
            Lanes(repeating: start).addingProduct(.tickPositions, Lanes(repeating: change)))
        let youngest = min(Int(read.age[0]), Int(read.age[15]))
        if ticks.written > youngest &+ 4 {
            return read.value(youngest: youngest) { rows.read(line, ticks.position, age: $0) }
        }
        return read.value(youngest: youngest) {
            rows.read(line, ticks.position, age: $0, of: ticks.written)
        }
    }

    /// The same for two lines that are read at the same delay.
    @inline(__always) func readPair(
        _ lane: Int, _ lines: (Int, Int), _ rows: FrameRows.Access, _ ticks: TickAhead
    ) -> (Lanes, Lanes) {
        (read(lane, lines.0, rows, ticks), read(lane, lines.1, rows, ticks))
    }
}
