import KairosDSP

/// Circular buffer of the last frames, for the lanes in use (sixteen voices or two channels), in the memory of
/// the module that it is a part of. Read positions lie between frames: see ``FractionalRead``.
///
/// Each lane reads only frames that were written since it started; older ones read as 0.
struct DelayLine {
    /// True if the line stores the two channels of a bus, false if sixteen voices.
    let isBus: Bool
    private let capacity: Int
    private let frames: Buffer<Float>
    private let scratch: Buffer<Scratch>
    /// Lanes to be cleared before the next frame is read or written.
    private var cleared = LaneMask.none

    /// Values that change from frame to frame, and scratch memory for a read in which each lane has its own
    /// age.
    struct Scratch {
        var taps = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var indices = SIMD16<Int32>(repeating: 0)
        /// Number of frames each lane had at the last `clear`, at most `capacity`.
        var written = SIMD16<Int32>(repeating: 0)
        /// Number of frames written since the last `clear`, at most `capacity`.
        var recent = 0
        /// Index of the next frame to write.
        var cursor = 0
    }

    /// A line for the lanes of `format`, for read positions up to `longest` frames ago.
    init(longest: Int, _ format: Format, _ memory: inout ModuleMemory) {
        let lanes = format.lanes
        precondition(lanes == 16 || lanes == 2)
        // Room for the three frames before the oldest position, and for a sub-block that a feedback loop writes later.
        capacity = longest + SubBlock.longest + 6
        isBus = format.isBus
        scratch = memory.buffer(1, repeating: Scratch())
        frames = memory.buffer(capacity * lanes, repeating: 0)
    }

    /// Makes all frames written so far read as 0 in `lanes`. The cost does not depend on the capacity.
    mutating func clear(_ lanes: LaneMask) { cleared = cleared | lanes }

    private mutating func clear(_ scratch: UnsafeMutablePointer<Scratch>) {
        let full = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: capacity))
        let recent = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: scratch.pointee.recent))
        let written = scratch.pointee.written &+ recent
        scratch.pointee.written = written.replacing(with: full, where: written .> full)
            .replacing(with: 0, where: cleared.vector)
        scratch.pointee.recent = 0
        cleared = .none
    }

    /// Access to the frames.
    @inline(__always) mutating func rows<M: Module>(_ io: ModuleIO<M>) -> Rows { rows(io, isBus: isBus) }

    /// Access to the frames, for a loop in which `isBus` is a constant.
    @inline(__always) mutating func rows<M: Module>(_ io: ModuleIO<M>, isBus: Bool) -> Rows {
        let scratch = io[scratch]
        if !cleared.isEmpty { clear(scratch) }
        return Rows(lanes: isBus ? 2 : 16, capacity: capacity, frames: io[frames], scratch: scratch)
    }

    /// Access to the frames of a line. Changing values are behind a pointer, so that a loop need not keep a
    /// copy up to date.
    struct Rows {
        let lanes: Int
        let capacity: Int
        let frames: UnsafeMutablePointer<Float>
        let scratch: UnsafeMutablePointer<Scratch>
    }
}

extension DelayLine.Rows {
    /// Writes one frame.
    @inline(__always) func append(_ value: Lanes) {
        let cursor = scratch.pointee.cursor
        let row = UnsafeMutableRawPointer(frames + cursor &* lanes)
        if lanes == 16 {
            row.storeBytes(of: value, as: Lanes.self)
        } else {
            row.storeBytes(of: value.stereo, as: SIMD2<Float>.self)
        }
        advance(1)
    }

    /// Writes the first `count` of eight frames of a bus.
    @inline(__always) func append(_ count: Int, of values: Lanes) {
        let cursor = scratch.pointee.cursor
        if count == 8 && cursor &+ 8 <= capacity {
            UnsafeMutableRawPointer(frames + cursor &* lanes).storeBytes(of: values, as: Lanes.self)
            advance(8)
        } else {
            for frame in 0..<count { append(Lanes(stereo: values.frame(frame))) }
        }
    }

    /// Moves the write position by `frames`.
    @inline(__always) private func advance(_ frames: Int) {
        let cursor = scratch.pointee.cursor &+ frames
        scratch.pointee.cursor = cursor == capacity ? 0 : cursor
        scratch.pointee.recent = min(scratch.pointee.recent &+ frames, capacity)
    }

    /// True if every lane in use has a frame that is `ages` frames old.
    @inline(__always) func hasFrames(ages: SIMD16<Int32>) -> Bool {
        let used = LaneMask(bits: lanes == 2 ? 3 : .max)
        return (lanesLacking(ages, scratch.pointee.written).lanes & used).isEmpty
    }

    /// Mask of the lanes that have no frame as old as `ages`, where `written` is the number at the last `clear`.
    @inline(__always) func lanesLacking(_ ages: SIMD16<Int32>, _ written: SIMD16<Int32>)
        -> SIMDMask<SIMD16<Int32>>
    {
        written
            .< ages &- SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: scratch.pointee.recent))
    }
}
