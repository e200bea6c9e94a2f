import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Tests of delay, shaper and pan.
@Suite struct EffectTests {
    static func echo(_ frames: Float, lanes: Format = .voices(sampleRate: 48_000), unsteady: Bool = false)
        -> [Float]
    {
        var bench = ModuleBench<Delay>(Delay.self, format: lanes)
        bench.feed(.input, .moving { _, frame in frame == 100 ? 1 : 0 })
        bench.set(.time, frames / 48_000)
        bench.set(.feedback, 0)
        bench.set(.mix, 1)
        bench.unsteady = unsteady
        bench.events = [.note(0)]
        return bench.run(Int(frames) + 400)[0].lane(1)
    }

    @Test(arguments: [Float(2), 3, 63, 64, 65, 1000, 48_000, 192_000])
    func delayIsExactInFrames(frames: Float) {
        for format in Format.both {
            let signal = Self.echo(frames, lanes: format)
            // A float in seconds is not a whole number of frames: the error is 1/64 frame at four seconds.
            let position = 100 + Int(frames)
            #expect(abs(signal[position] - 1) < 0.03)
            let rest = signal.enumerated().reduce(0.0) {
                $0 + (abs($1.offset - position) > 1 ? abs(Double($1.element)) : 0)
            }
            #expect(rest < 0.02)
        }
    }

    @Test(arguments: [Float(2.5), 10.25, 333.75, 4800.5])
    func delayIsExactBetweenFrames(frames: Float) {
        let signal = Self.echo(frames)
        for hertz in [50.0, 500, 2000, 5000] {
            let (real, imaginary) = fourier(signal, hertz / 48_000)
            let expected = -hertz / 48_000 * (100 + Double(frames))
            let turns = atan2(imaginary, real) / (2 * .pi) - expected
            let error = (turns - turns.rounded()) / (hertz / 48_000)
            #expect(abs(error) < 0.02, "\(hertz) Hz is \(error) frames off")
            #expect(abs(20 * log10(hypot(real, imaginary))) < (hertz < 3000 ? 0.05 : 0.5))
        }
        #expect(signal == Self.echo(frames, unsteady: true))
    }

    @Test func eachLaneHasItsOwnTime() {
        var bench = ModuleBench<Delay>(Delay.self)
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.set(.time, .lanes((0..<16).map { Float(20 + 3 * $0) / 48_000 }))
        bench.set(.feedback, 0)
        bench.set(.mix, 1)
        let frames = bench.run(100)[0]
        for lane in 0..<16 { #expect(abs(frames[20 + 3 * lane][lane] - 1) < 1e-3) }
    }

    @Test func echoesDecayByTheFeedback() {
        var bench = ModuleBench<Delay>(Delay.self)
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.set(.time, 0.01)
        bench.set(.feedback, 0.5)
        bench.set(.tone, 20_000)
        bench.set(.mix, 1)
        let signal = bench.run(2100)[0].lane(0)
        // The sum of an echo's frames is its gain at 0 Hz, where the damping filter has no effect.
        for echo in 1...4 {
            let sum = signal[(480 * echo - 100)..<(480 * echo + 100)].reduce(0, +)
            #expect(abs(sum - pow(0.5, Float(echo - 1))) < 1e-3)
        }
    }

    @Test func aNewNoteHasNoOldEchoes() {
        var bench = ModuleBench<Delay>(Delay.self)
        bench.feed(.input, .moving { lane, frame in frame < 1000 ? noise(lane, frame, 1) : 0 })
        bench.set(.time, 0.05)
        bench.set(.mix, 1)
        bench.events = [.note(0), .note(1000, LaneMask(lane: 3))]
        let frames = bench.run(5000)[0]
        #expect(frames[1000...].allSatisfy { $0[3] == 0 })
        #expect(frames[1000...].contains { $0[4] != 0 })
    }

    @Test func inAFeedbackLoopItIsReadBeforeItIsWritten() {
        var bench = ModuleBench<Delay>(Delay.self)
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
        bench.set(.time, 0.004)
        bench.set(.mix, 1)
        let whole = bench.run(2000)
        bench.render = { module, io in
            module.read(io)
            module.write(io)
        }
        for cuts in [[64], [1], [5, 64, 31]] {
            bench.cuts = cuts
            var faults: [String] = []
            compare(whole, bench.run(2000), "in sub-blocks of \(cuts)", &faults)
            #expect(faults == [])
        }
    }

    /// Both channels of a bus equal two voices, also where the delay line wraps around, at four seconds.
    @Test(arguments: [Float(2), 8.5, 9, 10.25, 64, 191_990])
    func delayOfABusEqualsVoices(frames: Float) {
        var bench = ModuleBench<Delay>(Delay.self)
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
        bench.set(.time, frames / 48_000)
        bench.set(.feedback, .moving { lane, frame in 0.5 + 0.4 * noise(lane, frame, 2) })
        bench.set(.tone, .moving { lane, frame in 5000 + 4000 * noise(lane, frame / 16, 3) })
        bench.events = [.note(0), .note(777, LaneMask(lane: 1))]
        #expect(bench.faultsOnABus(200_000) == [])
    }

    @Test(arguments: [Float(0), 1, 2])
    func shaperOfABusEqualsVoices(curve: Float) {
        var bench = ModuleBench<Shaper>(Shaper.self)
        bench.set(.curve, curve)
        bench.set(.drive, .moving { lane, frame in 20 + 20 * noise(lane, frame / 16, 2) })
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
        bench.events = [.note(0), .note(777, LaneMask(lane: 1))]
        #expect(bench.faultsOnABus(3000) == [])
    }

    @Test(arguments: [Float(0), 1, 2])
    func shaperIsItsCurve(curve: Float) {
        // Slow enough that the mean over a frame equals the curve.
        var bench = ModuleBench<Shaper>(Shaper.self)
        bench.set(.curve, curve)
        bench.set(.drive, 20)
        bench.feed(.input, .moving { _, frame in (Float(frame) - 20_000) / 20_000 })
        let signal = bench.run(40_000)[0].lane(0)
        for n in stride(from: 100, to: 40_000, by: 371) {
            let x = 10 * (Double(n) - 20_000.5) / 20_000
            let expected = [x / sqrt(1 + x * x), max(-1, min(1, x)), sin(x * .pi / 2)][Int(curve)]
            #expect(abs(Double(signal[n]) - expected) < 1e-4)
            #expect(abs(signal[n]) <= 1.000_001)
        }
    }

    @Test(arguments: [Float(0), 1, 2])
    func shaperMakesNoOffset(curve: Float) {
        var bench = ModuleBench<Shaper>(Shaper.self)
        bench.set(.curve, curve)
        bench.set(.drive, 30)
        bench.feed(.input, .moving { _, frame in sin(2 * Float.pi * Float(frame % 480) / 480) })
        let mean = bench.run(48_000)[0].lane(0).dropFirst(480).reduce(0.0) { $0 + Double($1) } / 47_520
        #expect(abs(mean) < 1e-5)
    }

    @Test func panHasConstantPower() {
        for (position, left, right) in [
            (Float(-1), 2.0, 0.0), (0, 1, 1), (1, 0, 2), (0.5, 0.292_893, 1.707_107),
        ] {
            var bench = ModuleBench<Pan>(Pan.self, format: .bus(sampleRate: 48_000))
            bench.feed(.input, .steady(0.7))
            bench.set(.pan, position)
            let value = bench.run(1)[0][0]
            let power = [value[0], value[1]].map { Double($0 / 0.7) * Double($0 / 0.7) }
            #expect(abs(power[0] - left) < 1e-5 && abs(power[1] - right) < 1e-5)
            if position == 0 { #expect(value[0] == 0.7 && value[1] == 0.7) }
        }
    }
}

extension ModuleBench {
    /// Differences between the two channels of a bus and two voices.
    fileprivate func faultsOnABus(_ frames: Int) -> [String] {
        var bus = self, faults: [String] = []
        bus.format = .bus(sampleRate: format.sampleRate)
        compare(run(frames), bus.run(frames), M.info.type, &faults, lanes: 2)
        return faults
    }
}
