import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Gains of the crossfader and of the switch.
@Suite struct CrossfadeTests {
    /// Gains of both inputs at a position.
    static func gains(_ law: String, _ position: Float) -> (a: Double, b: Double) {
        var bench = ModuleBench<Crossfader>(Crossfader.self)
        bench.set(.law, word: law)
        bench.set(.position, position)
        bench.feed(.a, .steady(1))
        let a = bench.run(64)[0][63][0]
        bench.feed(.a, .steady(0))
        bench.feed(.b, .steady(1))
        return (Double(a), Double(bench.run(64)[0][63][0]))
    }

    @Test func theLawsHaveEqualPowerAndEqualGain() {
        for position in stride(from: Float(0), through: 1, by: 0.0625) {
            let power = Self.gains("power", position), gain = Self.gains("gain", position)
            #expect(abs(power.a * power.a + power.b * power.b - 1) < 1e-6)
            #expect(abs(power.b - sin(.pi / 2 * Double(position))) < 1e-6)
            #expect(gain.a == Double(1 - position) && gain.b == Double(position))
        }
        #expect(abs(20 * log10(Self.gains("power", 0.5).a) + 3.0103) < 0.0001)
        for law in ["power", "gain"] {
            #expect(Self.gains(law, 0) == (1, 0))
            #expect(Self.gains(law, 1) == (0, 1))
        }
    }

    /// The power of two different noises is the same at every position.
    @Test func differentSignalsKeepTheirPower() {
        var levels: [Double] = []
        for position: Float in [0, 0.25, 0.5, 0.75, 1] {
            var bench = ModuleBench<Crossfader>(Crossfader.self)
            bench.set(.position, position)
            bench.feed(.a, .moving { lane, frame in noise(lane, frame, 1) })
            bench.feed(.b, .moving { lane, frame in noise(lane, frame, 2) })
            let values = bench.run(20_000)[0].lane(0)
            levels.append(10 * log10(values.reduce(0) { $0 + Double($1 * $1) } / 20_000))
        }
        for level in levels { #expect(abs(level - 10 * log10(1.0 / 3)) < 0.15) }
    }

    /// Sine waves of 100 Hz to 800 Hz at the inputs of a switch.
    static func switchBench() -> ModuleBench<InputSwitch> {
        var bench = ModuleBench<InputSwitch>(InputSwitch.self)
        for inlet in InputSwitch.Inlet.allCases {
            bench.feed(inlet, .moving { _, frame in wave(inlet.rawValue + 1, frame) })
        }
        return bench
    }

    static func wave(_ number: Int, _ frame: Int) -> Float {
        Float(0.5 * sin(2 * .pi * 100 * Double(number) * Double(frame) / 48_000 + Double(number)))
    }

    @Test func theSwitchPassesTheSelectedInput() {
        var bench = Self.switchBench()
        for number in 1...8 {
            bench.set(.select, Float(number) + 0.3)
            let values = bench.run(500)[0].lane(3)
            for n in 0..<500 { #expect(values[n] == Self.wave(number, n)) }
        }
        // Each voice has its own.
        bench.set(.select, .lanes((0..<16).map { Float($0 % 8 + 1) }))
        let values = bench.run(500)[0]
        for n in 0..<500 { for lane in 0..<16 { #expect(values[n][lane] == Self.wave(lane % 8 + 1, n)) } }
    }

    @Test func theSwitchCrossfadesWithoutAClick() {
        var bench = Self.switchBench()
        bench.set(.fade, 0.02)
        bench.set(.select, .moving { _, frame in frame < 1600 ? 1 : 3 })
        let values = bench.run(4000)[0].lane(0)
        for n in 0..<4000 {
            let x = Float(min(960, max(0, n - 1599))) / 960, part = x * x * (3 - 2 * x)
            #expect(abs(values[n] - (Self.wave(1, n) * (1 - part) + Self.wave(3, n) * part)) < 1e-4)
        }
        #expect(values[2600] == Self.wave(3, 2600))
        // The second difference stays below that of the sine waves and the curve of the crossfade: 6 / 960².
        let limit = Float(0.5 * pow(2 * .pi * 300 / 48_000, 2) * 1.1 + 6.0 / (960 * 960))
        for n in 2..<4000 { #expect(abs(values[n] - 2 * values[n - 1] + values[n - 2]) < limit) }
    }

    @Test func aSelectionWaitsForTheEndOfTheCrossfade() {
        var bench = Self.switchBench()
        bench.set(.fade, 0.02)
        bench.set(.select, .moving { _, frame in frame < 1600 ? 1 : frame < 2000 ? 3 : 5 })
        let values = bench.run(5000)[0].lane(0)
        // The first crossfade ends at 2560, the second one takes as long.
        let x = Float(2400 - 1599) / 960, part = x * x * (3 - 2 * x)
        #expect(abs(values[2400] - (Self.wave(1, 2400) * (1 - part) + Self.wave(3, 2400) * part)) < 1e-4)
        #expect(values[3600] == Self.wave(5, 3600))
    }
}
