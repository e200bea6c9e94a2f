import KairosDSP
import Testing

/// Note values: the list, their texts, and their conversion by a tempo.
@Suite struct NoteValueTests {
    private static let rate = ParamSpec(
        "Rate.", range: 0.01...50, default: 2, unit: .hertz, curve: .exponential, smoothing: .logarithmic
    ).followsTempo()
    private static let time = ParamSpec("Time.", range: 0...4, default: 0.3, unit: .seconds).followsTempo()

    @Test func `the list ascends, and each text parses back`() throws {
        #expect(NoteValue.all.count == 29)
        for (shorter, longer) in zip(NoteValue.all, NoteValue.all.dropFirst()) {
            // Bars may be shorter than 1/1 in other meters; in 4/4 `1 bar` is less than `1/1.` before it.
            guard longer.index != 21 else { continue }
            #expect(shorter.length(meter: 4).units < longer.length(meter: 4).units, "\(shorter) \(longer)")
        }
        for note in NoteValue.all {
            #expect(try NoteValue.read("\(note)") == note)
            #expect(try Self.rate.parseValue(Self.rate.text(.note(note))) == .note(note))
        }
    }

    /// Lengths in 1/1536 beat by the definition: a dot adds half, a triplet is two thirds, a bar has `meter` beats.
    private static let lengths: [(text: String, units: Int32)] = [
        ("1/4", 1536), ("1/8", 768), ("1/8.", 1152), ("1/16t", 256), ("1/64t", 64), ("1/1.", 9216),
        ("1/2t", 2048), ("1 bar", 4608), ("2 bars", 9216), ("16 bars", 73_728),
    ]

    @Test func `lengths in three-four time`() throws {
        for (text, units) in Self.lengths {
            #expect(try NoteValue.read(text)?.length(meter: 3).units == units, "\(text)")
        }
    }

    @Test(arguments: [
        ("1/8T", "1/8t"), ("1/8d", "1/8."), ("1/8 dotted", "1/8."), ("1/8 triplet", "1/8t"), ("3/16", "1/8."),
        ("1/12", "1/8t"), ("1/128", "1/64t"), ("2 bar", "2 bars"), ("1 bars", "1 bar"), ("5 bars", "6 bars"),
        ("1/4th", "1/4"), ("2 beats", "1/2"), ("1/5", "1/8."), ("4 measures", "4 bars"),
    ]) func `a wrong note value names the nearest right one`(text: String, right: String) {
        #expect(throws: ParamError("'\(text)' is not a note value; did you mean '\(right)'?")) {
            try Self.rate.parseValue(text)
        }
    }

    @Test func `spaces do not matter, numbers stay numbers, and others take no note values`() throws {
        #expect(try NoteValue.read("2bars")?.description == "2 bars")
        #expect(try NoteValue.read(" 1/8 ")?.description == "1/8")
        #expect(try Self.rate.parseValue("2 Hz") == 2)
        #expect(try Self.time.parseValue("250 ms") == 0.25)
        for text in [
            "", "/", "1/", "1/0", "0/4", "-1/4", "1/x", "1/4/4", "nan/4", "bars", "x bars", "t", ".",
        ] {
            #expect(throws: ParamError.self, "\(text)") { try Self.rate.parseValue(text) }
        }
        let plain = ParamSpec("Time.", range: 0...4, default: 0.3, unit: .seconds)
        #expect(throws: ParamError.self) { try plain.parseValue("1/8") }
        #expect(
            throws: ParamError(
                "'x' is not a number (expected a number with s, ms, or a note value such as 1/8)")
        ) {
            try Self.time.parseValue("x")
        }
    }

    @Test func `only seconds and hertz can follow the tempo`() {
        #expect(Self.rate.fault == nil && Self.time.fault == nil)
        #expect(ParamSpec.ratio("Level.").followsTempo().fault != nil)
        #expect(ParamSpec.toggle("Switch.").followsTempo().fault != nil)
    }

    @Test func `seconds and hertz at a tempo`() throws {
        let rate = try #require(Self.rate.noteLaw), time = try #require(Self.time.noteLaw)
        func note(_ text: String) throws -> NoteValue { try #require(try NoteValue.read(text)) }
        #expect(rate.resolve(try note("1/8"), tempo: 120).number == 4)
        #expect(time.resolve(try note("1/4."), tempo: 90).number == 1)
        #expect(rate.resolve(try note("2 bars"), tempo: 120, meter: 4).number == 0.25)
        // Two bars at 60 BPM are 8 s, and the longest time is 4 s: one bar.
        let halved = time.resolve(try note("2 bars"), tempo: 60, meter: 4)
        #expect(halved.number == 4 && halved.period.beats == 4)
        // A triplet of 64ths at 400 BPM is 160 Hz, and the greatest rate is 50 Hz: two octaves less.
        let doubled = rate.resolve(try note("1/64t"), tempo: 400)
        #expect(abs(doubled.number - 40) < 1e-4 && doubled.period.units == 256)
        for note in NoteValue.all {
            // Note values beyond the range, and a dotted value of the same length, have another with the same rate.
            let number = rate.resolve(note, tempo: 133, meter: 3).number
            let nearest = rate.nearest(to: number, tempo: 133, meter: 3)
            #expect(rate.resolve(nearest, tempo: 133, meter: 3).number == number)
            for tempo in [Float(20), 133, 400] {
                #expect(Self.rate.range.contains(rate.resolve(note, tempo: tempo).number))
                #expect(Self.time.range.contains(time.resolve(note, tempo: tempo, meter: 12).number))
            }
        }
    }

    /// Fails where the phase is computed with the rounded length of a triplet.
    @Test func `the phase of a cycle is exact after ten minutes`() {
        for note in NoteValue.all {
            let period = note.length(meter: 4)
            for cycle in [Int64(0), 1, 999, 24_000] where cycle * Int64(period.units) < 4000 * 1536 {
                // The first position that is not before the beginning of the cycle.
                let units = cycle * Int64(period.units)
                let start = (units << 32 + 1535) / 1536
                #expect(period.cycle(at: start).number == UInt32(cycle))
                #expect(period.cycle(at: start).phase < 1 << 22)
                if start > 0 { #expect(period.cycle(at: start - 1).phase > UInt32.max - 1 << 22) }
            }
        }
    }

    /// Fails where the lock takes the longer way, or keeps a distance.
    @Test(arguments: [Float(44_100), 48_000, 96_000, 192_000]) func `a lock leads a phase to the beats`(
        sampleRate: Float
    ) {
        let lock = BeatLock(sampleRate: sampleRate)
        let perFrame = Int64(2 * 4_294_967_296 / Double(sampleRate))
        var phase = SIMD16<UInt32>(repeating: 0), position = Int64(0)
        for lane in 0..<16 { phase[lane] = UInt32(lane) << 28 }
        func distances() -> [Double] {
            (0..<16).map {
                let here = BeatPeriod(units: 1536).cycle(at: position).phase
                return Double(Int32(bitPattern: phase[$0] &- here)) / 4_294_967_296
            }
        }
        let before = distances()
        for tick in 0..<Int(sampleRate / 16) {
            let cycle = BeatCycle(BeatPeriod(units: 1536), position: position, perFrame: perFrame)
            let step = lock.increment(from: phase, to: cycle, at: 0)
            phase = phase &+ unsafeBitCast(step &* SIMD16(repeating: 16), to: SIMD16<UInt32>.self)
            position += 16 * perFrame
            let now = distances()
            for lane in 0..<16 {
                #expect(abs(now[lane]) <= abs(before[lane]) + 1e-7)
                // 1/e after 11 ms: e⁻⁴⁵ after half a second.
                if tick == Int(sampleRate / 16 / 90) {
                    #expect(abs(now[lane]) < 0.45 * abs(before[lane]) + 1e-6)
                }
            }
        }
        // An advance is a whole number of 2⁻³² turns per frame.
        for distance in distances() { #expect(abs(distance) < 1e-6) }
    }
}
