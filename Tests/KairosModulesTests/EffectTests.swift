import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Tests of shaper and pan.
@Suite struct EffectTests {
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
    func faultsOnABus(_ frames: Int) -> [String] {
        var bus = self, faults: [String] = []
        bus.format = .bus(sampleRate: format.sampleRate)
        compare(run(frames), bus.run(frames), M.info.type, &faults, lanes: 2)
        return faults
    }
}
