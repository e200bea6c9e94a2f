import KairosDSP

/// Sixteen values of a module that works a control tick ahead, each as in ``TickRamp``. [audio]
struct LaneTickRamp: BitwiseCopyable {
    private var from = Lanes.zero
    private var to = Lanes.zero

    /// Begins the next tick, at whose end the values are `target`; at once if `snapping`.
    @inline(__always) mutating func aim(at target: Lanes, snapping: Bool) {
        from = snapping ? target : to
        to = target
    }

    /// The value of one lane in each frame of the tick.
    @inline(__always) func values(_ lane: Int) -> Lanes {
        let start = from[lane]
        return Lanes(repeating: start).addingProduct(.tickPositions, Lanes(repeating: to[lane] - start))
    }
}
