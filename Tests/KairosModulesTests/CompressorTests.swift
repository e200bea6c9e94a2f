import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The compressor compared with its static curve and with the definitions of its times.
@Suite struct CompressorTests {
    static let rates: [Float] = [44_100, 48_000, 96_000, 192_000]

    static func decibels(_ ratio: Double) -> Double { 20 * log10(max(ratio, 1e-30)) }

    static func amplitude(_ decibels: Double) -> Float { Float(pow(10, decibels / 20)) }

    /// Gain reduction in dB for a level in dB (Giannoulis, Massberg, Reiss 2012, equation 4).
    static func reduction(_ level: Double, threshold: Double, ratio: Double, knee: Double) -> Double {
        let over = level - threshold, slope = 1 - 1 / ratio
        if 2 * over < -knee { return 0 }
        if 2 * abs(over) <= knee, knee > 0 { return slope * pow(over + knee / 2, 2) / (2 * knee) }
        return slope * max(over, 0)
    }

    /// A wave of constant magnitude, whose level is `level` dB until `frame` and `next` dB from there on.
    static func step(_ level: Double, _ next: Double, at frame: Int) -> ModuleBench<Compressor>.Source {
        let before = amplitude(level), after = amplitude(next)
        return .moving { _, n in (n < frame ? before : after) * (n / 7 % 2 == 0 ? 1 : -1) }
    }

    /// Reduction in dB per frame, of a signal of constant magnitude.
    static func reductions(_ bench: ModuleBench<Compressor>, _ frames: Int, lane: Int) -> [Double] {
        guard case .moving(let input)? = bench.inlets[Compressor.Inlet.input.rawValue] else { return [] }
        return bench.run(frames)[0].enumerated().map { frame, value in
            -decibels(Double(value[lane] / input(lane, frame)))
        }
    }

    @Test(arguments: rates, [(1.0, 6.0), (2.0, 0.0), (4.0, 6.0), (4.0, 24.0), (20.0, 12.0)])
    func theStaticCurveIsTheFormula(rate: Float, setting: (Double, Double)) {
        var bench = ModuleBench<Compressor>(Compressor.self, format: .voices(sampleRate: rate))
        // Each lane has a level of its own.
        let levels = (0..<16).map { -45 + 3 * Double($0) }
        let amplitudes = levels.map { Self.amplitude($0) }
        let step = 2 * Double.pi * 997 / Double(rate)
        bench.feed(.input, .moving { lane, frame in amplitudes[lane] * Float(sin(step * Double(frame))) })
        bench.set(.threshold, -20)
        bench.set(.ratio, Float(setting.0))
        bench.set(.knee, Float(setting.1))
        let frames = Int(rate) / 2, output = bench.run(frames)[0]
        for lane in 0..<16 {
            var power = 0.0, input = 0.0
            for n in frames / 2..<frames {
                let x = Double(amplitudes[lane]) * sin(step * Double(n))
                power += Double(output[n][lane]) * Double(output[n][lane])
                input += x * x
            }
            let expected = Self.reduction(
                levels[lane], threshold: -20, ratio: setting.0, knee: setting.1)
            let found = -10 * log10(power / input)
            #expect(abs(found - expected) < 0.1, "\(levels[lane]) dB: \(found), not \(expected)")
        }
    }

    @Test(arguments: rates, [0.001, 0.01, 0.1])
    func theAttackTimeIs63PercentOfTheWay(rate: Float, attack: Double) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            var bench = ModuleBench<Compressor>(Compressor.self, format: format)
            let start = Int(rate) / 10
            bench.feed(.input, Self.step(-40, -8, at: start))
            bench.set(.attack, Float(attack))
            bench.set(.knee, 0)
            let found = Self.reductions(bench, start + Int(rate * Float(attack)) * 3 + 1000, lane: 1)
            #expect(found[start - 1] == 0)
            let reached = found.firstIndex { $0 >= 9 * (1 - exp(-1)) } ?? 0
            let seconds = Double(reached - start) / Double(rate)
            #expect(abs(seconds - attack) < 0.01 * attack + 1 / Double(rate), "\(seconds) s")
        }
    }

    @Test(arguments: rates, [0.02, 0.1, 0.5])
    func theReleaseTimeIs63PercentOfTheWayAfterTheHold(rate: Float, release: Double) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            var bench = ModuleBench<Compressor>(Compressor.self, format: format)
            let end = Int(rate) / 5
            bench.feed(.input, Self.step(-8, -40, at: end))
            bench.set(.attack, 0.005)
            bench.set(.release, Float(release))
            bench.set(.knee, 0)
            let found = Self.reductions(bench, end + Int(rate * Float(release)) * 2 + 2000, lane: 0)
            let hold = Int((rate * 0.01).rounded(.up))
            #expect(abs(found[end - 1] - 9) < 0.01)
            #expect(abs(found[end + hold - 2] - 9) < 0.01)
            let reached = found[end...].firstIndex { $0 <= 9 * exp(-1) } ?? 0
            // The hold is up to a control segment longer.
            let least = Double(hold) / Double(rate) + release * 0.99 - 1 / Double(rate)
            let most = Double(hold + SubBlock.controlTick) / Double(rate) + release * 1.01 + 1 / Double(rate)
            let seconds = Double(reached - end) / Double(rate)
            #expect(seconds >= least && seconds <= most, "\(seconds) s, not \(least)…\(most)")
        }
    }

    /// A wave of 50 Hz keeps its shape, 12 dB above the threshold and with a fast attack.
    @Test func aLowWaveIsNotDistorted() {
        var bench = ModuleBench<Compressor>(Compressor.self, format: .bus(sampleRate: 48_000))
        bench.feed(
            .input, .moving { _, frame in 0.4 * Float(sin(2 * Double.pi * 50 * Double(frame) / 48_000)) })
        bench.set(.attack, 0.001)
        let signal = Array(bench.run(96_000)[0].lane(0)[48_000...])
        func power(_ harmonic: Int) -> Double {
            let (real, imaginary) = fourier(signal, 50 * Double(harmonic) / 48_000)
            return real * real + imaginary * imaginary
        }
        let distortion = 10 * log10((2...40).reduce(0) { $0 + power($1) } / power(1))
        #expect(distortion < -110, "\(distortion) dB")
    }

    @Test func belowTheThresholdTheOutputIsTheInput() {
        for format in Format.both {
            var bench = ModuleBench<Compressor>(Compressor.self, format: format)
            bench.feed(.input, .moving { lane, frame in 0.06 * noise(lane, frame, 1) })
            bench.cuts = [64, 5, 17]
            let output = bench.run(3000)[0]
            for lane in 0..<2 {
                #expect(output.lane(lane) == (0..<3000).map { 0.06 * noise(lane, $0, 1) })
            }
        }
    }

    @Test func makeUpGainIsInDecibels() {
        var bench = ModuleBench<Compressor>(Compressor.self)
        bench.feed(.input, .steady(0.01))
        bench.set(.makeup, 12)
        #expect(abs(Self.decibels(Double(bench.run(100)[0][99][3]) / 0.01) - 12) < 1e-3)
    }

    @Test func theSideChainControlsTheGain() {
        for format in Format.both {
            var bench = ModuleBench<Compressor>(Compressor.self, format: format)
            bench.feed(.input, .steady(0.5))
            bench.feed(.key, .moving { _, frame in frame < 24_000 ? 0 : frame % 2 == 0 ? 1 : -1 })
            bench.set(.knee, 0)
            bench.set(.sidechain, 1)
            let output = bench.run(48_000)[0].lane(1)
            #expect(output[23_999] == 0.5)
            #expect(abs(Self.decibels(Double(output[47_999]) / 0.5) + 15) < 0.05)
            bench.set(.sidechain, 0)
            #expect(bench.run(24_000)[0][23_999][1] < 0.4)
        }
    }

    @Test func bothSidesOfABusHaveTheGainOfTheLouderOne() {
        var bench = ModuleBench<Compressor>(Compressor.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in (lane == 1 ? 0.8 : 0.01) * (frame % 2 == 0 ? 1 : -1) })
        for frame in bench.run(20_000)[0][100...] {
            #expect(abs(Self.decibels(Double(frame[1] / frame[0] / 80))) < 1e-4)
        }
        let last = bench.run(20_000)[0][19_999]
        #expect(abs(last[0]) < 0.006)
    }

    /// After a time in which the module was not run, the gain is as after the same time of silence.
    @Test func theReductionFallsWhileTheModuleIsNotRun() {
        var bench = ModuleBench<Compressor>(Compressor.self)
        bench.feed(
            .input, .moving { _, frame in frame < 4800 || frame >= 9600 ? (frame % 2 == 0 ? 0.5 : -0.5) : 0 })
        bench.set(.release, 0.2)
        bench.set(.attack, 0.05)
        let run = bench.run(9700)[0].lane(2)
        // The module is run for 50 ms of silence before it rests.
        bench.idle = 7200..<9600
        let rested = bench.run(9700)[0].lane(2)
        #expect(abs(run[9600]) < 0.49)
        for n in 9600..<9700 { #expect(abs(Self.decibels(Double(rested[n] / run[n]))) < 0.01) }
    }
}
