import KairosDSP

// One channel of one piece: ``Piece/longest`` samples, of which the first so many count. Sixteen are worked on at a
// time; what lies behind those that count is worth nothing, before and after.
//
// > Audio thread.
extension UnsafeMutablePointer<Float> {
    /// Sixteen samples from the `n`th on.
    @inline(always) subscript(sixteen n: Int) -> Lanes {
        get { UnsafeRawPointer(self + n).loadUnaligned(as: Lanes.self) }
        nonmutating set { UnsafeMutableRawPointer(self + n).storeBytes(of: newValue, as: Lanes.self) }
    }

    /// Nothing.
    @inline(always) func clear(_ frames: Int) {
        for n in stride(from: 0, to: frames, by: 16) { self[sixteen: n] = .zero }
    }

    /// Another channel at a gain.
    @inline(always) func set(_ other: Self, times gain: Float, _ frames: Int) {
        for n in stride(from: 0, to: frames, by: 16) { self[sixteen: n] = other[sixteen: n] * gain }
    }

    /// And another channel at a gain.
    @inline(always) func add(_ other: Self, times gain: Float, _ frames: Int) {
        for n in stride(from: 0, to: frames, by: 16) { self[sixteen: n] += other[sixteen: n] * gain }
    }

    /// The loudest of the first `frames`; not finite where one of them is not.
    @inline(always) func peak(_ frames: Int) -> Float {
        var loudest = Lanes.zero, wild = Lanes.zero
        let whole = frames & ~15
        for n in stride(from: 0, to: whole, by: 16) {
            let x = self[sixteen: n]
            loudest = loudest.larger(x.magnitude)
            wild += x - x
        }
        var peak = loudest.laneMax, probe = wild.laneSum
        for n in whole..<frames {
            peak = Swift.max(peak, abs(self[n]))
            probe += self[n] - self[n]
        }
        return probe == 0 ? peak : .nan
    }
}
