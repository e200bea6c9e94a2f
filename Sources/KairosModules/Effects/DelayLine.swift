import KairosDSP

/// What went in, frame by frame, for the lanes in use (sixteen voices, or two sides); allocated and touched once.
///
/// Each lane remembers only what was written since it started.
struct DelayLine: ~Copyable {
    /// Whether it keeps two sides, not sixteen voices.
    let isBus: Bool
    private let capacity: Int
    private let frames: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Scratch>

    /// What changes from frame to frame, and the room for one frame's reading, each lane at its own place.
    fileprivate struct Scratch {
        var taps = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var places = SIMD16<Int32>(repeating: 0)
        /// How many frames each lane had when one last forgot, at most `capacity`.
        var written = SIMD16<Int32>(repeating: 0)
        /// How many frames have been written since, at most `capacity`.
        var recent = 0
        /// Where the next frame goes.
        var cursor = 0
    }

    /// One that keeps `capacity` frames of what `format` says.
    init(frames capacity: Int, _ format: Format) {
        let lanes = format.lanes
        precondition(lanes == 16 || lanes == 2)
        self.capacity = capacity
        isBus = format.isBus
        frames = .allocate(capacity: capacity * lanes)
        frames.initialize(repeating: 0, count: capacity * lanes)
        scratch = .allocate(capacity: 1)
        scratch.initialize(to: Scratch())
    }

    deinit {
        frames.deallocate()
        scratch.deallocate()
    }

    /// Bytes.
    var memory: Int { capacity * (isBus ? 2 : 16) * MemoryLayout<Float>.stride }

    func forget(_ lanes: LaneMask) {
        let full = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: capacity))
        let recent = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: scratch.pointee.recent))
        let written = scratch.pointee.written &+ recent
        scratch.pointee.written = written.replacing(with: full, where: written .> full)
            .replacing(with: 0, where: lanes.vector)
        scratch.pointee.recent = 0
    }

    /// Its frames, for a loop that knows whether it is a bus.
    @inline(__always) func rows(isBus: Bool) -> Rows {
        Rows(lanes: isBus ? 2 : 16, capacity: capacity, frames: frames, scratch: scratch)
    }

    /// The frames of a line. What changes is behind a pointer, so that a loop need not keep a copy in step.
    struct Rows {
        fileprivate let lanes: Int
        fileprivate let capacity: Int
        fileprivate let frames: UnsafeMutablePointer<Float>
        fileprivate let scratch: UnsafeMutablePointer<Scratch>
    }
}

extension DelayLine.Rows {
    @inline(__always) func append(_ value: Lanes) {
        let cursor = scratch.pointee.cursor
        let row = UnsafeMutableRawPointer(frames + cursor &* lanes)
        if lanes == 16 {
            row.storeBytes(of: value, as: Lanes.self)
        } else {
            row.storeBytes(of: value.sides, as: SIMD2<Float>.self)
        }
        advance(1)
    }

    /// Whether every lane has frames that are `age` old.
    @inline(__always) func reach(_ age: Int) -> Bool {
        scratch.pointee.recent >= age || !areYounger(SIMD16(repeating: Int32(truncatingIfNeeded: age))).any
    }

    /// What every lane was given `age` − 1 … `age` + 2 frames ago; each must reach so far.
    @inline(__always) func four(age: Int) -> (Lanes, Lanes, Lanes, Lanes) {
        let (a, b, c, d) = places(age)
        return (row(a), row(b), row(c), row(d))
    }

    /// What each lane was given `ages` − 1 … `ages` + 2 frames ago, each lane its own.
    @inline(__always) func four(ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        let one = SIMD16<Int32>(repeating: 1)
        let (a, b, c, d) = lanes == 16 ? allLanes(ages) : twoSides(ages)
        return (
            a.replacing(with: 0, where: areYounger(ages &- one)),
            b.replacing(with: 0, where: areYounger(ages)),
            c.replacing(with: 0, where: areYounger(ages &+ one)),
            d.replacing(with: 0, where: areYounger(ages &+ one &+ one))
        )
    }

    /// The lanes that have no frame so old.
    @inline(__always) private func areYounger(_ ages: SIMD16<Int32>) -> SIMDMask<SIMD16<Int32>> {
        let recent = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: scratch.pointee.recent))
        return scratch.pointee.written .< ages &- recent
    }

    @inline(__always) private func row(_ place: Int) -> Lanes {
        let row = UnsafeRawPointer(frames + place &* lanes)
        return lanes == 16
            ? row.loadUnaligned(as: Lanes.self) : Lanes(sides: row.loadUnaligned(as: SIMD2<Float>.self))
    }

    private func allLanes(_ ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        // By way of memory: putting sixteen lanes into a vector one by one is slow.
        scratch.pointee.places = ages
        let memory = UnsafeMutableRawPointer(scratch)
        let taps = memory.assumingMemoryBound(to: Float.self)
        let ages = (memory + MemoryLayout<Lanes>.stride * 4).assumingMemoryBound(to: Int32.self)
        for lane in 0..<16 {
            let (a, b, c, d) = places(Int(ages[lane]))
            taps[lane] = frames[a &* 16 &+ lane]
            taps[16 + lane] = frames[b &* 16 &+ lane]
            taps[32 + lane] = frames[c &* 16 &+ lane]
            taps[48 + lane] = frames[d &* 16 &+ lane]
        }
        return scratch.pointee.taps
    }

    /// The two sides of a bus: two by two there is no way by memory, which vectors wait for.
    @inline(__always) private func twoSides(_ ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        let left = places(Int(ages[0])), right = places(Int(ages[1]))
        return (
            Lanes(sides: SIMD2(frames[left.0 &* 2], frames[right.0 &* 2 &+ 1])),
            Lanes(sides: SIMD2(frames[left.1 &* 2], frames[right.1 &* 2 &+ 1])),
            Lanes(sides: SIMD2(frames[left.2 &* 2], frames[right.2 &* 2 &+ 1])),
            Lanes(sides: SIMD2(frames[left.3 &* 2], frames[right.3 &* 2 &+ 1]))
        )
    }

    /// Where the frames `age` − 1 … `age` + 2 ago are.
    @inline(__always) private func places(_ age: Int) -> (Int, Int, Int, Int) {
        var first = scratch.pointee.cursor &- age &+ 1
        if first < 0 { first &+= capacity }
        if first == capacity { first = 0 }
        let second = first == 0 ? capacity &- 1 : first &- 1
        let third = second == 0 ? capacity &- 1 : second &- 1
        return (first, second, third, third == 0 ? capacity &- 1 : third &- 1)
    }
}

/// Eight frames of a bus at once, where neither what is read nor what is written goes over the line's end.
extension DelayLine.Rows {
    /// What both sides were given `age` − 1 … `age` + 2 frames ago, for the next frame and the seven behind it; nil
    /// where that is not to be had at once.
    @inline(__always) func eight(age: Int) -> (Lanes, Lanes, Lanes, Lanes)? {
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

    /// The next eight frames, where ``eight(age:)`` had some.
    @inline(__always) func append(eight frames: Lanes) {
        let cursor = scratch.pointee.cursor
        UnsafeMutableRawPointer(self.frames + cursor &* lanes).storeBytes(of: frames, as: Lanes.self)
        advance(8)
    }

    @inline(__always) fileprivate func advance(_ frames: Int) {
        let cursor = scratch.pointee.cursor &+ frames
        scratch.pointee.cursor = cursor == capacity ? 0 : cursor
        scratch.pointee.recent = min(scratch.pointee.recent &+ frames, capacity)
    }
}

/// A place between frames in a delay line, and how four frames there make one value.
///
/// Lagrange's polynomial of the third degree through the two frames before and the two after: exact on whole
/// frames, never louder than what went in by more than a rounding.
struct DelayTap {
    /// The age of the frame at or just after the place.
    let age: SIMD16<Int32>
    private let newer: Lanes
    private let near: Lanes
    private let far: Lanes
    private let older: Lanes

    /// A place `frames` ago, `least` … `most`.
    @inline(__always) init(_ frames: Lanes, least: Float, most: Float) {
        let delay = frames.clamped(least, most)
        // The nearest whole number to half a frame less; on a tie either neighbour gives the same value.
        let magic = Lanes(repeating: 12_582_912)
        let shifted = (delay - Lanes(repeating: 0.5) + magic).larger(Lanes(repeating: least) + magic)
        age =
            unsafeBitCast(shifted, to: SIMD16<Int32>.self)
            &- unsafeBitCast(magic, to: SIMD16<Int32>.self)
        let f = delay - (shifted - magic)
        let up = f + .one, down = f - .one, two = f - Lanes(repeating: 2)
        newer = f * down * two * Lanes(repeating: -1 / 6)
        near = up * down * two * Lanes(repeating: 0.5)
        far = up * f * two * Lanes(repeating: -0.5)
        older = up * f * down * Lanes(repeating: 1 / 6)
    }

    /// The age of the oldest frame, of all lanes, that it takes.
    var oldest: Int { Int(age.max()) + 2 }

    /// The values there of eight frames of a bus, under the same conditions; nil where they are not to be had at once.
    @inline(__always) func eight(_ rows: DelayLine.Rows) -> Lanes? {
        guard let (a, b, c, d) = rows.eight(age: Int(age[0])) else { return nil }
        return blend(a, b, c, d)
    }

    /// The value there, when all lanes are at the same place and all reach it.
    @inline(__always) func together(_ rows: DelayLine.Rows, newerBy offset: Int) -> Lanes {
        let (a, b, c, d) = rows.four(age: Int(age[0]) &- offset)
        return blend(a, b, c, d)
    }

    /// The value there, each lane at its own place.
    @_transparent func apart(_ rows: DelayLine.Rows, newerBy offset: Int) -> Lanes {
        let (a, b, c, d) = rows.four(ages: age &- SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: offset)))
        return blend(a, b, c, d)
    }

    @inline(__always) private func blend(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> Lanes {
        (a * newer + b * near) + (c * far + d * older)
    }
}
