import KairosDSP

/// Reader of a delay line over one control segment, at the positions of a ``DelayTime``. [audio]
struct DelayReader {
    private let rows: DelayLine.Rows
    private let now: DelayTime.Tap
    private let next: DelayTime.Tap
    private var gain: LinearRamp
    private let isFading: Bool
    /// True if every lane has all the frames that it reads.
    private let isWhole: Bool
    /// Number of frames of a bus that are already written when the first of them is read, 1 … 8.
    let group: Int

    /// A reader from `segment` on; `later` as in the reads of ``DelayLine``.
    @inline(__always) init(
        _ rows: DelayLine.Rows, _ time: DelayTime, _ segment: ControlSegment, later: Int = 0
    ) {
        self.rows = rows
        now = time.now
        next = time.next
        isFading = time.isFading
        gain = time.gain.ramp(from: segment.phase)
        var (young, old) = now.reach
        (young, old) = (young.smaller(old), young.larger(old))
        if isFading {
            young = young.smaller(next.age)
            old = old.larger(next.age)
        }
        isWhole = rows.hasFrames(
            ages: old &+ SIMD16(repeating: Int32(truncatingIfNeeded: 4 &- later)))
        group = max(1, min(8, min(Int(young[0]), Int(young[1])) &- 2))
    }

    /// The frame of each voice, `frame` frames after the control tick. In order, because the crossfade advances.
    @inline(__always) mutating func voices(_ frame: Int, later: Int = 0) -> Lanes {
        let value = rows.voices(now.read(frame), later: later, isWhole: isWhole)
        if !isFading { return value }
        let other = rows.voices(next.read(frame), later: later, isWhole: isWhole)
        defer { gain.advance() }
        return value.addingProduct(other - value, gain.value)
    }

    /// The next `count` of eight frames of a bus, from `frame` frames after the control tick on.
    @inline(__always) mutating func frames(_ count: Int, _ frame: Int, later: Int = 0) -> Lanes {
        let value = rows.eightFrames(now.eightFrames(frame), later: later, isWhole: isWhole)
        if !isFading { return value }
        let other = rows.eightFrames(next.eightFrames(frame), later: later, isWhole: isWhole)
        return value.addingProduct(other - value, gain.frames(count))
    }
}

extension SIMD16 where Scalar == Int32 {
    @inline(__always) fileprivate func smaller(_ other: Self) -> Self {
        replacing(with: other, where: other .< self)
    }

    @inline(__always) fileprivate func larger(_ other: Self) -> Self {
        replacing(with: other, where: other .> self)
    }
}
