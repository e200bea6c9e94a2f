import Glibc
import KairosDSP
import Testing

/// The band-limiting kernel and the waveforms made with it, against the kernel's definition in doubles.
@Suite struct BandLimitTests {
    /// The kernel of `scripts/oscillator-kernel`: step residual 1 − s · P(1 − 2s²), P in powers of its argument.
    private static let polynomial = [
        1.317021878, 0.6557469398, 1.28933703, 1.879773546, 0.2654443981, -3.031140864, -4.591893314,
        -2.020427588, 2.792844481, 4.558152891, 2.866477565, 2.377603711, 2.419432052, 0.9389554543,
    ]

    private static func step(_ s: Double) -> Double {
        if s >= 1 { return 0 }
        let w = 1 - 2 * s * s
        return 1 - s * polynomial.reversed().reduce(0) { $0 * w + $1 }
    }

    /// Half of the integral of the step residual from `s` to 1. With w = 1 − 2s², the integral of s · P is that of P / 4
    /// over w.
    private static func corner(_ s: Double) -> Double {
        if s >= 1 { return 0 }
        func integral(_ w: Double) -> Double {
            polynomial.enumerated().reversed().reduce(0) { $0 * w + $1.element / Double($1.offset + 1) } * w
        }
        return 0.5 * (1 - s - 0.25 * (integral(1 - 2 * s * s) - integral(-1)))
    }

    /// A residual in one lane, `s` half-widths from a discontinuity.
    private static func value(_ table: ResidualTable, _ s: Double) -> Double {
        Double(table(Lanes(repeating: Float(7.25 - 7.75 * s)))[5])
    }

    @Test func tablesFollowThePolynomial() {
        var apart = (step: 0.0, corner: 0.0)
        for n in 0...4000 {
            let s = Double(n) / 4000
            apart.step = max(apart.step, abs(Self.value(.step, s) - Self.step(s)))
            apart.corner = max(apart.corner, abs(Self.value(.corner, s) - Self.corner(s)))
        }
        #expect(apart.step < 6e-5 && apart.corner < 1e-6, "\(apart)")
        // Exactly 0 where the kernel ends, and beyond.
        for s in [1, 1.001, 1.7, 300, 1e20] {
            #expect(Self.value(.step, s) == 0 && Self.value(.corner, s) == 0, "\(s)")
        }
    }

    @Test func kernelIsFlatAndStopsWhatAliases() {
        // The response of the kernel is 1 − κ · the integral of r(s) · sin(κ s), κ = 2π · frequency · half-width.
        let count = 16_384, residual = (0...count).map { Self.value(.step, Double($0) / Double(count)) }
        func response(_ frequency: Double) -> Double {
            let kappa = 2 * Double.pi * frequency * 7
            let sum = (0...count).reduce(0.0) { sum, n in
                let weight: Double = n == 0 || n == count ? 1 : n % 2 == 1 ? 4 : 2
                return sum + weight * residual[n] * sin(kappa * Double(n) / Double(count))
            }
            return 1 - kappa * sum / Double(count) / 3
        }
        for n in 0...40 {
            let decibels = 20 * log10(response(Double(n) / 40 * 16 / 44.1))
            #expect(abs(decibels) < 0.65, "\(Double(n) * 0.4) kHz: \(decibels) dB")
        }
        // What a harmonic of a step wave leaves below 20 kHz at 44.1 kHz: its level falls by 6 dB per octave.
        for image in 1...4 {
            for n in -20...20 {
                let frequency = Double(image) + Double(n) / 44.1
                let decibels = 20 * log10(abs(response(frequency)) / frequency)
                #expect(decibels < -72.5, "\(frequency) cycles per frame: \(decibels) dB")
            }
        }
    }

    /// A phase in turns whose increment, `increment` in the first frame, grows by `growth` per frame.
    private struct Glide {
        var increment: Double
        var growth: Double
        var frames: Int

        func phase(_ t: Double) -> Double { 0.3 + increment * t + growth * t * (t - 1) / 2 }

        /// The time in frames at which the phase is `turns`; nil if it never is.
        func time(of turns: Double) -> Double? {
            let b = increment - growth / 2, c = 0.3 - turns
            if growth == 0 { return -c / b }
            let root = b * b - 2 * growth * c
            return root < 0 ? nil : (root.squareRoot() - b) / growth
        }

        /// Sum of a discontinuity's exact residuals at frame `n`. Discontinuities are `spacing` turns apart from `first`.
        func residuals(
            _ n: Int, first: Double, spacing: Double, _ residual: (Double, Int) -> Double
        ) -> Double {
            let near = Int(((phase(Double(n)) - first) / spacing).rounded())
            return (near - 16...near + 16).reduce(0) { sum, index in
                guard let time = time(of: first + Double(index) * spacing) else { return sum }
                return sum + residual(Double(n) - time, index)
            }
        }

        /// Level of the error of `wave` against `reference` in decibels, 0 for a root mean square of 1. The lanes of a
        /// vector are consecutive frames.
        func error(
            _ wave: (_ phase: SIMD16<UInt32>, _ cycles: Lanes, _ bend: Lanes) -> Lanes,
            _ reference: (_ n: Int, _ turns: Double) -> Double
        ) -> Double {
            var error = 0.0
            for first in stride(from: 0, to: frames, by: 16) {
                var phases = SIMD16<UInt32>(), cycles = Lanes.zero, bend = Lanes.zero
                for lane in 0..<16 {
                    let n = Double(first + lane), now = increment + growth * n
                    let steps = ((phase(n) - phase(n).rounded()) * 0x1p32).rounded()
                    phases[lane] = UInt32(truncatingIfNeeded: Int(steps))
                    (cycles[lane], bend[lane]) = (Float(now), Float(growth / (2 * now)))
                }
                let found = wave(phases, cycles, bend)
                for lane in 0..<16 {
                    let turns = phase(Double(first + lane))
                    let expected = reference(first + lane, turns - turns.rounded())
                    error += pow(Double(found[lane]) - expected, 2)
                }
            }
            return 10 * log10(error / Double(frames))
        }

        func sawtoothError(isBent: Bool) -> Double {
            let overlap = Int((7.1 * max(increment, increment + growth * Double(frames))).rounded(.up))
            return error { phase, cycles, bend in
                sawtooth(
                    phase: phase, positionsPerStep: Lanes(repeating: 7.75 / 7 * 0x1p-32) / cycles,
                    overlap: overlap, bend: isBent ? bend : nil)
            } _: { n, turns in
                2 * turns
                    + residuals(n, first: 0.5, spacing: 1) { time, _ in
                        time < 0 ? -BandLimitTests.step(-time / 7) : BandLimitTests.step(time / 7)
                    }
            }
        }

        func triangleError(isBent: Bool) -> Double {
            let most = max(increment, increment + growth * Double(frames))
            return error { phase, cycles, bend in
                triangle(
                    turns: signedTurns(phase), turnsPerHalfWidth: cycles * Lanes(repeating: 7),
                    positionsPerTurn: Lanes(repeating: 7.75 / 7) / cycles, overlap: Int(14.2 * most + 0.5),
                    bend: isBent ? bend : nil)
            } _: { n, turns in
                let size = abs(turns), naive = min(size, 0.5 - size) * (turns < 0 ? -4 : 4)
                // The corner at a quarter turn bends down, the next one up.
                return naive
                    + residuals(n, first: 0.25, spacing: 0.5) { time, index in
                        let slope = 56 * (increment + growth * Double(n))
                        return (index % 2 == 0 ? -1 : 1) * slope * BandLimitTests.corner(abs(time) / 7)
                    }
            }
        }
    }

    /// Up to nearly half of the sample rate, where four periods are within a kernel half-width.
    @Test(arguments: [0.00513, 0.0617, 0.0853, 0.1511, 0.2113, 0.3137, 0.4491, 0.4931])
    func kernelsOverlap(increment: Double) {
        let glide = Glide(increment: increment, growth: 0, frames: 800)
        let errors = [glide.sawtoothError(isBent: false), glide.triangleError(isBent: false)]
        #expect(errors[0] < -86 && errors[1] < -98, "\(errors) dB")
    }

    /// Vibrato at 50 Hz of 100 and 400 cents around 1047 Hz moves the frequency at most as fast as this.
    @Test(arguments: [8.5e-6, -8.5e-6, 3.7e-5, -3.7e-5])
    func discontinuitiesAreWhereTheyBelongWhileThePitchMoves(growth: Double) {
        let glide = Glide(increment: 1047.0 / 48_000, growth: growth, frames: 256)
        let bent = glide.sawtoothError(isBent: true), plain = glide.sawtoothError(isBent: false)
        #expect(bent < -94 && plain > -84, "\(bent) dB, \(plain) dB without the correction")
        let corners = (glide.triangleError(isBent: true), glide.triangleError(isBent: false))
        #expect(corners.0 < corners.1 - 5, "\(corners) dB")
    }

    @Test func kernelsOverlapWhileThePitchMoves() {
        for growth in [2e-5, -2e-5] {
            let error = Glide(increment: 0.11, growth: growth, frames: 1600).sawtoothError(isBent: true)
            #expect(error < -86, "\(growth): \(error) dB")
        }
    }
}
