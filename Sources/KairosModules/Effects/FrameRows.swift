import KairosDSP

/// Circular buffers of one channel each, in the memory of a module, that are written a control tick at a time and
/// read sixteen consecutive frames at a time.
///
/// The rows share a position, which is a multiple of sixteen. The first sixteen frames of a row are repeated
/// behind its end, so that a read never wraps around.
struct FrameRows: BitwiseCopyable {
    /// Frames of a row, a power of two.
    private let capacity: Int
    private let frames: Buffer<Float>

    /// `count` rows that can be read up to `longest` frames back.
    init(_ count: Int, longest: Int, _ memory: inout ModuleMemory) {
        var capacity = 32
        // The sixteen frames that are being written, and one more before the oldest.
        while capacity < longest + 17 { capacity *= 2 }
        self.capacity = capacity
        // Rows of a power of two would compete for the same places of the cache: the repeated frames set them apart.
        frames = memory.buffer(count * (capacity + 16), repeating: 0)
    }

    /// Access to the frames.
    @inline(__always) func access<M: Module>(_ io: ModuleIO<M>) -> Access {
        Access(base: io[frames], capacity: capacity)
    }

    /// Access to the frames of all rows. [audio]
    struct Access {
        fileprivate let base: UnsafeMutablePointer<Float>
        fileprivate let capacity: Int

        /// Writes the sixteen frames from `position` on.
        @inline(__always) func write(_ row: Int, _ position: Int, _ frames: Lanes) {
            let index = position & (capacity &- 1)
            let start = UnsafeMutableRawPointer(base + row &* (capacity &+ 16))
            start.storeBytes(of: frames, toByteOffset: 4 &* index, as: Lanes.self)
            if index == 0 { start.storeBytes(of: frames, toByteOffset: 4 &* capacity, as: Lanes.self) }
        }

        /// The sixteen frames from `position` on, `age` frames earlier.
        @inline(__always) func read(_ row: Int, _ position: Int, age: Int) -> Lanes {
            let index = (position &- age) & (capacity &- 1)
            let frame = UnsafeRawPointer(base + (row &* (capacity &+ 16) &+ index))
            return frame.loadUnaligned(as: Lanes.self)
        }

        /// The same, if only `written` frames before `position` count: older ones are 0.
        @inline(__always) func read(_ row: Int, _ position: Int, age: Int, of written: Int) -> Lanes {
            read(row, position, age: age)
                .replacing(
                    with: 0, where: Lanes.frameNumbers .< Lanes(repeating: Float(age &- written)))
        }
    }
}
