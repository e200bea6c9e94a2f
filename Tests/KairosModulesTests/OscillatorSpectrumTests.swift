import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Spectra of the oscillators against the Fourier series of their waveforms, at the two lowest sample rates.
@Suite struct OscillatorSpectrumTests {
    static let rates = [44_100.0, 48_000]

    /// One lane of each band-limited waveform, a name, and the amplitude of harmonic k by its Fourier series.
    private struct Wave {
        let name: String
        let signal: [Float]
        let amplitude: (_ k: Int) -> Double
    }

    private static func waves(hertz: Double, rate: Double) -> [Wave] {
        func pulse(_ width: Float) -> Wave {
            let signal = OscillatorTests.note(
                Pulse.self, pitch: .pitch, hertz: hertz, frames: 65_536, rate: rate,
                set: [Pulse.Param.width.rawValue: width])
            return Wave(name: "pulse \(width)", signal: signal) { k in
                4 / (.pi * Double(k)) * abs(sin(.pi * Double(k) * Double(width)))
            }
        }
        let saw = OscillatorTests.note(Saw.self, pitch: .pitch, hertz: hertz, frames: 65_536, rate: rate)
        let triangle = OscillatorTests.note(
            Triangle.self, pitch: .pitch, hertz: hertz, frames: 65_536, rate: rate)
        return [
            Wave(name: "saw", signal: saw) { 2 / (.pi * Double($0)) },
            pulse(0.1), pulse(0.31), pulse(0.5),
            Wave(name: "triangle", signal: triangle) { k in
                k % 2 == 0 ? 0 : 8 / (.pi * .pi * Double(k) * Double(k))
            },
        ]
    }

    @Test(arguments: OscillatorSpectrumTests.rates, [262.0, 1047, 2094, 4187])
    func aliasesAreFew(rate: Double, hertz: Double) {
        for wave in Self.waves(hertz: hertz, rate: rate) {
            let ratio = aliasToSignal(wave.signal, frequency: hertz / rate, limit: 20_000 / rate)
            // For comparison, the saw at 1047, 2094 and 4187 Hz and 48 kHz: SuperCollider's Saw has −54 dB, Csound's
            // vco2 −84, −80 and −90 dB.
            #expect(ratio < (wave.name == "triangle" ? -105 : -85), "\(wave.name): \(ratio) dB")
        }
    }

    @Test(arguments: OscillatorSpectrumTests.rates) func responseIsFlatTo16kHz(rate: Double) {
        let hertz = 253.3
        for wave in Self.waves(hertz: hertz, rate: rate) {
            for k in 1...Int(16_000 / hertz) {
                let expected = wave.amplitude(k)
                // Near a zero of the series there is nothing to compare.
                if expected < 0.1 * wave.amplitude(1) / Double(k * k) { continue }
                let droop = 20 * log10(amplitude(wave.signal, Double(k) * hertz / rate) / expected)
                #expect(
                    abs(droop) < (k == 1 ? 0.1 : 0.8), "\(wave.name), \(Double(k) * hertz) Hz: \(droop) dB")
            }
        }
    }

    /// From a fourteenth of the sample rate on, the kernels of neighbouring steps overlap: two, four, and more.
    @Test(arguments: OscillatorSpectrumTests.rates, [3210.0, 5013, 7040, 9401, 11_840, 12_544, 15_810])
    func highestNotesKeepTheirLevel(rate: Double, hertz: Double) {
        for wave in Self.waves(hertz: hertz, rate: rate) {
            let droop = 20 * log10(amplitude(wave.signal, hertz / rate) / wave.amplitude(1))
            #expect(abs(droop) < 0.8, "\(wave.name): \(droop) dB")
            let ratio = aliasToSignal(wave.signal, frequency: hertz / rate, limit: 20_000 / rate)
            #expect(ratio < -70, "\(wave.name): \(ratio) dB")
        }
    }

    /// Amplitude of one frequency, in cycles per frame, measured with a Hann window.
    private func amplitude(_ signal: [Float], _ frequency: Double) -> Double {
        let count = Double(signal.count)
        let windowed = signal.enumerated().map { n, value in
            value * Float(0.5 - 0.5 * cos(2 * Double.pi * Double(n) / count))
        }
        let (real, imaginary) = fourier(windowed, frequency)
        return (real * real + imaginary * imaginary).squareRoot() * 4 / count
    }
}
