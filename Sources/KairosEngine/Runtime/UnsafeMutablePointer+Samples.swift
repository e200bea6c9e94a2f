import KairosDSP

/// Calls `body` with 0, `length`, 2·`length` and so on, up to `end`. `stride` also checks for overflow in every step.
@inline(__always) private func steps(of length: Int, to end: Int, _ body: (Int) -> Void) {
    var n = 0
    while n < end {
        body(n)
        n &+= length
    }
}

// One channel of a sub-block: ``SubBlock/longest`` samples, of which the first `frames` are valid. Functions process
// sixteen at a time and may change samples behind the valid ones. [audio]
extension UnsafeMutablePointer<Float> {
    /// Sixteen samples, from index `n` on.
    @inline(__always) subscript(sixteen n: Int) -> Lanes {
        get { UnsafeRawPointer(self + n).loadUnaligned(as: Lanes.self) }
        nonmutating set { UnsafeMutableRawPointer(self + n).storeBytes(of: newValue, as: Lanes.self) }
    }

    /// Sets the samples to 0.
    @inline(__always) func clear(_ frames: Int) {
        steps(of: 16, to: frames) { self[sixteen: $0] = .zero }
    }

    /// Sets the samples to those of another channel, times `gain`.
    @inline(__always) func set(_ other: Self, times gain: Float, _ frames: Int) {
        steps(of: 16, to: frames) { self[sixteen: $0] = other[sixteen: $0] * gain }
    }

    /// Adds the samples of another channel, times `gain`.
    @inline(__always) func add(_ other: Self, times gain: Float, _ frames: Int) {
        steps(of: 16, to: frames) { self[sixteen: $0] += other[sixteen: $0] * gain }
    }

    /// Peak of two channels: the greatest absolute sample; NaN if a sample is not finite.
    @inline(__always) func peak(with other: Self, _ frames: Int) -> Float {
        var loudest = Lanes.zero, wild = Lanes.zero
        let whole = frames & ~15
        steps(of: 16, to: whole) { n in
            let x = self[sixteen: n], y = other[sixteen: n]
            loudest = loudest.larger(x.magnitude).larger(y.magnitude)
            wild += (x - x) + (y - y)
        }
        var peak = loudest.laneMax, probe = wild.laneSum
        for n in whole..<frames {
            peak = Swift.max(peak, Swift.max(abs(self[n]), abs(other[n])))
            probe += (self[n] - self[n]) + (other[n] - other[n])
        }
        return probe == 0 ? peak : .nan
    }
}

extension UnsafeMutablePointer<Lanes> {
    /// Writes the sum of each frame's lanes, in the order of ``laneSum``, to a channel. Lanes that are not finite are
    /// left out.
    @_transparent func fold(into channel: UnsafeMutablePointer<Float>, _ frames: Int) {
        var wild = SIMD4<Float>(repeating: 0)
        steps(of: 4, to: frames & ~3) { n in
            let sums = Lanes.sums(self[n], self[n &+ 1], self[n &+ 2], self[n &+ 3])
            UnsafeMutableRawPointer(channel + n).storeBytes(of: sums, as: SIMD4<Float>.self)
            // x − x is 0 only if x is finite.
            wild += sums - sums
        }
        let isTame = wild == SIMD4(repeating: 0)
        for n in (isTame ? frames & ~3 : 0)..<frames { channel[n] = finiteSum(n) }
    }

    @inline(__always) private func finiteSum(_ n: Int) -> Float {
        let sum = self[n].laneSum
        if sum - sum == 0 { return sum }
        return Lanes.zero.replacing(with: self[n], where: self[n].isFinite).laneSum
    }
}
