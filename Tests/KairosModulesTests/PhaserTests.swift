import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The phaser compared with the response of its allpass filters, and the ring modulator with its sidebands.
@Suite struct PhaserTests {
    private static func response(
        _ set: [Phaser.Param: Float], format: Format, clock: Int = 0
    ) -> [Float] {
        var bench = ModuleBench<Phaser>(Phaser.self, format: format)
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.set(.depth, 0)
        for (param, value) in set { bench.set(param, value) }
        bench.clock = clock
        bench.events = [.note(0)]
        return bench.run(1 << 14)[0].lane(1)
    }

    /// Frequencies in Hz of the notches: without a sample rate, and under the bilinear transform.
    private static func notches(_ stages: Int, _ hertz: Double, _ rate: Double) -> [(Double, Double)] {
        (0..<stages / 2).map { k in
            let factor = tan(Double(2 * k + 1) * .pi / Double(2 * stages))
            return (hertz * factor, rate / .pi * atan(tan(.pi * hertz / rate) * factor))
        }
    }

    @Test(arguments: [4, 6, 8, 10, 12], [Float(44_100), 48_000, 192_000])
    func notchesLieAtTheTangents(stages: Int, rate: Float) {
        let hertz: Float = 800
        let set: [Phaser.Param: Float] = [.frequency: hertz, .stages: Float(stages), .feedback: 0]
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            let response = Self.response(set, format: format)
            for (analogue, digital) in Self.notches(stages, Double(hertz), Double(rate)) {
                // The last ones are far above the frequency.
                if digital > 0.4 * Double(rate) { continue }
                let found = level(response, digital / Double(rate))
                #expect(found < -40, "\(stages) stages, \(digital) Hz: \(found) dB")
                if analogue < Double(hertz) { #expect(abs(digital / analogue - 1) < 0.01) }
            }
            #expect(abs(level(response, 1 / Double(rate)) - 6.02) < 0.01)
        }
    }

    @Test(arguments: [Float(-0.95), -0.4, 0.5, 0.95], [4, 7, 12])
    func feedbackIsThatOfTheFormula(feedback: Float, stages: Int) {
        let rate = 48_000.0, hertz = 900.0, k = Double(feedback)
        let set: [Phaser.Param: Float] = [
            .frequency: Float(hertz), .stages: Float(stages), .feedback: feedback, .mix: 1,
        ]
        let response = Self.response(set, format: .bus(sampleRate: Float(rate)))
        for frequency in stride(from: 40.0, to: 15_000, by: 331) {
            let turn = -2 * Double(stages) * atan(tan(.pi * frequency / rate) / tan(.pi * hertz / rate))
            let expected = -20 * log10(hypot(1 - k * cos(turn), k * sin(turn)))
            let found = level(response, frequency / rate)
            // A peak of twelve stages at 95 % is so steep that the last bits of the coefficient count.
            #expect(abs(found - expected) < 0.15, "\(frequency) Hz: \(found), not \(expected) dB")
        }
    }

    /// A quarter and three quarters of a sweep from its middle the notches are two octaves up and down.
    @Test func theSweepIsInOctaves() {
        for (turns, octaves) in [(0.25, 2.0), (0.75, -2), (0.125, 1), (0.5, 0)] {
            // The slowest sweep takes twenty seconds: it hardly moves within an impulse response of 40 ms.
            let response = Self.response(
                [.frequency: 500, .depth: 1, .rate: 0.05, .stages: 4, .feedback: 0],
                format: .voices(sampleRate: 48_000), clock: Int(turns * 20 * 48_000))
            for (_, digital) in Self.notches(4, 500 * exp2(octaves), 48_000) {
                let found = level(Array(response[..<2000]), digital / 48_000)
                #expect(found < -30, "\(turns) turns, \(digital) Hz: \(found) dB")
            }
        }
    }

    /// On a bus the right side is a quarter of a cycle later: what the left had at 0 it has at a quarter.
    @Test func theRightSideIsLater() {
        let set: [Phaser.Param: Float] = [
            .frequency: 500, .depth: 1, .rate: 0.05, .stages: 4, .feedback: 0,
        ]
        // An eighth later than the middle is the middle of the right side, which is an eighth late.
        let response = Self.response(set, format: .bus(sampleRate: 48_000), clock: Int(0.125 * 20 * 48_000))
        for (_, digital) in Self.notches(4, 500, 48_000) {
            #expect(level(Array(response[..<2000]), digital / 48_000) < -30)
        }
    }

    @Test(arguments: [Float(44_100), 48_000, 192_000])
    func theRingModulatorHasTwoSidebands(rate: Float) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            var bench = ModuleBench<RingModulator>(RingModulator.self, format: format)
            bench.feed(.input, .moving { _, n in Float(sin(2 * .pi * 1000 * Double(n) / Double(rate))) })
            bench.set(.frequency, 300)
            bench.events = [.note(0)]
            let output = bench.run(Int(rate))[0].lane(1)
            func amplitude(_ hertz: Double) -> Double {
                let (real, imaginary) = fourier(output, hertz / Double(rate))
                return 2 * hypot(real, imaginary) / Double(rate)
            }
            for sideband in [700.0, 1300] { #expect(abs(amplitude(sideband) - 0.5) < 1e-4) }
            for absent in [300.0, 1000, 400, 2000, 1700] { #expect(amplitude(absent) < 1e-5) }
        }
    }

    @Test func theRingModulatorMultipliesByItsInlet() {
        var bench = ModuleBench<RingModulator>(RingModulator.self, format: .voices(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
        bench.feed(.carrier, .moving { lane, frame in noise(lane, frame, 2) })
        bench.set(.source, 1)
        let output = bench.run(200)[0]
        for n in 0..<200 { #expect(output[n][3] == noise(3, n, 1) * noise(3, n, 2)) }
    }

    /// The sine is that of a clock, also for a note that begins later and after frames without the module.
    @Test func theSineRunsFreely() {
        var bench = ModuleBench<RingModulator>(RingModulator.self)
        bench.feed(.input, .steady(1))
        bench.set(.frequency, 440)
        bench.events = [.note(0), .note(7001, LaneMask(lane: 3))]
        let whole = bench.run(20_000)[0]
        for n in 7100..<20_000 { #expect(abs(whole[n][3] - whole[n][4]) < 1e-5) }
        bench.idle = 9000..<13_000
        let rested = bench.run(20_000)[0]
        for n in 13_100..<20_000 { #expect(abs(whole[n][3] - rested[n][3]) < 1e-5) }
    }
}
