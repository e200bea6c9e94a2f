import KairosDSP

/// Circular buffer of the frames of a stereo bus, in the memory of a module, that is read at a place for each side.
struct StereoLine: BitwiseCopyable {
    /// Frames, a power of two.
    private let capacity: Int
    private let frames: Buffer<SIMD2<Float>>

    /// A line that can be read up to `longest` frames back. [loader]
    init(longest: Int, _ memory: inout ModuleMemory) {
        var capacity = 16
        // The frames around the oldest one, and the one to be written.
        while capacity < longest + 5 { capacity *= 2 }
        self.capacity = capacity
        frames = memory.buffer(capacity, repeating: SIMD2(0, 0))
    }

    /// Access to the frames. [audio]
    @inline(__always) func access<M: Module>(_ io: ModuleIO<M>) -> Access {
        Access(frames: io[frames], mask: capacity &- 1)
    }

    /// Access to the frames. [audio]
    struct Access {
        fileprivate let frames: UnsafeMutablePointer<SIMD2<Float>>
        fileprivate let mask: Int

        /// Makes all frames 0.
        func clear() {
            for index in 0...mask { frames[index] = SIMD2(0, 0) }
        }

        /// Writes a frame.
        @inline(__always) func write(_ position: Int, _ frame: SIMD2<Float>) {
            frames[position & mask] = frame
        }

        /// The value at a read position, seen from the frame at `position`.
        @inline(__always) func read(_ position: Int, _ reads: StereoReads, _ frame: Int) -> SIMD2<Float> {
            let ages = reads.ages(frame)
            let left = position &- Int(ages.x) &+ 2, right = position &- Int(ages.y) &+ 2
            var sum = SIMD2<Float>(0, 0)
            for index in 0..<6 {
                let value = SIMD2(
                    frames[(left &- index) & mask].x, frames[(right &- index) & mask].y)
                sum = sum.addingProduct(value, reads.weights(index, frame))
            }
            return sum
        }
    }
}
