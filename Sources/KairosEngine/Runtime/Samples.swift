import KairosDSP

// One channel of one piece: ``SubBlock/longest`` samples, of which the first so many count. Sixteen are worked on at a
// time; what lies behind those that count is worth nothing, before and after.
//
// > Audio thread.
extension UnsafeMutablePointer<Float> {
    /// Sixteen samples from the `n`th on.
    @inline(__always) subscript(sixteen n: Int) -> Lanes {
        get { UnsafeRawPointer(self + n).loadUnaligned(as: Lanes.self) }
        nonmutating set { UnsafeMutableRawPointer(self + n).storeBytes(of: newValue, as: Lanes.self) }
    }

    /// Nothing.
    @inline(__always) func clear(_ frames: Int) {
        for n in stride(from: 0, to: frames, by: 16) { self[sixteen: n] = .zero }
    }

    /// Another channel at a gain.
    @inline(__always) func set(_ other: Self, times gain: Float, _ frames: Int) {
        for n in stride(from: 0, to: frames, by: 16) { self[sixteen: n] = other[sixteen: n] * gain }
    }

    /// And another channel at a gain.
    @inline(__always) func add(_ other: Self, times gain: Float, _ frames: Int) {
        for n in stride(from: 0, to: frames, by: 16) { self[sixteen: n] += other[sixteen: n] * gain }
    }

    /// The loudest of the first `frames` of two channels; not finite where one of them is not.
    @inline(__always) func peak(with other: Self, _ frames: Int) -> Float {
        var loudest = Lanes.zero, wild = Lanes.zero
        let whole = frames & ~15
        for n in stride(from: 0, to: whole, by: 16) {
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
    /// The sum of each frame's lanes, in the order of ``laneSum``, into a channel. Lanes that are not finite are left
    /// out.
    @_transparent func fold(into channel: UnsafeMutablePointer<Float>, _ frames: Int) {
        var wild = SIMD4<Float>(repeating: 0)
        for n in stride(from: 0, to: frames & ~3, by: 4) {
            let sums = Lanes.sums(self[n], self[n &+ 1], self[n &+ 2], self[n &+ 3])
            UnsafeMutableRawPointer(channel + n).storeBytes(of: sums, as: SIMD4<Float>.self)
            // What is not finite less itself is not 0.
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
