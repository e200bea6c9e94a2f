import KairosDSP

/// Phase of a free-running modulator in an effect that works a control tick ahead.
///
/// It begins at rate × clock, where a constant rate would have brought it since the activation of the slot, as
/// ``FreePhase`` does.
struct TickPhase: BitwiseCopyable {
    private let cyclesPerHertz: Float
    private var phase: UInt32 = 0
    /// Clock of the phase.
    private var clock = 0

    init(_ format: Format) { cyclesPerHertz = 1 / format.sampleRate }

    /// The phase at the end of the tick, for a rate in Hz.
    @inline(__always) mutating func advance(_ ticks: TickAhead, rate: Float) -> UInt32 {
        let end = ticks.clock &+ SubBlock.controlTick
        if ticks.isFirst {
            phase = 0
            clock = 0
        }
        let increment = phaseIncrement(Lanes(repeating: rate * cyclesPerHertz))[0]
        phase = phase &+ UInt32(truncatingIfNeeded: Int(increment) &* (end &- clock))
        clock = end
        return phase
    }
}
