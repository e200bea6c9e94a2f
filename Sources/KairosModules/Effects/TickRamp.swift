import KairosDSP

/// Value of a module that works a control tick ahead: it moves linearly over each tick and ends at its target.
/// [audio]
struct TickRamp: BitwiseCopyable {
    /// Value at the beginning of the tick.
    private(set) var from: Float = 0
    /// Value at the end of the tick.
    private(set) var to: Float = 0

    /// Begins the next tick, at whose end the value is `target`; at once if `snapping`.
    @inline(__always) mutating func aim(at target: Float, snapping: Bool) {
        from = snapping ? target : to
        to = target
    }

    /// The value at a frame of the tick, 0 … 15.
    @inline(__always) func value(_ frame: Int) -> Float {
        from.addingProduct(to - from, Float(frame) * 0.0625)
    }

    /// The values at `positions` in the tick, as parts of it.
    @inline(__always) func values(_ positions: Lanes) -> Lanes {
        Lanes(repeating: from).addingProduct(Lanes(repeating: to - from), positions)
    }
}
