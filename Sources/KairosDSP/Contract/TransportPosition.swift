/// Tempo and position of the transport during one sub-block. [audio]
///
/// The position is a straight line over the frames between two multiples of 64 frames of the engine's clock, and bends
/// there and at events that move the transport. It does not depend on how a block is split.
@frozen public struct TransportPosition: BitwiseCopyable, Sendable, Equatable {
    /// Position of the first frame in 2⁻³² beats (quarter notes) from the beginning of the music, 0 or more. It stands
    /// still while the transport does not run.
    public var position: Int64
    /// Advance per frame in 2⁻³² beats; 0 while the transport does not run.
    public var perFrame: Int64
    /// True while the transport runs. Otherwise cycles are free: their rate follows ``tempo``, their phase nothing.
    public var isRunning: Bool
    /// Tempo that note values are converted with, in beats per minute, 20…400. It is that of the transport, and changes
    /// only where that differs by more than the jitter of a MIDI clock, at multiples of 64 frames.
    public var tempo: Float
    /// Beats in a bar, at least 1.
    public var meter: Int32

    /// A transport that stands still at the beginning.
    @inlinable public init(tempo: Float = 120, meter: Int32 = 4) {
        position = 0
        perFrame = 0
        isRunning = false
        self.tempo = tempo
        self.meter = meter
    }

    /// Position in beats at frame `n` of the sub-block.
    @inlinable public func beats(at n: Int) -> Double {
        Double(position &+ perFrame &* Int64(n)) / 4_294_967_296
    }
}
