import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Filters compared with the analogue prototype under the bilinear transform, prewarped at the cutoff
/// frequency.
@Suite struct FilterTests {
    static let rate = 48_000.0
    static let cutoffs: [Float] = [20, 100, 1000, 5000, 15_000, 20_000]

    /// Impulse responses of all outlets, from rest, with the impulse in all lanes.
    static func impulseResponses<M: Module>(
        _ type: M.Type, _ inlet: M.Inlet, set: [Int: Float], frames: Int
    ) -> [[Lanes]] {
        var bench = ModuleBench<M>(M.self)
        bench.feed(inlet, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.params = set.mapValues { .steady($0) }
        bench.events = [.note(0)]
        return bench.run(frames)
    }

    /// Magnitude in dB of (a·s² + b·s + c) / (d·s² + e·s + f), with s = j·tan(πf)/tan(πf₀).
    static func prototype(
        _ numerator: (Double, Double, Double), _ denominator: (Double, Double, Double), _ frequency: Double,
        _ cutoff: Double
    ) -> Double {
        let w = tan(.pi * frequency) / tan(.pi * cutoff)
        func power(_ p: (Double, Double, Double)) -> Double {
            let real = p.2 - p.0 * w * w
            let imaginary = p.1 * w
            return real * real + imaginary * imaginary
        }
        return 10 * log10(max(1e-30, power(numerator) / power(denominator)))
    }

    /// Frequencies from 10 Hz to 0.45 of the sample rate, in cycles per frame.
    static var frequencies: [Double] { (0...24).map { 10 * pow(2160, Double($0) / 24) / rate } }

    @Test(arguments: cutoffs, [Float(0), 0.1, 0.7, 0.95])
    func stateVariableFilterIsThePrototype(cutoff: Float, resonance: Float) {
        let set = [
            StateVariableFilter.Param.cutoff.rawValue: cutoff,
            StateVariableFilter.Param.resonance.rawValue: resonance,
        ]
        let frames = cutoff < 500 ? 96_000 : 16_384
        let outlets = Self.impulseResponses(StateVariableFilter.self, .input, set: set, frames: frames)
        let k = 2 - 1.98 * Double(resonance)
        let at = Double(cutoff) / Self.rate
        let numerators = [(0.0, 0.0, 1.0), (0, 1, 0), (1, 0, 0), (1, 0, 1)]
        for (outlet, numerator) in numerators.enumerated() {
            let response = outlets[outlet].lane(5)
            for frequency in Self.frequencies {
                let expected = Self.prototype(numerator, (1, k, 1), frequency, at)
                guard expected > -60 else { continue }
                let found = level(response, frequency)
                #expect(abs(found - expected) < 0.1, "outlet \(outlet) at \(frequency * Self.rate) Hz")
            }
        }
    }

    @Test(arguments: Biquad.Response.allCases, cutoffs)
    func biquadIsTheCookbook(response: Biquad.Response, cutoff: Float) {
        for (q, gain) in [(0.3, -18.0), (0.707, 6), (8, 24)] {
            let set: [Int: Float] = [
                Biquad.Param.response.rawValue: Float(response.rawValue),
                Biquad.Param.cutoff.rawValue: cutoff,
                Biquad.Param.q.rawValue: Float(q), Biquad.Param.gain.rawValue: Float(gain),
            ]
            // A narrow peak at 20 Hz rings for seconds.
            let frames = cutoff < 50 && q > 1 ? 400_000 : cutoff < 500 ? 96_000 : 16_384
            let found = Self.impulseResponses(Biquad.self, .input, set: set, frames: frames)[0].lane(2)
            let a = pow(10, gain / 40)
            let b = sqrt(a) / q
            let plain = (1.0, 1 / q, 1.0)
            let (numerator, denominator): ((Double, Double, Double), (Double, Double, Double)) =
                switch response {
                case .lowpass: ((0, 0, 1), plain)
                case .highpass: ((1, 0, 0), plain)
                case .bandpass: ((0, 1 / q, 0), plain)
                case .notch: ((1, 0, 1), plain)
                case .allpass: ((1, -1 / q, 1), plain)
                case .peak: ((1, a / q, 1), (1, 1 / (a * q), 1))
                case .lowshelf: ((a, a * b, a * a), (a, b, 1))
                case .highshelf: ((a * a, a * b, a), (1, b, a))
                }
            for frequency in Self.frequencies {
                let expected = Self.prototype(numerator, denominator, frequency, Double(cutoff) / Self.rate)
                guard expected > -60 else { continue }
                let difference = level(found, frequency) - expected
                #expect(abs(difference) < 0.1, "q \(q) at \(frequency * Self.rate) Hz: \(difference) dB")
            }
        }
    }
}
