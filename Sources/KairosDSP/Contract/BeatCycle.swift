/// A cycle that is locked to the beats: that of a parameter with a note value, while the transport runs. [audio]
///
/// A module whose phase is `phase(at:)` is in phase with the music. Where the transport jumps (start, song position, a
/// new note value), that phase jumps too; ``BeatLock`` brings a module's own phase to it without a jump.
@frozen public struct BeatCycle: BitwiseCopyable, Sendable {
    /// Length of the cycle.
    public let period: BeatPeriod
    /// Position of the first frame of the sub-block, in 2⁻³² beats.
    public let position: Int64
    /// Advance per frame, in 2⁻³² beats.
    public let perFrame: Int64

    /// A cycle of length `period` at `position`, which moves by `perFrame` in each frame.
    @inlinable public init(_ period: BeatPeriod, position: Int64, perFrame: Int64) {
        self.period = period
        self.position = position
        self.perFrame = perFrame
    }

    /// Number of the cycle and its phase, as 32 bits of a turn, at frame `n` of the sub-block.
    @inlinable public func at(_ n: Int) -> (number: UInt32, phase: UInt32) {
        period.cycle(at: position &+ perFrame &* Int64(n))
    }

    /// Advance of the phase in `frames` frames.
    @inlinable public func advance(_ frames: Int) -> UInt32 { period.phase(of: perFrame &* Int64(frames)) }
}
