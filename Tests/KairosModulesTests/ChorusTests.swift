import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Chorus and ensemble compared with their formulas, for a sine wave in both channels.
@Suite struct ChorusTests {
    static let rates: [Float] = [44_100, 48_000, 192_000]

    /// Waveform, −1…1, of a phase in turns.
    private static func wave(_ isTriangle: Bool, _ turns: Double) -> Double {
        let sine = sin(2 * .pi * turns)
        return isTriangle ? 2 / .pi * asin(sine) : sine
    }

    /// Largest difference between an output and `expected`, which is a function of side and time, from 0.1 s on.
    private static func error(
        _ output: [Lanes], _ sampleRate: Double, _ expected: (_ side: Int, _ time: Double) -> Double
    ) -> Double {
        var largest = 0.0
        for n in Int(0.1 * sampleRate)..<output.count {
            for side in 0..<2 {
                let difference = Double(output[n][side]) - expected(side, Double(n) / sampleRate)
                largest = max(largest, abs(difference))
            }
        }
        return largest
    }

    @Test(arguments: rates, [false, true])
    func chorusDetunesByItsDepth(sampleRate: Float, isTriangle: Bool) {
        for (rate, cents) in [(0.8, 12.0), (2, 30), (7, 100)] {
            let rate = Double(Float(rate)), hertz = 500.0
            var bench = ModuleBench<Chorus>(Chorus.self, format: .bus(sampleRate: sampleRate))
            bench.feed(
                .input,
                .moving { _, n in Float(sin(2 * .pi * hertz * Double(n) / Double(sampleRate))) })
            bench.set(.rate, Float(rate))
            bench.set(.depth, Float(cents / 100))
            bench.set(.shape, isTriangle ? 1 : 0)
            bench.set(.mix, 1)
            bench.events = [.note(0)]
            // The speed of the delay at its largest is the detuning.
            let way = (pow(2, cents / 1200) - 1) / (isTriangle ? 4 : 2 * .pi) / rate
            let error = Self.error(bench.run(Int(sampleRate * 1.2))[0], Double(sampleRate)) { side, time in
                (0..<3).reduce(0.0) { sum, voice in
                    let turns = rate * time + Double(voice) / 3 + 0.25 * Double(side)
                    let delay = 0.012 + way * Self.wave(isTriangle, turns)
                    return sum + sin(2 * .pi * hertz * (time - delay)) / 3.0.squareRoot()
                }
            }
            // A corner of the triangle may lie between two control ticks.
            #expect(error < (isTriangle ? 0.05 : 0.004), "\(rate) Hz, \(cents) cents: \(error)")
        }
    }

    /// A slow and deep movement ends at the mean delay less 1 ms.
    @Test func chorusStaysInItsDelay() {
        var bench = ModuleBench<Chorus>(Chorus.self, format: .bus(sampleRate: 48_000))
        // Impulses twelve times a second: the earliest echo is the shortest delay.
        bench.feed(.input, .moving { _, n in n % 4000 == 0 ? 1 : 0 })
        bench.set(.rate, 0.1)
        bench.set(.depth, 1)
        bench.set(.delay, 0.01)
        bench.set(.mix, 1)
        bench.events = [.note(0)]
        let output = bench.run(480_000)[0].lane(0)
        var earliest = 4000, latest = 0
        for start in stride(from: 4000, to: 476_000, by: 4000) {
            let echoes = (0..<4000).filter { abs(output[start + $0]) > 0.2 }
            earliest = min(earliest, echoes.first ?? 4000)
            latest = max(latest, echoes.last ?? 0)
        }
        #expect(abs(earliest - 48) < 5 && abs(latest - 19 * 48) < 5, "\(earliest) … \(latest)")
    }

    @Test func widthAndMixOfTheChorus() {
        var bench = ModuleBench<Chorus>(Chorus.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
        bench.events = [.note(0)]
        bench.set(.mix, 0)
        #expect(bench.run(2000)[0].lane(1) == (0..<2000).map { noise(1, $0, 1) })
        bench.set(.mix, 1)
        bench.set(.width, 0)
        for frame in bench.run(4000)[0] { #expect(abs(frame[0] - frame[1]) < 1e-6) }
    }

    @Test(arguments: rates, [200.0, 3000])
    func ensembleIsItsFormula(sampleRate: Float, hertz: Double) {
        var bench = ModuleBench<Ensemble>(Ensemble.self, format: .bus(sampleRate: sampleRate))
        let rate = Double(sampleRate), slow = Double(Float(0.6))
        bench.feed(.input, .moving { _, n in Float(sin(2 * .pi * hertz * Double(n) / rate)) })
        bench.set(.depth, 1)
        bench.events = [.note(0)]
        // Two poles that together lose 3 dB at 7 kHz.
        let pole = tan(.pi * 7000 / (2.0.squareRoot() - 1).squareRoot() / rate)
        let ratio = tan(.pi * hertz / rate) / pole
        let level = 1 / (1 + ratio * ratio), late = 2 * atan(ratio)
        let error = Self.error(bench.run(Int(rate * 2))[0], rate) { side, time in
            (0..<3).reduce(0.0) { sum, line in
                let offset = Double(line) / 3 + Double(side) / 6
                let move =
                    sin(2 * .pi * (slow * time + offset)) + 0.1 * sin(2 * .pi * (10 * slow * time + offset))
                let delay = 0.008 + 0.003 * move
                return sum + level * sin(2 * .pi * hertz * (time - delay) - late) / 3.0.squareRoot()
            }
        }
        #expect(error < 0.01, "\(error)")
    }

    /// A mean delay that is set elsewhere glides: the pitch moves by no more than the depth and 43 cents.
    @Test func aNewDelayGlides() {
        var bench = ModuleBench<Chorus>(Chorus.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { _, n in Float(sin(2 * .pi * 500 * Double(n) / 48_000)) })
        bench.set(.depth, 0)
        bench.set(.mix, 1)
        var change = ModuleBench<Chorus>.Event(20_000)
        change.set = [(Chorus.Param.delay.rawValue, .steady(0.03))]
        bench.events = [.note(0), change]
        let output = bench.run(90_000)[0].lane(0)
        // Without a depth all voices agree. Zero crossings give the period.
        var last = 0.0, shortest = 1e9, longest = 0.0
        for n in 10_000..<90_000 where output[n - 1] < 0 && output[n] >= 0 {
            let crossing = Double(n) - Double(output[n] / (output[n] - output[n - 1]))
            if last > 0 {
                shortest = min(shortest, crossing - last)
                longest = max(longest, crossing - last)
            }
            last = crossing
        }
        let cents = 1200 * log2(longest / 96)
        #expect(shortest > 95.98 && cents > 20 && cents < 45, "\(shortest), \(cents)")
    }
}
