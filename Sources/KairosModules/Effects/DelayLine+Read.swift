import KairosDSP

/// Reads between the frames of a delay line. They have the same bits in every form.
///
/// `later` is the number of frames between the next one to be written and the first one that is read for: 0, or in a
/// feedback loop the frames of the sub-block that are not written yet. `isWhole` is true if every lane has all the
/// frames that it reads.
extension DelayLine.Rows {
    /// One frame of sixteen voices.
    @inline(__always) func voices(_ read: FractionalRead, later: Int, isWhole: Bool) -> Lanes {
        let age = read.age[0]
        guard isWhole && !(read.age .!= SIMD16(repeating: age)).any else {
            return gathered(read, later: later, isWhole: isWhole)
        }
        let a = index(Int(age) &- 2 &- later), b = before(a), c = before(b)
        let d = before(c), e = before(d), f = before(e)
        return read.value(row(a), row(b), row(c), row(d), row(e), row(f))
    }

    /// Eight frames of a bus, each as old as `read` says in its two lanes.
    @inline(__always) func eightFrames(_ read: FractionalRead, later: Int, isWhole: Bool) -> Lanes {
        let first = SIMD16<Int32>(repeating: read.age[0])
        let isSame = !(read.age .!= first).any
        let youngest = !isSame && (read.age .< first).any ? Int(read.age[0]) &- 1 : Int(read.age[0])
        // Nine rows of eight frames, at most.
        let oldest = scratch.pointee.cursor &+ later &- youngest &- 4
        let start = oldest < 0 ? oldest &+ capacity : oldest
        guard isWhole && start &+ 14 <= capacity && (isSame || !hasOthers(read.age, youngest)) else {
            return gathered(read, later: later, isWhole: isWhole)
        }
        let row = UnsafeRawPointer(frames + start &* 2)
        return read.value(youngest: youngest) { age in
            row.loadUnaligned(fromByteOffset: 8 &* (youngest &+ 4 &- age), as: Lanes.self)
        }
    }

    /// True if any age is neither `youngest` nor one frame more.
    @inline(__always) private func hasOthers(_ ages: SIMD16<Int32>, _ youngest: Int) -> Bool {
        let distance = ages &- SIMD16(repeating: Int32(truncatingIfNeeded: youngest))
        return (distance .> SIMD16(repeating: 1)).any || (distance .< SIMD16(repeating: 0)).any
    }

    @inline(__always) private func row(_ index: Int) -> Lanes {
        UnsafeRawPointer(frames + index &* 16).loadUnaligned(as: Lanes.self)
    }

    /// Index of the frame written `age` frames ago.
    @inline(__always) private func index(_ age: Int) -> Int {
        let index = scratch.pointee.cursor &- age
        return index < 0 ? index &+ capacity : index >= capacity ? index &- capacity : index
    }

    @inline(__always) private func before(_ index: Int) -> Int { index == 0 ? capacity &- 1 : index &- 1 }

    /// The frames of each lane one by one: a lane is a voice, or a channel of one of eight frames of a bus.
    private func gathered(_ read: FractionalRead, later: Int, isWhole: Bool) -> Lanes {
        // Through memory: inserting sixteen lanes into a vector one by one is slow.
        scratch.pointee.indices = read.age
        let memory = UnsafeMutableRawPointer(scratch)
        let taps = memory.assumingMemoryBound(to: Float.self)
        let ages = (memory + MemoryLayout<Lanes>.stride * 6).assumingMemoryBound(to: Int32.self)
        let isBus = lanes == 2
        for lane in 0..<16 {
            let frame = isBus ? lane &>> 1 : 0, column = isBus ? lane & 1 : lane
            var index = index(Int(ages[lane]) &- 2 &- later &- frame)
            for tap in 0..<6 {
                taps[tap &* 16 &+ lane] = frames[index &* lanes &+ column]
                index = before(index)
            }
        }
        let (a, b, c, d, e, f) = scratch.pointee.taps
        if isWhole { return read.value(a, b, c, d, e, f) }
        // Ages at the frame that is written next.
        let passed =
            isBus ? SIMD16<Int32>(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7) : SIMD16(repeating: 0)
        let now = read.age &- passed &- SIMD16(repeating: Int32(truncatingIfNeeded: later))
        var written = scratch.pointee.written
        if isBus {
            let left = SIMD16<Int32>(repeating: written[0]), right = SIMD16<Int32>(repeating: written[1])
            written = left.replacing(with: right, where: LaneMask(bits: 0xaaaa).vector)
        }
        func value(_ frames: Lanes, _ distance: Int32) -> Lanes {
            frames.replacing(with: 0, where: lanesLacking(now &+ SIMD16(repeating: distance), written))
        }
        return read.value(
            value(a, -2), value(b, -1), value(c, 0), value(d, 1), value(e, 2), value(f, 3))
    }
}
