import KairosDSP

/// What went in, frame by frame, for the lanes in use (sixteen voices, or two sides); allocated and touched once.
///
/// Each lane remembers only what was written since it started.
struct DelayLine: ~Copyable {
    /// How many frames it keeps.
    let capacity: Int
    private let lanes: Int
    private let frames: UnsafeMutablePointer<Float>
    /// For one frame's reading, each lane at its own place.
    private let places: UnsafeMutablePointer<Int32>
    private let taps: UnsafeMutablePointer<Float>
    /// What changes from frame to frame. Elsewhere, so that a loop need not keep a copy of the line in step.
    private let state: UnsafeMutablePointer<State>

    private struct State {
        /// Where the next frame goes.
        var cursor = 0
        /// How many frames each lane has, at most `capacity`.
        var written = SIMD16<Int32>(repeating: 0)
    }

    init(frames capacity: Int, lanes: Int) {
        precondition(lanes == 16 || lanes == 2)
        self.capacity = capacity
        self.lanes = lanes
        frames = .allocate(capacity: capacity * lanes)
        frames.initialize(repeating: 0, count: capacity * lanes)
        // As aligned as the vectors that pass through them.
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: 5 * 64, alignment: 64)
        taps = scratch.bindMemory(to: Float.self, capacity: 64)
        taps.initialize(repeating: 0, count: 64)
        places = (scratch + 4 * 64).bindMemory(to: Int32.self, capacity: 16)
        places.initialize(repeating: 0, count: 16)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        frames.deallocate()
        state.deallocate()
        UnsafeMutableRawPointer(taps).deallocate()
    }

    /// Bytes.
    var memory: Int { capacity * lanes * MemoryLayout<Float>.stride }

    func forget(_ lanes: LaneMask) { state.pointee.written.replace(with: 0, where: lanes.vector) }

    @inline(always) func append(_ value: Lanes) {
        let cursor = state.pointee.cursor, written = state.pointee.written
        let row = frames + cursor * lanes
        if lanes == 16 {
            UnsafeMutableRawPointer(row).storeBytes(of: value, as: Lanes.self)
        } else {
            row[0] = value[0]
            row[1] = value[1]
        }
        state.pointee.cursor = cursor + 1 == capacity ? 0 : cursor + 1
        let full = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: capacity))
        state.pointee.written = (written &+ SIMD16<Int32>(repeating: 1)).replacing(
            with: full, where: written .>= full)
    }

    /// What each lane was given `age` frames ago, 1 being the last; `age` is the same in all lanes.
    @inline(always) func value(age: Int) -> Lanes {
        let cursor = state.pointee.cursor, written = state.pointee.written
        let place = cursor - age < 0 ? cursor - age + capacity : cursor - age
        let row = frames + place * lanes
        let value =
            lanes == 16
            ? UnsafeRawPointer(row).loadUnaligned(as: Lanes.self) : Self.sides(row[0], row[1])
        return value.replacing(
            with: 0, where: written .< SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: age)))
    }

    /// What each lane was given `ages` − 1 … `ages` + 2 frames ago, each lane its own.
    @inline(always) func four(ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        let one = SIMD16<Int32>(repeating: 1)
        let written = state.pointee.written
        let (a, b, c, d) = lanes == 16 ? allLanes(ages) : twoSides(ages)
        return (
            a.replacing(with: 0, where: written .< ages &- one),
            b.replacing(with: 0, where: written .< ages),
            c.replacing(with: 0, where: written .< ages &+ one),
            d.replacing(with: 0, where: written .< ages &+ one &+ one)
        )
    }

    private func allLanes(_ ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        // By way of memory: putting sixteen lanes into a vector one by one is slow.
        UnsafeMutableRawPointer(places).storeBytes(of: ages, as: SIMD16<Int32>.self)
        for lane in 0..<16 {
            let from = rows(Int(places[lane]))
            taps[lane] = frames[from.0 * 16 + lane]
            taps[16 + lane] = frames[from.1 * 16 + lane]
            taps[32 + lane] = frames[from.2 * 16 + lane]
            taps[48 + lane] = frames[from.3 * 16 + lane]
        }
        let values = UnsafeRawPointer(taps).assumingMemoryBound(to: Lanes.self)
        return (values[0], values[1], values[2], values[3])
    }

    /// The two sides of a bus: two by two there is no way by memory, which vectors wait for.
    @inline(always) private func twoSides(_ ages: SIMD16<Int32>) -> (Lanes, Lanes, Lanes, Lanes) {
        let left = rows(Int(ages[0])), right = rows(Int(ages[1]))
        return (
            Self.sides(frames[left.0 * 2], frames[right.0 * 2 + 1]),
            Self.sides(frames[left.1 * 2], frames[right.1 * 2 + 1]),
            Self.sides(frames[left.2 * 2], frames[right.2 * 2 + 1]),
            Self.sides(frames[left.3 * 2], frames[right.3 * 2 + 1])
        )
    }

    /// Where the frames `age` − 1 … `age` + 2 ago are.
    @inline(always) private func rows(_ age: Int) -> (Int, Int, Int, Int) {
        let cursor = state.pointee.cursor
        var first = cursor - age + 1
        if first < 0 { first += capacity }
        if first == capacity { first = 0 }
        let second = first == 0 ? capacity - 1 : first - 1
        let third = second == 0 ? capacity - 1 : second - 1
        return (first, second, third, third == 0 ? capacity - 1 : third - 1)
    }

    @inline(always) private static func sides(_ left: Float, _ right: Float) -> Lanes {
        Lanes(lowHalf: SIMD8(left, right, 0, 0, 0, 0, 0, 0), highHalf: SIMD8(repeating: 0))
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
    @inline(always) init(_ frames: Lanes, least: Float, most: Float) {
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

    /// The value there, when all lanes are at the same place.
    @inline(always) func together(_ line: borrowing DelayLine, newerBy offset: Int) -> Lanes {
        let age = Int(age[0]) - offset
        return blend(
            line.value(age: age - 1), line.value(age: age), line.value(age: age + 1), line.value(age: age + 2)
        )
    }

    /// The value there, each lane at its own place.
    @inline(always) func apart(_ line: borrowing DelayLine, newerBy offset: Int) -> Lanes {
        let (a, b, c, d) = line.four(ages: age &- SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: offset)))
        return blend(a, b, c, d)
    }

    @inline(always) private func blend(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> Lanes {
        (a * newer + b * near) + (c * far + d * older)
    }
}
