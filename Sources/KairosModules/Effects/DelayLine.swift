import KairosDSP

/// Circular buffer of the last frames, for the lanes in use (sixteen voices or two channels), in the memory of
/// the module that it is a part of.
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
    fileprivate struct Scratch {
        var taps = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var indices = SIMD16<Int32>(repeating: 0)
        /// Number of frames each lane had at the last `clear`, at most `capacity`.
        var written = SIMD16<Int32>(repeating: 0)
        /// Number of frames written since the last `clear`, at most `capacity`.
        var recent = 0
        /// Index of the next frame to write.
        var cursor = 0
    }

    /// A line of `capacity` frames for the lanes of `format`.
    init(frames capacity: Int, _ format: Format, _ memory: inout ModuleMemory) {
        let lanes = format.lanes
        precondition(lanes == 16 || lanes == 2)
        self.capacity = capacity
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
        fileprivate let lanes: Int
        fileprivate let capacity: Int
        fileprivate let frames: UnsafeMutablePointer<Float>
        fileprivate let scratch: UnsafeMutablePointer<Scratch>
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

    /// True if every lane has a frame that is `age` frames old.
    @inline(__always) func hasFrames(age: Int) -> Bool {
        scratch.pointee.recent >= age || !lanesLacking(SIMD16(repeating: Int32(truncatingIfNeeded: age))).any
    }

    /// The frames written `age` − 1, `age`, `age` + 1 and `age` + 2 frames ago, the same in all lanes; every
    /// lane must have them.
    @inline(__always) func fourFrames(age: Int) -> (Lanes, Lanes, Lanes, Lanes) {
        let (a, b, c, d) = indices(age)
        return (row(a), row(b), row(c), row(d))
    }

    /// The frames written `ages` − 1, `ages`, `ages` + 1 and `ages` + 2 frames ago, with an age for each
    /// lane. A frame that a lane does not have is 0.
    @inline(__always) func fourFrames(ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        let one = SIMD16<Int32>(repeating: 1)
        let (a, b, c, d) = lanes == 16 ? allLanes(ages) : stereoFrames(ages)
        return (
            a.replacing(with: 0, where: lanesLacking(ages &- one)),
            b.replacing(with: 0, where: lanesLacking(ages)),
            c.replacing(with: 0, where: lanesLacking(ages &+ one)),
            d.replacing(with: 0, where: lanesLacking(ages &+ one &+ one))
        )
    }

    /// Mask of the lanes that have no frame as old as `ages`.
    @inline(__always) private func lanesLacking(_ ages: SIMD16<Int32>) -> SIMDMask<SIMD16<Int32>> {
        let recent = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: scratch.pointee.recent))
        return scratch.pointee.written .< ages &- recent
    }

    @inline(__always) private func row(_ index: Int) -> Lanes {
        let row = UnsafeRawPointer(frames + index &* lanes)
        return lanes == 16
            ? row.loadUnaligned(as: Lanes.self) : Lanes(stereo: row.loadUnaligned(as: SIMD2<Float>.self))
    }

    private func allLanes(_ ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        // Through memory: inserting sixteen lanes into a vector one by one is slow.
        scratch.pointee.indices = ages
        let memory = UnsafeMutableRawPointer(scratch)
        let taps = memory.assumingMemoryBound(to: Float.self)
        let ages = (memory + MemoryLayout<Lanes>.stride * 4).assumingMemoryBound(to: Int32.self)
        for lane in 0..<16 {
            let (a, b, c, d) = indices(Int(ages[lane]))
            taps[lane] = frames[a &* 16 &+ lane]
            taps[16 + lane] = frames[b &* 16 &+ lane]
            taps[32 + lane] = frames[c &* 16 &+ lane]
            taps[48 + lane] = frames[d &* 16 &+ lane]
        }
        return scratch.pointee.taps
    }

    /// The same for the two channels of a bus. Not through memory: vector loads would have to wait for the
    /// narrower stores.
    @inline(__always) private func stereoFrames(_ ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        let left = indices(Int(ages[0])), right = indices(Int(ages[1]))
        return (
            Lanes(stereo: SIMD2(frames[left.0 &* 2], frames[right.0 &* 2 &+ 1])),
            Lanes(stereo: SIMD2(frames[left.1 &* 2], frames[right.1 &* 2 &+ 1])),
            Lanes(stereo: SIMD2(frames[left.2 &* 2], frames[right.2 &* 2 &+ 1])),
            Lanes(stereo: SIMD2(frames[left.3 &* 2], frames[right.3 &* 2 &+ 1]))
        )
    }

    /// Indices of the frames written `age` − 1 … `age` + 2 frames ago.
    @inline(__always) private func indices(_ age: Int) -> (Int, Int, Int, Int) {
        var first = scratch.pointee.cursor &- age &+ 1
        if first < 0 { first &+= capacity }
        if first == capacity { first = 0 }
        let second = first == 0 ? capacity &- 1 : first &- 1
        let third = second == 0 ? capacity &- 1 : second &- 1
        return (first, second, third, third == 0 ? capacity &- 1 : third &- 1)
    }
}

/// Eight frames of a bus at once, where neither the frames read nor the frames written wrap around the end of
/// the buffer.
extension DelayLine.Rows {
    /// The frames written `age` − 1 … `age` + 2 frames ago, for the next frame and the seven after it; nil if
    /// they are not contiguous or not written yet.
    @inline(__always) func eightFrames(age: Int) -> (Lanes, Lanes, Lanes, Lanes)? {
        let cursor = scratch.pointee.cursor
        var oldest = cursor &- age &- 2
        if oldest < 0 { oldest &+= capacity }
        guard age >= 9, cursor &+ 8 <= capacity, oldest &+ 11 <= capacity else { return nil }
        let row = UnsafeRawPointer(frames + oldest &* lanes), frame = MemoryLayout<SIMD2<Float>>.stride
        return (
            row.loadUnaligned(fromByteOffset: 3 &* frame, as: Lanes.self),
            row.loadUnaligned(fromByteOffset: 2 &* frame, as: Lanes.self),
            row.loadUnaligned(fromByteOffset: frame, as: Lanes.self), row.loadUnaligned(as: Lanes.self)
        )
    }

    /// Writes eight frames. Only after ``eightFrames(age:)`` returned a value.
    @inline(__always) func append(eightFrames frames: Lanes) {
        let cursor = scratch.pointee.cursor
        UnsafeMutableRawPointer(self.frames + cursor &* lanes).storeBytes(of: frames, as: Lanes.self)
        advance(8)
    }

    /// Moves the write position by `frames`.
    @inline(__always) fileprivate func advance(_ frames: Int) {
        let cursor = scratch.pointee.cursor &+ frames
        scratch.pointee.cursor = cursor == capacity ? 0 : cursor
        scratch.pointee.recent = min(scratch.pointee.recent &+ frames, capacity)
    }
}
