import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Room acoustics of the reverbs, and their parameters.
@Suite struct ReverbTests {
    /// Impulse responses that differ by the state of the modulation.
    static func responses<M: Module>(
        _ type: M.Type, _ set: [ReverbParam: Float], count: Int, seconds: Double
    ) -> [ImpulseResponse] where M.Param == ReverbParam {
        (0..<count).map { index in
            ImpulseResponse(
                M.self, set.merging([.mix: 1]) { $1 }, seconds: seconds, clock: index * 38_400)
        }
    }

    // MARK: the first reflections

    @Test func reverbIsDenseFrom80Milliseconds() {
        Self.expectDensity(Reverb.self, [0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.2])
    }

    @Test func plateIsDenseFrom20Milliseconds() {
        Self.expectDensity(Plate.self, [0.02, 0.03, 0.05, 0.08, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2])
    }

    private static func expectDensity<M: Module>(_ type: M.Type, _ times: [Double])
    where M.Param == ReverbParam {
        let found = responses(type, [.preDelay: 0], count: 4, seconds: 1.3).map { $0.echoDensity(at: times) }
        for (index, time) in times.enumerated() {
            let density = found.reduce(0) { $0 + $1[index] } / Double(found.count)
            #expect(density >= 0.9, "\(M.info.type) at \(time) s: \(density)")
        }
    }

    /// Control: the measure tells single echoes and noise apart.
    @Test func echoesAreNotDense() {
        let echo = ImpulseResponse(Delay.self, [.time: 0.005, .feedback: 0.9, .mix: 1], seconds: 0.3)
        #expect(echo.echoDensity(at: [0.1])[0] < 0.6)
    }

    @Test func nothingIsHeardBeforeThePreDelay() {
        let near = ImpulseResponse(Reverb.self, [.preDelay: 0, .mix: 1], seconds: 0.4)
        let far = ImpulseResponse(Reverb.self, [.preDelay: 0.25, .mix: 1], seconds: 0.4)
        for channel in 0..<2 {
            let first = near.channels[channel].firstIndex { $0 != 0 } ?? 0
            // The shortest line; a small part of the left channel is in the right one.
            #expect(first == 967)
            #expect(far.channels[channel].firstIndex { $0 != 0 } == first + 12_000)
        }
    }

    // MARK: decay

    @Test(arguments: [Float(1), 2, 5])
    func decayTimeIsThatOfAllFrequencies(decay: Float) {
        Self.expectDecay(Reverb.self, decay, damping: 0)
        Self.expectDecay(Plate.self, decay, damping: 0)
    }

    @Test func dampedDecayFollowsTheCurve() {
        for damping in [Float(0.3), 0.6] {
            Self.expectDecay(Reverb.self, 2.5, damping: damping)
            Self.expectDecay(Plate.self, 2.5, damping: damping)
        }
    }

    private static func expectDecay<M: Module>(_ type: M.Type, _ decay: Float, damping: Float)
    where M.Param == ReverbParam {
        let found = responses(
            type, [.decay: decay, .damping: damping, .lowCut: 10], count: 8, seconds: Double(decay) + 0.2)
        for hertz in [125.0, 250, 500, 1000, 2000, 4000] {
            let times = found.flatMap { $0.decayTimes(around: hertz) }
            #expect(times.count == 16)
            let mean = times.reduce(0, +) / 16
            let expected = target(type, Double(decay), Double(damping), hertz)
            #expect(
                abs(mean / expected - 1) < 0.05,
                "\(M.info.type), \(decay) s, damping \(damping), \(hertz) Hz: \(mean), not \(expected)")
        }
    }

    /// Decay time at a frequency, from the analogue prototypes of the shelving filters: the mean of the lines.
    static func target<M: Module>(_ type: M.Type, _ decay: Double, _ damping: Double, _ hertz: Double)
        -> Double
    {
        let lines: [Double] =
            M.self == Reverb.self
            ? [967, 1033, 1117, 1201, 1289, 1399, 1493, 1607, 1733, 1861, 1997, 2153, 2333, 2503, 2677, 2887]
            : [853, 907, 953, 1087, 1151, 1213, 1307, 1439, 1531, 1697, 1847, 1931, 2179, 2339, 2549, 2729]
        return lines.map { length in
            let seconds = length / 48_000
            let low = pow(10, -3 * seconds / decay), high = pow(low, pow(10, damping))
            // First-order shelving filter: its gain is the geometric mean of both at 5 kHz.
            let ratio = hertz / 5000
            let gain = sqrt(
                low * low * (low + high * ratio * ratio) / (low + low * low / high * ratio * ratio))
            return -3 * seconds / log10(gain)
        }.reduce(0, +) / 16
    }

    @Test func longestDecayIsStable() {
        for modulation in [Float(0), 1] {
            let found = ImpulseResponse(
                Reverb.self, [.decay: 60, .damping: 0, .modulation: modulation, .mix: 1], seconds: 12
            ).energyPerSecond
            for second in 2..<12 {
                let fall = 10 * log10(found[second] / found[second - 1])
                // One decibel per second.
                #expect(fall < -0.8 && fall > -1.2, "\(fall) dB after \(second) s")
            }
        }
    }

    /// The loop does not gain energy while the size moves.
    @Test func movingSizeIsStable() {
        var bench = ModuleBench<Reverb>(Reverb.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in frame < 4800 ? noise(lane, frame, 1) : 0 })
        for (param, value) in [ReverbParam.decay: Float(60), .damping: 0, .modulation: 1, .mix: 1] {
            bench.set(param, value)
        }
        bench.set(
            .size, .moving { _, frame in 1.25 + 0.75 * sin(Float(frame % 48_000) / 48_000 * 6.283_185) })
        let signal = bench.run(480_000)[0].lane(0)
        let energies = (1..<10).map { second in
            signal[second * 48_000..<(second + 1) * 48_000].reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        // A line that grows is read again where it was read before.
        #expect(energies[1...].allSatisfy { $0 < 2 * energies[0] })
        #expect(energies[8] < energies[0])
    }

    // MARK: sound

    @Test(arguments: [Float(2), 4])
    func noModeRings(decay: Float) {
        for size in [Float(1), 2] {
            let set: [ReverbParam: Float] = [.decay: decay, .damping: 0, .lowCut: 10, .size: size]
            let reverb = Self.loudestMode(Reverb.self, set, decay),
                plate = Self.loudestMode(Plate.self, set, decay)
            #expect(reverb < 6, "reverb of \(decay) s, size \(size): \(reverb) dB")
            #expect(plate < 6, "plate of \(decay) s, size \(size): \(plate) dB")
        }
    }

    /// Level of the loudest late mode in decibels: the mean of four responses. A single one of noise scatters by
    /// 0.4 dB.
    private static func loudestMode<M: Module>(
        _ type: M.Type, _ set: [ReverbParam: Float], _ decay: Float
    ) -> Double where M.Param == ReverbParam {
        let found = responses(type, set, count: 4, seconds: Double(decay))
        return found.reduce(0) { $0 + $1.loudestMode(decay: Double(decay)) } / Double(found.count)
    }

    @Test func monoSumLosesAtMost2Point7Decibels() {
        for level in [
            ImpulseResponse(Reverb.self, [.mix: 1], seconds: 2).monoLevel,
            ImpulseResponse(Plate.self, [.mix: 1], seconds: 2).monoLevel,
        ] { #expect(level >= -2.7 && level < -2, "\(level) dB") }
        let narrow = ImpulseResponse(Reverb.self, [.mix: 1, .width: 0], seconds: 1)
        #expect(narrow.monoLevel > -1e-6)
    }

    /// Steady noise comes out about as loud as it goes in, whatever the decay.
    @Test func levelDoesNotDependOnTheDecay() {
        for decay in [Float(0.5), 2, 8] {
            for level in [
                Self.noiseLevel(Reverb.self, decay), Self.noiseLevel(Plate.self, decay),
            ] { #expect(abs(level) < 2.5, "\(level) dB with \(decay) s") }
        }
    }

    private static func noiseLevel<M: Module>(_ type: M.Type, _ decay: Float) -> Double
    where M.Param == ReverbParam, M.Inlet == ReverbInlet {
        var bench = ModuleBench<M>(M.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 5) })
        bench.set(.decay, decay)
        bench.set(.damping, 0)
        bench.set(.lowCut, 10)
        bench.set(.mix, 1)
        let frames = Int(48_000 * (decay + 1))
        let power = bench.run(frames)[0].lane(0)[(frames - 48_000)...].reduce(0.0) {
            $0 + Double($1) * Double($1)
        }
        return 10 * log10(power / 48_000 * 3)
    }

    @Test func mixKeepsTheDrySignalUpToHalf() {
        for (mix, dry) in [(Float(0), Float(1)), (0.3, 1), (0.5, 1), (0.75, 0.5), (1, 0)] {
            var bench = ModuleBench<Reverb>(Reverb.self, format: .bus(sampleRate: 48_000))
            bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
            bench.set(.preDelay, 0.25)
            bench.set(.mix, mix)
            let frames = bench.run(12_000)[0]
            for n in frames.indices {
                #expect(frames[n][0] == noise(0, n, 1) * dry && frames[n][1] == noise(1, n, 1) * dry)
            }
        }
    }

    @Test func lowCutIsAHighPass() {
        // The response at 100 Hz relative to that without the filter: 6 dB per octave, 3 dB at the cutoff.
        func energy(_ cut: Float) -> Double {
            let response = ImpulseResponse(
                Plate.self, [.lowCut: cut, .mix: 1, .modulation: 0, .decay: 0.5, .damping: 0], seconds: 1)
            return level(response.channels[0], 100.0 / 48_000)
        }
        let open = energy(10)
        #expect(abs(energy(100) - open + 2.97) < 0.3)
        #expect(abs(energy(400) - open + 12.26) < 0.3)
    }
}
