import KairosDSP

// Frames of both channels in one vector, left and right in turn, and the clipping of an output. [audio]
extension StereoBuffer {
    /// The first eight of sixteen frames, from index `n` on.
    @inline(__always) func firstFrames(at n: Int) -> Lanes {
        .firstFrames(left: left[sixteen: n], right: right[sixteen: n])
    }

    /// The last eight of sixteen frames, from index `n` on.
    @inline(__always) func lastFrames(at n: Int) -> Lanes {
        .lastFrames(left: left[sixteen: n], right: right[sixteen: n])
    }

    /// Up to eight frames, from index `n` on; those from `count` on are 0.
    @inline(__always) func frames(_ count: Int, at n: Int) -> Lanes {
        .frames(count) { SIMD2(left[n &+ $0], right[n &+ $0]) }
    }

    /// Sets sixteen frames, from index `n` on, to two times eight.
    @inline(__always) func setSixteen(at n: Int, to first: Lanes, _ second: Lanes) {
        left[sixteen: n] = .left(first, second)
        right[sixteen: n] = .right(first, second)
    }

    /// Sets `count` frames, up to eight, from index `n` on. It changes none behind them.
    @inline(__always) func set(_ count: Int, at n: Int, to frames: Lanes) {
        for index in 0..<count {
            let frame = frames.frame(index)
            left[n &+ index] = frame.x
            right[n &+ index] = frame.y
        }
    }

    /// Sends the samples through the soft clipper.
    func clip(_ frames: Int) {
        for n in 0..<frames {
            left[n] = SoftClipper.limit(left[n])
            right[n] = SoftClipper.limit(right[n])
        }
    }

    /// Limits each sample to −`limit`…`limit`; one that is not finite becomes 0.
    func confine(to limit: Float, _ frames: Int) {
        for n in 0..<frames {
            left[n] = left[n].isFinite ? max(-limit, min(limit, left[n])) : 0
            right[n] = right[n].isFinite ? max(-limit, min(limit, right[n])) : 0
        }
    }
}
