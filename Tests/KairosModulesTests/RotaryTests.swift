import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The rotary speaker compared with its geometry, in double precision.
@Suite struct RotaryTests {
    /// A rotor in the reference: speeds in turns per second, time constants and radius in metres.
    private struct Rotor {
        let slow, fast, rise, fall, radius: Double

        static let horn = Rotor(slow: 0.67, fast: 7.06, rise: 0.16, fall: 0.32, radius: 0.19)
        static let drum = Rotor(slow: 0.6, fast: 5.96, rise: 4.1, fall: 1.4, radius: 0.08)

        func speed(_ setting: Int) -> Double { [slow, fast, 0][setting] }

        /// Angle in turns at `time`, if the switch goes from one setting to another at `change` seconds.
        func angle(_ from: Int, _ to: Int, _ change: Double, _ time: Double) -> Double {
            let (before, after) = (speed(from), speed(to))
            if time < change { return before * time }
            let constant = after > before ? rise : fall, since = time - change
            return before * change + after * since
                + (before - after) * constant * (1 - exp(-since / constant))
        }
    }

    /// Level and phase of a filter.
    private struct Complex {
        var real: Double, imaginary: Double
        static func * (a: Complex, b: Complex) -> Complex {
            Complex(
                real: a.real * b.real - a.imaginary * b.imaginary,
                imaginary: a.real * b.imaginary + a.imaginary * b.real)
        }
        var inverse: Complex {
            let size = real * real + imaginary * imaginary
            return Complex(real: real / size, imaginary: -imaginary / size)
        }
    }

    /// Signals of horn, horn without treble, and drum for a sine wave of `hertz`.
    private static func bands(_ hertz: Double, _ rate: Double) -> [Complex] {
        let w = tan(.pi * hertz / rate)
        let s = w / tan(.pi * 800 / rate), t = w / tan(.pi * 1500 / rate)
        let low = Complex(real: 1 - s * s, imaginary: 2.0.squareRoot() * s).inverse
        let high = low * Complex(real: -s * s, imaginary: 0)
        let dark = Complex(real: 1, imaginary: t).inverse
        return [high * high, high * high * dark, low * low]
    }

    private static func bench(_ hertz: Double, _ rate: Double) -> ModuleBench<Rotary> {
        var bench = ModuleBench<Rotary>(Rotary.self, format: .bus(sampleRate: Float(rate)))
        bench.feed(.input, .moving { _, n in Float(sin(2 * .pi * hertz * Double(n) / rate)) })
        bench.events = [.note(0)]
        return bench
    }

    /// The whole speaker against the sum of its paths, while the speeds change: 0 is slow, 1 fast, 2 brake.
    @Test(arguments: [(0, 1), (1, 0), (1, 2), (2, 1)], [300.0, 2500])
    func isItsGeometry(switches: (Int, Int), hertz: Double) {
        let rate = 48_000.0, change = 0.5, near = Double(Float(0.6)), wall = 0.9
        var bench = Self.bench(hertz, rate)
        bench.set(.speed, Float(switches.0))
        var event = ModuleBench<Rotary>.Event(Int(change * rate))
        event.set = [(Rotary.Param.speed.rawValue, .steady(Float(switches.1)))]
        bench.events.append(event)
        let bands = Self.bands(hertz, rate), output = bench.run(Int(2 * rate))[0]
        var error = 0.0, power = 0.0
        for n in stride(from: 4800, to: output.count, by: 3) {
            let time = Double(n) / rate
            for side in 0..<2 {
                var expected = 0.0
                for (rotor, sign) in [(Rotor.horn, 1.0), (Rotor.drum, -1)] {
                    let angle = sign * rotor.angle(switches.0, switches.1, change, time)
                    for isReflected in [false, true] {
                        // The image of a microphone stands behind the rotors, on its own side.
                        let place =
                            (side == 0 ? -0.25 : 0.25) * (isReflected ? -1 : 1) + (isReflected ? 0.5 : 0)
                        let cosine = cos(2 * .pi * (angle - place)), far = near + (isReflected ? wall : 0)
                        let way = (far * far + rotor.radius * rotor.radius - 2 * far * rotor.radius * cosine)
                            .squareRoot()
                        let delay = 0.0006 + (way - near + 0.19) / 343
                        let facing = (1 + cosine) / 2
                        let gain = 1.25 * (0.4 + 0.6 * facing) * near / way * (isReflected ? 0.35 : 1)
                        func tone(_ band: Complex) -> Double {
                            let turn = 2 * .pi * hertz * (time - delay)
                            return band.real * sin(turn) + band.imaginary * cos(turn)
                        }
                        expected +=
                            sign < 0
                            ? gain * tone(bands[2])
                            : gain * (facing * tone(bands[0]) + (1 - facing) * tone(bands[1]))
                    }
                }
                let difference = Double(output[n][side]) - expected
                error += difference * difference
                power += expected * expected
            }
        }
        let level = 10 * log10(error / power)
        #expect(level < -45, "\(level) dB")
    }

    /// Instantaneous frequency in cents from the tone, of a channel of the output, per frame.
    private static func cents(_ signal: [Float], _ hertz: Double, _ rate: Double) -> [Double] {
        // The mean over whole periods of the tone times a rotating pointer is amplitude and phase.
        let period = Int(rate / hertz) * 8
        var sums = [(Double, Double)](repeating: (0, 0), count: signal.count + 1)
        for (n, value) in signal.enumerated() {
            let angle = -2 * .pi * hertz * Double(n) / rate
            sums[n + 1] = (
                sums[n].0 + Double(value) * cos(angle), sums[n].1 + Double(value) * sin(angle)
            )
        }
        let phases = (period..<signal.count).map {
            atan2(sums[$0].1 - sums[$0 - period].1, sums[$0].0 - sums[$0 - period].0) / (2 * .pi)
        }
        let step = 48
        return (step..<phases.count).map { n in
            let turns = phases[n] - phases[n - step]
            return 1200 * log2(1 + (turns - turns.rounded()) / Double(step) * rate / hertz)
        }
    }

    /// At the fast speed the horn comes and goes at 2π · 7.06 Hz · 0.19 m = 8.4 m/s.
    @Test func theHornHasItsDopplerEffect() {
        let rate = 48_000.0, hertz = 8000.0, speed = 2 * Double.pi * 7.06 * 0.19 / 343
        var bench = Self.bench(hertz, rate)
        bench.set(.speed, 1)
        bench.set(.balance, 1)
        bench.set(.reflection, 0)
        let found = Self.cents(bench.run(Int(rate))[0].lane(0), hertz, rate).dropFirst(4800)
        let (highest, lowest) = (found.max() ?? 0, found.min() ?? 0)
        #expect(abs(highest - 1200 * log2(1 + speed)) < 1.5, "\(highest) cents")
        #expect(abs(lowest - 1200 * log2(1 - speed)) < 1.5, "\(lowest) cents")
        // It is highest once in each turn.
        let turns = found.indices.dropFirst().filter { found[$0 - 1] < 0 && found[$0] >= 0 }
        let period = Double((turns.last ?? 0) - (turns.first ?? 0)) / Double(max(1, turns.count - 1))
        #expect(abs(rate / period - 7.06) < 0.05, "\(rate / period) Hz")
    }

    /// At rest the speaker is a filter: each band alone is a Linkwitz-Riley filter of fourth order at 800 Hz.
    @Test(arguments: [44_100.0, 48_000, 192_000])
    func theCrossoverIsOfFourthOrder(rate: Double) {
        for (balance, band) in [(Float(-1), 2), (1, 0)] {
            var bench = Self.bench(1, rate)
            bench.feed(.input, .moving { _, n in n == 4800 ? 1 : 0 })
            bench.set(.speed, 2)
            bench.set(.balance, balance)
            bench.set(.reflection, 0)
            // Microphones in front of the horn hear all of its treble.
            bench.set(.width, 0)
            let response = bench.run(24_000)[0].lane(0)
            let reference = balance < 0 ? 50.0 : 5000.0
            func expected(_ hertz: Double) -> Double {
                let value = Self.bands(hertz, rate)[band]
                return 20 * log10(hypot(value.real, value.imaginary))
            }
            for hertz in [200.0, 400, 800, 1600, 3200] {
                let found = level(response, hertz / rate) - level(response, reference / rate)
                let target = expected(hertz) - expected(reference)
                #expect(abs(found - target) < 0.15, "\(balance), \(hertz) Hz: \(found), not \(target) dB")
            }
            #expect(abs(expected(800) + 6.02) < 0.01)
        }
    }

    @Test func brakedRotorsStandStill() {
        var bench = Self.bench(2000, 48_000)
        bench.set(.speed, 1)
        var event = ModuleBench<Rotary>.Event(24_000)
        event.set = [(Rotary.Param.speed.rawValue, .steady(2))]
        bench.events.append(event)
        // The horn is there after eleven time constants; the drum does not play at 2 kHz.
        let output = bench.run(48_000 * 6)[0].lane(0)
        // The same frames of the tone one second later.
        let moved = (24_000..<28_800).map { abs(output[$0] - output[$0 + 4800]) }.max() ?? 0
        let still = (240_000..<264_000).map { abs(output[$0] - output[$0 + 4800]) }.max() ?? 1
        #expect(moved > 0.1 && still < 0.02, "\(moved), \(still)")
    }

    @Test func thePedalIsBetweenSlowAndTheSwitch() {
        var fast = Self.bench(1000, 48_000), slow = fast
        fast.set(.speed, 1)
        fast.feed(.pedal, .steady(0))
        slow.set(.speed, 0)
        var faults: [String] = []
        compare(fast.run(20_000), slow.run(20_000), "pedal at 0", &faults, lanes: 2)
        #expect(faults == [])
    }

    /// Frames in which the module is not run count: the rotors turn on.
    @Test func theRotorsTurnWhileNothingSounds() {
        var bench = Self.bench(2000, 48_000)
        bench.set(.speed, 1)
        let whole = bench.run(96_000)[0]
        bench.idle = 30_000..<62_000
        let rested = bench.run(96_000)[0]
        for n in 64_000..<96_000 { #expect(abs(whole[n][0] - rested[n][0]) < 0.01) }
    }
}
