import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The limiter by meters that share nothing with it. `Tests/Limiter` measures it by libebur128 and SciPy.
@Suite struct LimiterTests {
    /// Signals that are loud between their samples.
    enum Signal: CaseIterable {
        case noise, bursts, clicks, square, quarter

        func value(_ lane: Int, _ n: Int, _ rate: Double) -> Float {
            let time = Double(n) / rate
            switch self {
            case .noise: return 3 * KairosTestSupport.noise(lane, n, 1)
            case .bursts:
                return n / 3000 % 3 == 0 ? 4 * KairosTestSupport.noise(lane, n, 2) : 0.1
            case .clicks:
                return (n % 997 == 0 ? 8 : 0) + Float(sin(2 * Double.pi * 11_000 * time))
            case .square: return sin(2 * Double.pi * 1234.5 * time) > 0 ? 2 : -2
            // A sine at a quarter of the sample rate, whose samples are 3 dB below its peaks.
            case .quarter: return Float(2 * sin(Double.pi / 2 * Double(n) + Double.pi / 4))
            }
        }
    }

    @Test(arguments: [Float(44_100), 48_000, 96_000, 192_000], Signal.allCases)
    func theOutputNeverExceedsItsCeiling(rate: Float, signal: Signal) {
        for (format, ceiling) in [
            (Format.bus(sampleRate: rate), -1.0), (.voices(sampleRate: rate), -6.0),
        ] {
            var bench = ModuleBench<Limiter>(Limiter.self, format: format)
            bench.feed(.input, .moving { lane, frame in signal.value(lane, frame, Double(rate)) })
            bench.set(.ceiling, Float(ceiling))
            bench.set(.release, 0.03)
            let output = bench.run(16_000)[0]
            for lane in 0..<2 {
                let peak = TruePeakMeter.decibels(output.lane(lane))
                #expect(peak <= ceiling, "\(signal), lane \(lane): \(peak) dB")
                #expect(peak > ceiling - 0.7, "\(signal), lane \(lane): \(peak) dB")
            }
            // What reaches up to half of the sample rate is beyond twelve taps, and beyond the standard.
            if [.square, .noise, .bursts].contains(signal) { continue }
            let peak = TruePeakMeter.exactDecibels(Array(output.lane(0)[..<8000]))
            #expect(peak <= ceiling + 0.05, "\(signal): \(peak) dB at eight times the sample rate")
        }
    }

    @Test(arguments: [Float(44_100), 48_000, 192_000])
    func belowTheCeilingTheOutputIsTheDelayedInput(rate: Float) {
        for format in [Format.bus(sampleRate: rate), .voices(sampleRate: rate)] {
            var bench = ModuleBench<Limiter>(Limiter.self, format: format)
            bench.feed(.input, .moving { lane, frame in 0.4 * noise(lane, frame, 1) })
            bench.cuts = [64, 3, 31]
            let latency = TruePeakLimiter(sampleRate: rate, isBus: format.isBus).latency
            #expect(Double(latency) / Double(rate) < 0.002)
            let output = bench.run(4000)[0]
            for lane in 0..<2 {
                #expect(output.lane(lane)[..<latency].allSatisfy { $0 == 0 })
                #expect(
                    Array(output.lane(lane)[latency...])
                        == (0..<4000 - latency).map { 0.4 * noise(lane, $0, 1) })
            }
        }
    }

    /// After a peak the gain comes back to exactly 1.
    @Test func theLimiterComesToRest() {
        for format in Format.both {
            var bench = ModuleBench<Limiter>(Limiter.self, format: format)
            func input(_ frame: Int) -> Float { frame == 1000 ? 3 : 0.4 * noise(0, frame, 1) }
            bench.feed(.input, .moving { _, frame in input(frame) })
            bench.set(.release, 0.02)
            let latency = TruePeakLimiter(sampleRate: 48_000, isBus: format.isBus).latency
            let output = bench.run(40_000)[0].lane(1)
            #expect(output[1500] != input(1500 - latency))
            for n in 30_000..<40_000 { #expect(output[n] == input(n - latency)) }
        }
    }

    @Test func aLowWaveIsNotDistorted() {
        var bench = ModuleBench<Limiter>(Limiter.self, format: .bus(sampleRate: 48_000))
        bench.feed(
            .input, .moving { _, frame in 1.8 * Float(sin(2 * Double.pi * 50 * Double(frame) / 48_000)) })
        let signal = Array(bench.run(96_000)[0].lane(0)[48_000...])
        func power(_ harmonic: Int) -> Double {
            let (real, imaginary) = fourier(signal, 50 * Double(harmonic) / 48_000)
            return real * real + imaginary * imaginary
        }
        let distortion = 10 * log10((2...40).reduce(0) { $0 + power($1) } / power(1))
        #expect(distortion < -110, "\(distortion) dB")
    }

    @Test(arguments: [Float(44_100), 192_000])
    func theReleaseTimeIs63PercentOfTheWay(rate: Float) {
        var bench = ModuleBench<Limiter>(Limiter.self, format: .bus(sampleRate: rate))
        let end = Int(rate) / 10, latency = TruePeakLimiter(sampleRate: rate, isBus: true).latency
        bench.feed(.input, .moving { _, frame in (frame < end ? 2 : 0.2) * (frame / 20 % 2 == 0 ? 1 : -1) })
        bench.set(.release, 0.1)
        let output = bench.run(Int(rate) / 2)[0].lane(0)
        let gains = output.enumerated().map { n, value in
            abs(Double(value)) / (n - latency < end ? 2 : 0.2)
        }
        // In the middle of a half wave, where the true peak is the sample.
        let least = gains[end + latency - 10]
        let reached =
            gains.enumerated().first { n, gain in
                n > end + latency && (n - latency) % 20 == 10 && 1 - gain <= (1 - least) * exp(-1)
            }?.offset ?? 0
        let seconds = Double(reached - end - latency) / Double(rate)
        // The hold of 10 ms begins when the peak arrives, less the look-ahead.
        #expect(abs(seconds - 0.11) < 0.004, "\(seconds) s")
    }

    @Test func bothSidesOfABusHaveOneGain() {
        var bench = ModuleBench<Limiter>(Limiter.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in (lane == 0 ? 2 : 0.02) * noise(3, frame, 1) })
        for frame in bench.run(5000)[0][200...] where frame[1] != 0 {
            #expect(abs(frame[0] / frame[1] / 100 - 1) < 1e-5)
        }
    }

    @Test func gainIsInDecibels() {
        var bench = ModuleBench<Limiter>(Limiter.self)
        bench.feed(.input, .steady(0.01))
        bench.set(.gain, 20)
        #expect(abs(bench.run(1000)[0][999][0] - 0.1) < 1e-5)
    }
}
