import KairosDSP

/// Blocks of signals, sixteen lanes per frame, in memory that something else owns. Blocks of ``SubBlock/longest``
/// frames lie one behind the other. A copy refers to the same lanes. [audio]
struct LaneBuffer: BitwiseCopyable {
    /// Address of the first frame.
    let base: UnsafeMutablePointer<Lanes>

    /// The frames from `base` on.
    @inline(__always) init(_ base: UnsafeMutablePointer<Lanes>) { self.base = base }

    /// The lanes of the frame at index `n`.
    subscript(_ n: Int) -> Lanes {
        @inline(__always) unsafeAddress { UnsafePointer(base + n) }
        @inline(__always) nonmutating unsafeMutableAddress { base + n }
    }

    /// The blocks from index `block` on.
    @inline(__always) func suffix(fromBlock block: Int) -> LaneBuffer {
        LaneBuffer(base + block * SubBlock.longest)
    }

    /// Writes the sum of each frame's lanes, in the order of ``laneSum``, to a channel. Lanes that are not finite are
    /// left out.
    @_transparent func fold(into channel: SampleBuffer, _ frames: Int) {
        var wild = SIMD4<Float>(repeating: 0)
        steps(of: 4, to: frames & ~3) { n in
            let sums = Lanes.sums(self[n], self[n &+ 1], self[n &+ 2], self[n &+ 3])
            channel.set(sums, at: n)
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
