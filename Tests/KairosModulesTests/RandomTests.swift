import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Statistics and movements of random control values.
@Suite struct RandomTests {
    /// Values of sixteen notes with different seeds, 50 a second, in the order of time. The sample rate is low, so that
    /// many values take few frames.
    static func values(_ distribution: String, count: Int) -> [[Float]] {
        var bench = ModuleBench<RandomSource>(RandomSource.self, format: .voices(sampleRate: 8000))
        bench.set(.rate, 50)
        bench.set(.distribution, word: distribution)
        var note = ModuleBench<RandomSource>.Event.note(0)
        for lane in 0..<16 { note.seeds[lane] = UInt32(lane + 1) }
        bench.events = [note]
        // 160 frames each, read in the middle.
        let frames = bench.run(160 * count)[0]
        return (0..<16).map { lane in (0..<count).map { frames[160 * $0 + 80][lane] } }
    }

    static func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        return (mean, values.reduce(0) { $0 + pow(Double($1) - mean, 2) } / Double(values.count))
    }

    @Test func uniformValuesFillTheRangeEvenly() {
        let values = Self.values("uniform", count: 1024).flatMap { $0 }
        let (mean, variance) = Self.moments(values)
        #expect(abs(mean) < 0.02 && abs(variance - 1 / 3) < 0.01)
        var bins = [Double](repeating: 0, count: 20)
        for value in values { bins[min(19, Int((value + 1) * 10))] += 1 }
        let expected = Double(values.count) / 20
        // χ² of 19 degrees of freedom is above 52 once in ten thousand times.
        #expect(bins.reduce(0) { $0 + pow($1 - expected, 2) / expected } < 52)
    }

    @Test func normalValuesHaveTheNormalDistribution() {
        let values = Self.values("normal", count: 1024).flatMap { $0 }
        let (mean, variance) = Self.moments(values)
        #expect(abs(mean) < 0.01 && abs(variance.squareRoot() - 1 / 3) < 0.01)
        // Within one and two standard deviations: 68.3 % and 95.4 %.
        for limit in [1.0, 2] {
            let inside = values.count { Double($0.magnitude) < limit / 3 }
            #expect(abs(Double(inside) / Double(values.count) - erf(limit / 2.0.squareRoot())) < 0.015)
        }
        #expect(values.allSatisfy { $0.magnitude <= 1 })
    }

    @Test func coinsAreFair() {
        let values = Self.values("coin", count: 1024).flatMap { $0 }
        #expect(values.allSatisfy { $0.magnitude == 1 })
        #expect(abs(Self.moments(values).mean) < 0.03)
    }

    @Test(arguments: ["uniform", "normal"])
    func theSpectrumOfTheValuesIsFlat(distribution: String) {
        let lanes = Self.values(distribution, count: 2048)
        var power = [Double](repeating: 0, count: 1025)
        for lane in lanes { for (bin, value) in powerSpectrum(lane).enumerated() { power[bin] += value } }
        let bands = (0..<7).map { band in power[(32 + band * 140)..<(172 + band * 140)].reduce(0, +) }
        let mean = bands.reduce(0, +) / 7
        for band in bands { #expect(abs(10 * log10(band / mean)) < 1, "\(bands)") }
    }

    @Test func notesHaveDifferentValuesAndTheSameSeedHasTheSame() {
        let lanes = Self.values("uniform", count: 1024)
        for other in 1..<16 {
            let product = zip(lanes[0], lanes[other]).reduce(0) { $0 + Double($1.0 * $1.1) } / 1024
            // The standard deviation of this mean is 1 / (3 · √1024).
            #expect(abs(product) < 0.05)
        }
        #expect(lanes == Self.values("uniform", count: 1024))
    }

    @Test func theRateIsTheNumberOfValuesInASecond() {
        for sampleRate: Float in [44_100, 192_000] {
            var bench = ModuleBench<RandomSource>(RandomSource.self, format: .voices(sampleRate: sampleRate))
            bench.set(.rate, 20)
            let values = bench.run(Int(sampleRate))[0].lane(0)
            let changes = (1..<values.count).filter { values[$0] != values[$0 - 1] }
            #expect(changes.count == 19 || changes.count == 20)
            for change in changes {
                let cycles = Float(change) * 20 / sampleRate
                #expect(abs(cycles - cycles.rounded()) < 0.002)
            }
        }
    }

    @Test func theMovementTakesItsPartOfTheTime() {
        for part: Float in [0.25, 1] {
            var bench = ModuleBench<RandomSource>(RandomSource.self)
            bench.set(.rate, 10)
            let steps = bench.run(48_000)[0].lane(0)
            bench.set(.smooth, part)
            let values = bench.run(48_000)[0].lane(0)
            for n in 4802..<48_000 where n % 4800 > 1 && n % 4800 < 4798 {
                let x = min(1, Float(n % 4800) / 4800 / part), from = steps[n - 4800], to = steps[n]
                #expect(abs(values[n] - (from + (to - from) * x * x * (3 - 2 * x))) < 1e-3)
            }
        }
    }

    @Test func theGateTakesANewValueAtEachTrigger() {
        var bench = ModuleBench<RandomSource>(RandomSource.self)
        bench.set(.clock, word: "gate")
        bench.set(.unipolar, 1)
        var first = ModuleBench<RandomSource>.Event(1000), second = ModuleBench<RandomSource>.Event(3001)
        first.strike = LaneMask(lane: 1)
        second.strike = LaneMask(lane: 1)
        bench.events = [.note(0), first, second]
        let values = bench.run(50_000)[0]
        for lane in [1, 2] {
            let changes = (1..<50_000).filter { values[$0][lane] != values[$0 - 1][lane] }
            #expect(changes == (lane == 1 ? [1000, 3001] : []))
            #expect(values.allSatisfy { $0[lane] >= 0 && $0[lane] <= 1 })
        }
        // A smooth movement begins at the trigger and ends after 1 / rate.
        bench.set(.smooth, 1)
        bench.set(.rate, 48)
        let moving = bench.run(50_000)[0].lane(1)
        let middle = (moving[999] + moving[2100]) / 2
        #expect(abs(moving[1500] - middle) < 1e-3)
        #expect(abs(moving[2100] - values[2100][1]) < 1e-6 && moving[2999] == moving[2100])
    }
}
