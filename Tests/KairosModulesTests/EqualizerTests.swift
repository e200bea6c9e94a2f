import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The equalizer compared with the analogue prototypes of the cookbook under the bilinear transform.
@Suite struct EqualizerTests {
    /// Settings of one band, and its response in dB at a frequency, both in cycles per frame.
    struct Band: CustomTestStringConvertible {
        let params: (frequency: Equalizer.Param, gain: Equalizer.Param, q: Equalizer.Param?)
        let hertz: Double
        let gain: Double
        let q: Double

        var testDescription: String { "\(params.gain) \(gain) dB at \(hertz) Hz, Q \(q)" }

        func response(_ frequency: Double, _ rate: Double) -> Double {
            let a = pow(10, gain / 40), b = a.squareRoot() * 2.0.squareRoot()
            let (numerator, denominator): ((Double, Double, Double), (Double, Double, Double)) =
                switch params.gain {
                case .lowGain: ((a, a * b, a * a), (a, b, 1))
                case .highGain: ((a * a, a * b, a), (1, b, a))
                default: ((1, a / q, 1), (1, 1 / (a * q), 1))
                }
            return FilterTests.prototype(numerator, denominator, frequency, hertz / rate)
        }
    }

    static let bands: [Band] = [
        Band(params: (.lowFrequency, .lowGain, nil), hertz: 80, gain: 12, q: 1),
        Band(params: (.lowFrequency, .lowGain, nil), hertz: 300, gain: -18, q: 1),
        Band(params: (.frequencyA, .gainA, .qA), hertz: 60, gain: -9, q: 4),
        Band(params: (.frequencyB, .gainB, .qB), hertz: 1000, gain: 18, q: 0.5),
        Band(params: (.frequencyC, .gainC, .qC), hertz: 2500, gain: -18, q: 10),
        Band(params: (.frequencyD, .gainD, .qD), hertz: 12_000, gain: 6, q: 1),
        Band(params: (.highFrequency, .highGain, nil), hertz: 4000, gain: -12, q: 1),
        Band(params: (.highFrequency, .highGain, nil), hertz: 10_000, gain: 15, q: 1),
    ]

    static func impulseResponse(_ bands: [Band], _ format: Format) -> [Float] {
        var bench = ModuleBench<Equalizer>(Equalizer.self, format: format)
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        for band in bands {
            bench.set(band.params.frequency, Float(band.hertz))
            bench.set(band.params.gain, Float(band.gain))
            if let q = band.params.q { bench.set(q, Float(band.q)) }
        }
        return bench.run(Int(format.sampleRate))[0].lane(1)
    }

    static func compare(_ bands: [Band], _ format: Format, _ tolerance: Double) {
        let rate = Double(format.sampleRate), found = impulseResponse(bands, format)
        for hertz in (0...24).map({ 15 * pow(1330, Double($0) / 24) }) {
            let expected = bands.reduce(0) { $0 + $1.response(hertz / rate, rate) }
            let difference = level(found, hertz / rate) - expected
            #expect(abs(difference) < tolerance, "at \(hertz) Hz: \(difference) dB")
        }
    }

    @Test(arguments: bands, [Float(44_100), 48_000, 192_000])
    func aBandIsTheCookbook(band: Band, rate: Float) {
        Self.compare([band], .voices(sampleRate: rate), 0.05)
    }

    @Test(arguments: [Float(44_100), 192_000])
    func theBandsAreInSeries(rate: Float) {
        let six = [0, 2, 3, 4, 5, 7].map { Self.bands[$0] }
        Self.compare(six, .bus(sampleRate: rate), 0.1)
    }

    @Test func withoutGainTheOutputIsTheInput() {
        for format in Format.both {
            var bench = ModuleBench<Equalizer>(Equalizer.self, format: format)
            bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
            // A frequency that moves has no effect.
            bench.set(.frequencyA, .moving { _, frame in 100 + Float(frame) })
            let output = bench.run(2000)[0]
            #expect(output.lane(1) == (0..<2000).map { noise(1, $0, 1) })
            // Nor have gains that are 0 in this lane and not in another one.
            bench.set(.gainA, .moving { lane, _ in lane == 0 ? 6 : 0 })
            let mixed = bench.run(2000)[0]
            #expect(mixed.lane(1) == output.lane(1))
            #expect(mixed.lane(0) != output.lane(0))
        }
    }

    /// A lane that gets a gain later has the same bits whether the band was processed for other lanes or not.
    @Test func aGainThatBeginsLaterDoesNotDependOnOtherLanes() {
        for cuts in [[64], [5, 31, 17]] {
            var bench = ModuleBench<Equalizer>(Equalizer.self)
            bench.feed(.input, .moving { lane, frame in noise(0, frame, 1) })
            bench.events = [.note(0), .note(333, LaneMask(lane: 9))]
            bench.cuts = cuts
            func gain(_ frame: Int) -> Float { frame < 700 ? 0 : frame < 1500 ? Float(frame - 700) / 100 : 0 }
            for (frequency, param) in [
                (Equalizer.Param.lowFrequency, Equalizer.Param.lowGain), (.frequencyB, .gainB),
                (.highFrequency, .highGain),
            ] {
                bench.set(frequency, .moving { _, frame in 300 + Float(frame) })
                bench.set(param, .moving { _, frame in gain(frame) })
                let alone = bench.run(3000)[0].lane(4)
                bench.set(
                    param, .moving { lane, frame in lane == 4 ? gain(frame) : 3 + noise(lane, frame / 16, 2) }
                )
                let among = bench.run(3000)[0].lane(4)
                #expect(alone.map(\.bitPattern) == among.map(\.bitPattern))
                bench.set(param, 0)
            }
        }
    }
}
