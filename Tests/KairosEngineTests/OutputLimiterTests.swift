import KairosControl
import KairosDSP
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

/// The limiter of the outputs: what it leaves alone, what it limits, and its latency.
@Suite struct OutputLimiterTests {
    /// A saw with noise, so that no two frames are alike. At −12 dB one note of velocity 127 is far below the limiter.
    private static func patch(level: String = "-12 dB", program: Int = 0) throws -> CompiledPatch {
        try compile(
            """
            level: \(level)
            modules:
              keys: { type: keys }
              osc: { type: saw, detune: 7 ct }
              noise: { type: noise }
              mix: { type: mix, gainA: 80 %, gainB: 20 % }
              env: { type: adsr, attack: 1 ms, release: 30 ms }
              vca: { type: vca }
              out: { type: output }
            connections:
              - keys.pitch -> osc.pitch
              - keys.gate -> env.gate
              - osc -> mix.a
              - noise -> mix.b
              - mix -> vca
              - env -> vca.level
              - vca -> out
            """, name: "Saw \(program)", program: program)
    }

    /// The whole output of the engine, not the sum of its parts.
    private struct Heard {
        var left: [Float]
        var right: [Float]
        /// Peak before the limiter, an amplitude, and gain reduction in dB.
        var peak: Float = 0
        var reduction: Float = 0

        init(
            _ rig: Rig, _ events: [Event], frames: Int, limiter: Bool = true, periods: [Int] = [256],
            sampleRate: Double = 48_000
        ) {
            left = Array(repeating: 0, count: frames)
            right = left
            let host = OfflineHost(rig, mode: .entry, sampleRate: sampleRate, limiter: limiter)
            host.play(events)
            left.withUnsafeMutableBufferPointer { l in
                right.withUnsafeMutableBufferPointer { r in
                    guard let l = l.baseAddress, let r = r.baseAddress else { return }
                    var done = 0, turn = 0
                    while done < frames {
                        let count = min(periods[turn % periods.count], frames - done)
                        host.render(left: l + done, right: r + done, frames: count)
                        done += count
                        turn += 1
                    }
                }
            }
            let status = host.engine.status
            peak = status.peak
            reduction = status.gainReduction
        }

        var loudest: Float { max(left.map(abs).max() ?? 0, right.map(abs).max() ?? 0) }
        var truePeak: Double { max(TruePeakMeter.decibels(left), TruePeakMeter.decibels(right)) }
        var bits: [UInt32] { (left + right).map(\.bitPattern) }
    }

    private static func chord(_ keys: [Int], from: Int, to: Int, velocity: UInt8 = 100, _ score: inout Score)
    {
        for key in keys { score.on(from, key, velocity: velocity) }
        for key in keys { score.off(to, key) }
    }

    // MARK: latency

    @Test(arguments: [44_100.0, 48_000, 96_000, 192_000])
    func `the stated latency is the measured one, and without limiter it is 0`(rate: Double) throws {
        let rig = Rig([Sound(try Self.patch())])
        func rendered(limiter: Bool) -> (sound: [Float], latency: Int) {
            var setup = EngineSetup(sampleRate: rate, rig: rig)
            setup.hasLimiter = limiter
            let engine = Engine(setup)
            engine.select(entry: 0, part: 0)
            Loader(engine).service()
            engine.addInput().push(Event(.noteOn, number: 64, normalized: .max))
            var left = [Float](repeating: 1, count: 6000), right = left
            engine.render(
                left: &left, right: &right, frames: left.count, timebase: .offline(sampleRate: rate))
            return (left, engine.latency)
        }
        let (late, latency) = rendered(limiter: true), (own, none) = rendered(limiter: false)
        #expect(none == 0 && latency > 0 && Double(latency) / rate < 0.0017)
        #expect(own.contains { abs($0) > 0.05 })
        #expect(late.prefix(latency).allSatisfy { $0 == 0 })
        #expect(late.dropFirst(latency).elementsEqual(own.dropLast(latency)))
    }

    // MARK: below −1 dBFS

    /// The peak is near the limiter's, so that the frames are measured, or far below it, so that they are not.
    @Test(arguments: ["-9 dB", "-20 dB"], [[256], [1, 3, 64, 31, 7, 200], [17]])
    func `below −1 dBFS nothing changes, whatever the blocks`(level: String, periods: [Int]) throws {
        let rig = Rig([Sound(try Self.patch(level: level))])
        var score = Score()
        score.on(0, 45)
        score.on(2001, 57, velocity: 40)
        score.off(9000, 45)
        score.off(9003, 57)
        score.on(15_000, 40, velocity: 70)
        let without = Heard(rig, score.events, frames: 20_000, limiter: false)
        let with = Heard(rig, score.events, frames: 20_000, periods: periods)
        #expect(without.truePeak < -1 && (level == "-20 dB" || without.truePeak > -6), "\(without.truePeak)")
        #expect(with.bits == without.bits && with.reduction == 0 && with.peak == without.peak)
    }

    @Test func `after a loud note the output is again what it is without limiter`() throws {
        let rig = Rig([Sound(try Self.patch(level: "-6 dB"))])
        var score = Score()
        Self.chord([40, 47, 52, 56], from: 100, to: 4000, velocity: 127, &score)
        Self.chord([64], from: 60_000, to: 90_000, velocity: 90, &score)
        let without = Heard(rig, score.events, frames: 80_000, limiter: false)
        let with = Heard(rig, score.events, frames: 80_000)
        #expect(with.reduction > 3 && without.peak > 1.2)
        #expect(with.left[2000..<3000] != without.left[2000..<3000])
        #expect(with.left[..<100] == without.left[..<100])
        #expect(with.left[60_000...] == without.left[60_000...])
    }

    // MARK: above

    @Test(arguments: [44_100.0, 96_000])
    func `no true peak is above the ceiling, and no sample reaches the soft clipper`(rate: Double) throws {
        let rig = Rig([Sound(try Self.patch(level: "-6 dB"))])
        var score = Score(sampleRate: rate)
        Self.chord([40, 45, 47, 52, 57, 64, 69, 76], from: 500, to: 9000, velocity: 127, &score)
        Self.chord([40, 52], from: 9500, to: 20_000, velocity: 60, &score)
        let heard = Heard(rig, score.events, frames: 24_000, sampleRate: rate)
        #expect(heard.peak > 1.5, "\(heard.peak)")
        #expect((-1.7 ... -0.9).contains(heard.truePeak), "\(heard.truePeak) dB")
        #expect(heard.loudest <= SoftClipper.threshold)
        #expect(abs(heard.reduction - dB(heard.peak / SoftClipper.threshold)) < 2, "\(heard.reduction) dB")
        for periods in [[1, 3, 64, 31, 7, 200], [17]] {
            let other = Heard(rig, score.events, frames: 24_000, periods: periods, sampleRate: rate)
            #expect(other.bits == heard.bits && other.reduction == heard.reduction)
        }
    }

    /// Two chords of four notes at velocity 100, the first held over the program change, of every patch of the bank and
    /// the next, and of two loud ones.
    @Test func `two chords across a program change do not reach the clipper, and the law holds`() throws {
        let patches = try Checkout.patches(), mappings = try Checkout.mappings()
        let frames = 60_000, change = 24_000
        var limited = 0, clipped = 0
        let loud = try (0..<2).map { try Self.patch(level: "-9 dB", program: 90 + $0) }
        for (from, to) in Array(zip(patches, patches.dropFirst())) + [(loud[0], loud[1])] {
            let rig = Rig([Sound(from, mappings: mappings), Sound(to, mappings: mappings)])
            func heard(_ first: Bool, _ second: Bool) -> Heard {
                var score = Score()
                if first { Self.chord([48, 55, 60, 64], from: 1000, to: 40_000, &score) }
                score.program(change, to.patch.program ?? 0)
                if second { Self.chord([50, 57, 62, 65], from: change + 500, to: 50_000, &score) }
                return Heard(rig, score.events, frames: frames)
            }
            let whole = heard(true, true), names = "\(from.patch.name) -> \(to.patch.name)"
            #expect(whole.loudest <= SoftClipper.threshold, "\(names): \(whole.loudest)")
            if whole.peak > SoftClipper.threshold { clipped += 1 }
            guard whole.reduction == 0 else {
                limited += 1
                continue
            }
            let before = heard(true, false), after = heard(false, true)
            let residue = whole.left.indices.reduce(Float(0)) {
                max($0, abs(whole.left[$1] - before.left[$1] - after.left[$1]))
            }
            #expect(dB(residue) < -130, "\(names): \(dB(residue)) dBFS")
        }
        // Without the limiter the loud ones would reach the clipper; others reach neither.
        #expect(clipped > 0 && limited < patches.count, "\(limited) limited, \(clipped) clipped")
    }

    // MARK: the limiter alone

    /// Loudness in runs: silence, soft, nearly loud, loud.
    private static func input(_ frame: Int, _ channel: Int) -> Float {
        let run = frame / 700
        let level: Float = [0, 0.1, 0.5, 0, 3, 0.05, 0, 0.02, 0, 0, 0.8, 0, 0][run % 13]
        return level * noise(channel, frame, 5)
    }

    /// The frames that are only delayed, and those that are not even that, are those that measuring leaves alone.
    @Test(arguments: [[64], [1, 5, 16, 64, 40, 8, 2], [48, 11]])
    func `what is not measured has the bits that it had if it were`(cuts: [Int]) {
        let frames = 60_000, rate: Float = 48_000
        var plain = TruePeakLimiter(sampleRate: rate, isBus: true)
        let line = FixedArray<Float>(count: plain.lineCount, repeating: 0)
        let cells = FixedArray<Lanes>(count: plain.cellCount, repeating: .zero)
        let boxes = FixedArray<SIMD16<UInt32>>(count: plain.boxCount, repeating: SIMD16(repeating: 0))
        let memory = TruePeakLimiter.Memory(
            line: line.baseAddress, cells: cells.baseAddress, boxes: boxes.baseAddress)
        var limiter = OutputLimiter(sampleRate: Double(rate), isOn: true)
        let sums = (0..<2).map { _ in UnsafeMutablePointer<Float>.allocate(capacity: SubBlock.longest) }
        let outs = (0..<2).map { _ in UnsafeMutablePointer<Float>.allocate(capacity: frames) }
        defer { (sums + outs).forEach { $0.deallocate() } }
        let mix = StereoBuffer(left: SampleBuffer(sums[0]), right: SampleBuffer(sums[1]))
        let out = StereoBuffer(left: SampleBuffer(outs[0]), right: SampleBuffer(outs[1]))
        var done = 0, turn = 0
        while done < frames {
            let room = SubBlock.longest - done % SubBlock.longest
            let count = min(cuts[turn % cuts.count], min(room, frames - done))
            for n in 0..<count {
                sums[0][n] = Self.input(done + n, 0)
                sums[1][n] = Self.input(done + n, 1)
            }
            _ = limiter.process(mix, mix.peak(count), at: done, to: out.suffix(from: done), count)
            done += count
            turn += 1
        }
        var least: Float = 1
        for n in 0..<frames {
            if n % SubBlock.controlTick == 0 { plain.tick(memory) }
            let frame = Lanes(stereo: SIMD2(Self.input(n, 0), Self.input(n, 1)))
            let expected = plain.limit(
                frame, count: 1, ceiling: Lanes(repeating: OutputLimiter.ceiling),
                decay: Lanes(repeating: 1 / 4800), memory
            ).stereo
            least = min(least, plain.lastGain)
            guard outs[0][n] == expected.x, outs[1][n] == expected.y else {
                Issue.record("frame \(n): \(outs[0][n]), not \(expected.x)")
                return
            }
        }
        #expect(least < 0.4)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30, -.greatestFiniteMagnitude])
    func `a value that no output has does not outlive its frame`(value: Float) {
        var limiter = OutputLimiter(sampleRate: 48_000, isOn: true)
        let sums = (0..<4).map { _ in UnsafeMutablePointer<Float>.allocate(capacity: SubBlock.longest) }
        defer { sums.forEach { $0.deallocate() } }
        let mix = StereoBuffer(left: SampleBuffer(sums[0]), right: SampleBuffer(sums[1]))
        let out = StereoBuffer(left: SampleBuffer(sums[2]), right: SampleBuffer(sums[3]))
        for block in 0..<2000 {
            for n in 0..<SubBlock.longest {
                sums[0][n] = 0.25
                sums[1][n] = block == 3 && n == 30 ? value : 0.25
            }
            let gain = limiter.process(
                mix, mix.peak(SubBlock.longest), at: block * SubBlock.longest, to: out, SubBlock.longest)
            #expect((0...1).contains(gain))
            for n in 0..<SubBlock.longest {
                #expect(abs(sums[2][n]) < 0.9 && abs(sums[3][n]) < 0.9)
            }
        }
        #expect(sums[2][0] == 0.25 && sums[3][63] == 0.25)
    }
}
