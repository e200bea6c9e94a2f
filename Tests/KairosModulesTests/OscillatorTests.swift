import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Measurements of the oscillators: pitch, pulse width, noise spectra. ``OscillatorSpectrumTests`` has the others.
@Suite struct OscillatorTests {
    static let rate = 48_000.0

    /// One lane of a note with a constant frequency in Hz.
    static func note<M: Module>(
        _ type: M.Type, pitch inlet: M.Inlet, hertz: Double, frames: Int,
        rate: Double = OscillatorTests.rate, set: [Int: Float] = [:]
    ) -> [Float] {
        var bench = ModuleBench<M>(M.self, format: .voices(sampleRate: Float(rate)))
        bench.feed(inlet, .steady(Float(69 + 12 * log2(hertz / 440))))
        for (param, value) in set { bench.params[param] = .steady(value) }
        bench.events = [.note(0)]
        return bench.run(frames)[0].lane(0)
    }

    @Test func sawBeginsAsNaiveWave() {
        // The first frames of a note equal the naive wave: the discontinuity is half a cycle away.
        let signal = Self.note(Saw.self, pitch: .pitch, hertz: 440, frames: 40)
        for n in 0..<40 { #expect(abs(Double(signal[n]) - 2 * Double(n) * 440 / Self.rate) < 1e-5) }
    }

    @Test func sineIsPure() {
        for hertz in [61.7, 997.3, 5003.1] {
            let signal = Self.note(Sine.self, pitch: .pitch, hertz: hertz, frames: 65_536)
            let power = powerSpectrum(signal)
            let bin = hertz / Self.rate * 65_536
            var tone = 0.0
            var rest = 0.0
            for (index, value) in power.enumerated() {
                if abs(Double(index) - bin) < 14 { tone += value } else { rest += value }
            }
            let ratio = 10 * log10(rest / tone)
            #expect(ratio < -110, "\(hertz) Hz: \(ratio) dB")
        }
    }

    @Test func pitchIsExact() {
        for key in stride(from: 0, through: 127, by: 1) {
            let expected = 440 * exp2((Double(key) - 69) / 12)
            let cents = [
                1200 * log2(Self.frequency(Sine.self, .pitch, key) / expected),
                1200 * log2(Self.frequency(Saw.self, .pitch, key) / expected),
                1200 * log2(Self.frequency(Pulse.self, .pitch, key) / expected),
                1200 * log2(Self.frequency(Triangle.self, .pitch, key) / expected),
            ]
            #expect(cents.allSatisfy { abs($0) < 0.1 }, "key \(key): \(cents) cents")
        }
    }

    /// Frequency of a key's fundamental in Hz, from the phase difference between two windows.
    static func frequency<M: Module>(_ type: M.Type, _ inlet: M.Inlet, _ key: Int) -> Double {
        var bench = ModuleBench<M>(M.self)
        bench.feed(inlet, .steady(Float(key)))
        bench.events = [.note(0)]
        // Long enough for the window to separate the harmonics of a low key.
        let count = key < 24 ? 96_000 : 24_000
        let signal = bench.run(2 * count)[0].lane(0)
        let guess = 440 * exp2((Double(key) - 69) / 12) / rate
        func phase(_ from: Int) -> Double {
            let window = (0..<count).map { n in
                signal[from + n] * Float(0.5 - 0.5 * cos(2 * Double.pi * Double(n) / Double(count)))
            }
            let (real, imaginary) = fourier(window, guess)
            return atan2(imaginary, real) / (2 * Double.pi)
        }
        // Both windows measure the phase at the guess; the phase difference beyond it is the frequency error.
        let difference = wrapped(phase(count) - phase(0) - guess * Double(count))
        return (guess + difference / Double(count)) * rate
    }

    /// Turns wrapped to −½…½.
    static func wrapped(_ turns: Double) -> Double { turns - turns.rounded() }

    @Test func pulseHasItsWidthAndNoOffset() {
        for width: Float in [0.02, 0.1, 0.25, 0.5, 0.8, 0.98] {
            let signal = Self.note(
                Pulse.self, pitch: .pitch, hertz: 100, frames: 48_000,
                set: [Pulse.Param.width.rawValue: width])
            let mean = signal.reduce(0.0) { $0 + Double($1) } / 48_000
            #expect(abs(mean) < 1e-4)
            let middle = 1 - 2 * width
            let high = Double(signal.filter { $0 > middle }.count) / 48_000
            #expect(abs(high - Double(width)) < 0.003, "width \(width): \(high)")
        }
    }

    @Test func noiseIsWhite() {
        var bench = ModuleBench<Noise>(Noise.self)
        var first = ModuleBench<Noise>.Event.note(0, .all, seed: 1)
        for lane in 0..<16 { first.seeds[lane] = UInt32(lane + 1) }
        bench.events = [first]
        let frames = bench.run(65_536)[0]
        var bands = [Double](repeating: 0, count: 16)
        for lane in 0..<4 {
            let power = powerSpectrum(frames.lane(lane))
            for (bin, value) in power.enumerated() where bin > 0 && bin < 32_768 {
                bands[bin / 2048] += value
            }
        }
        let mean = bands.reduce(0, +) / 16
        for band in bands { #expect(abs(10 * log10(band / mean)) < 0.25) }
        // Different seeds give uncorrelated noise: the lanes have no correlation.
        for a in 0..<16 {
            for b in 0..<a {
                let product = frames.reduce(0.0) { $0 + Double($1[a] * $1[b]) } / 65_536
                #expect(abs(product) < 0.01, "lanes \(a) and \(b)")
            }
        }
        let sum = frames.reduce(0.0) { $0 + Double($1[3]) } / 65_536
        #expect(abs(sum) < 0.01)
    }

    @Test func pinkFallsThreeDecibelsAnOctave() {
        var bench = ModuleBench<Noise>(Noise.self)
        bench.set(.colour, 1)
        bench.events = [.note(0)]
        var octaves = [Double](repeating: 0, count: 9)
        for seed in 1...6 {
            bench.events = [.note(0, .all, seed: UInt32(seed))]
            let power = powerSpectrum(bench.run(65_536)[0].lane(0))
            for (bin, value) in power.enumerated() where bin >= 64 && bin < 32_768 {
                octaves[Int(log2(Double(bin) / 64))] += value
            }
        }
        // Every octave has the same power.
        let mean = octaves.reduce(0, +) / 9
        for octave in octaves { #expect(abs(10 * log10(octave / mean)) < 1) }
    }

    @Test func modulatorShiftsThePhase() {
        // A phase shift of a quarter turn makes a cosine.
        var bench = ModuleBench<Sine>(Sine.self)
        bench.feed(.modulator, .steady(0.5))
        bench.set(.index, 0.5)
        bench.feed(.pitch, .steady(69))
        bench.events = [.note(0)]
        let signal = bench.run(200)[0].lane(3)
        for n in 0..<200 {
            let angle = 2 * Double.pi * 440 * Double(n) / Self.rate
            #expect(abs(Double(signal[n]) - cos(angle)) < 1e-5)
        }
    }
}
