/// Leads the phase of a module to a ``BeatCycle`` without a jump: the distance falls to 1/e in 11 ms, on the shorter way
/// round. Where there is no distance, the phase is that of the cycle, to 2⁻²⁶ of a turn. [audio]
@frozen public struct BeatLock: BitwiseCopyable, Sendable {
    /// The part of the distance that is removed per control tick is 2^−`shift`.
    @usableFromInline let shift: Int32

    /// A lock for a module at `sampleRate` in Hz.
    @inlinable public init(sampleRate: Float) {
        shift = sampleRate < 70_000 ? 5 : sampleRate < 140_000 ? 6 : 7
    }

    /// Signed advance per frame, in 2⁻³² turns, from `phase` at the control tick at frame `n` of the sub-block up to the
    /// next control tick.
    @inline(__always) @inlinable public func increment(
        from phase: SIMD16<UInt32>, to cycle: BeatCycle, at n: Int
    ) -> SIMD16<Int32> {
        let distance = unsafeBitCast(
            phase &- SIMD16(repeating: cycle.at(n).phase), to: SIMD16<Int32>.self)
        let advance = SIMD16(repeating: Int32(truncatingIfNeeded: cycle.advance(SubBlock.controlTick)))
        let way = advance &- (distance &>> SIMD16(repeating: shift))
        return way &>> SIMD16(repeating: 4)
    }
}
