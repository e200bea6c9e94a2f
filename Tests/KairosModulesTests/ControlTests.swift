import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Constant, arithmetic, curves, and sample and hold.
@Suite struct ControlTests {
    @Test func aConstantIsItsValue() {
        var bench = ModuleBench<Constant>(Constant.self)
        bench.set(.value, -7.25)
        #expect(bench.run(200)[0].allSatisfy { $0 == Lanes(repeating: -7.25) })
        bench.set(.value, .moving { lane, frame in Float(lane + frame) })
        #expect(bench.run(100)[0][99][3] == 102)
    }

    static var operations: [(word: String, formula: (Double, Double) -> Double)] {
        [
            ("add", { $0 + $1 }), ("subtract", { $0 - $1 }), ("multiply", { $0 * $1 }),
            ("divide", { $0 / $1 }), ("min", { min($0, $1) }), ("max", { max($0, $1) }),
            ("absolute", { a, _ in abs(a) }), ("negate", { a, _ in -a }),
            ("power", { a, b in (a < 0 ? -1 : 1) * pow(abs(a), max(0, b)) }),
            ("greater", { $0 > $1 ? 1 : 0 }), ("less", { $0 < $1 ? 1 : 0 }),
        ]
    }

    @Test func arithmeticIsThatOfTheFormulas() {
        guard case .choice(let words) = Arithmetic.Param.operation.spec.kind else { return }
        #expect(words == Self.operations.map(\.word))
        for (word, formula) in Self.operations {
            for value: Float in [0, 1.5, -3] {
                var bench = ModuleBench<Arithmetic>(Arithmetic.self)
                bench.set(.operation, word: word)
                bench.set(.value, value)
                bench.feed(.a, .moving { lane, frame in noise(lane, frame, 1) * 4 })
                bench.feed(.b, .moving { lane, frame in noise(lane, frame, 2) * 2 })
                for (frame, result) in bench.run(500)[0].enumerated() {
                    let a = noise(4, frame, 1) * 4, b = noise(4, frame, 2) * 2 + value
                    let expected = formula(Double(a), Double(b))
                    if word == "divide", abs(b) < 0.001 { continue }
                    #expect(
                        abs(Double(result[4]) - expected) < 1e-5 * max(1, abs(expected)), "\(word) \(a) \(b)")
                }
            }
        }
    }

    @Test func aQuotientIsFiniteAndGoesThroughZero() {
        var bench = ModuleBench<Arithmetic>(Arithmetic.self)
        bench.set(.operation, word: "divide")
        bench.feed(.a, .steady(1))
        // From −0.002 to 0.002.
        bench.feed(.b, .moving { _, frame in Float(frame - 1000) * 0.000_002 })
        let values = bench.run(2001)[0].lane(0)
        #expect(values[1000] == 0)
        #expect(abs(values[2000] - 500) < 0.1 && abs(values[0] + 500) < 0.1)
        #expect((values.map(\.magnitude).max() ?? 0) < 1001)
        for n in 1..<2001 { #expect(abs(values[n] - values[n - 1]) < 3) }
        bench.feed(.a, .steady(0))
        #expect(bench.run(2001)[0].lane(0).allSatisfy { $0 == 0 })
    }

    static func curve(_ shape: String, _ x: Double, _ a: Double) -> Double {
        func bend(_ x: Double) -> Double { x / (x + (1 - x) * pow(2, -5 * a)) }
        switch shape {
        case "bend": return bend(x)
        case "exponential": return a == 0 ? x : (pow(1000, a * x) - 1) / (pow(1000, a) - 1)
        case "logarithmic": return a == 0 ? x : log(1 + x * (pow(1000, a) - 1)) / log(pow(1000, a))
        default: return x < 0.5 ? 0.5 - bend(1 - 2 * x) / 2 : 0.5 + bend(2 * x - 1) / 2
        }
    }

    @Test(arguments: ["bend", "exponential", "logarithmic", "s"])
    func curvesAreThoseOfTheFormulas(shape: String) {
        for amount in [-1, -0.5, -0.1, -0.007, -0.003, 0, 0.001, 0.008, 0.02, 0.3, 0.75, 1.0] {
            var bench = ModuleBench<ControlCurve>(ControlCurve.self)
            bench.set(.shape, word: shape)
            bench.set(.amount, Float(amount))
            bench.feed(.input, .moving { lane, frame in Float(frame - 600) / 500 * (lane == 0 ? 1 : 0.3) })
            let values = bench.run(1201)[0].lane(0)
            for n in 0...1200 {
                let x = Double(Float(n - 600) / 500), size = min(1, abs(x))
                let expected = Self.curve(shape, size, amount) * (x < 0 ? -1 : 1)
                #expect(abs(Double(values[n]) - expected) < 3e-5, "\(shape) \(amount) at \(x): \(values[n])")
                if n > 0 { #expect(values[n] >= values[n - 1] - 2e-5) }
            }
            #expect(values[600] == 0 && abs(values[1100] - 1) < 1e-6 && abs(values[100] + 1) < 1e-6)
        }
    }

    @Test func sampleAndHoldTakesAValueAtARiseAndAtATrigger() {
        var bench = ModuleBench<SampleAndHold>(SampleAndHold.self)
        bench.feed(.input, .moving { lane, frame in Float(frame) + Float(lane) * 10_000 })
        // Above 0 in 300…499 and 900…1099 of lane 2, never in the others.
        bench.feed(
            .clock, .moving { lane, frame in lane == 2 && (300..<500).contains(frame % 600) ? 0.1 : -0.1 })
        var strike = ModuleBench<SampleAndHold>.Event(700)
        strike.strike = LaneMask(bits: 0b1100)
        bench.events = [.note(50), strike]
        bench.cuts = [64, 5, 1, 17]
        let values = bench.run(1200)[0]
        for n in 50..<1200 {
            let two = n < 300 ? 50 : n < 700 ? 300 : n < 900 ? 700 : 900
            #expect(values[n][2] == Float(20_000 + two))
            #expect(values[n][3] == Float(30_000 + (n < 700 ? 50 : 700)))
            #expect(values[n][4] == 40_050)
        }
    }

    @Test func trackAndHoldFollowsWhileTheClockIsHigh() {
        var bench = ModuleBench<SampleAndHold>(SampleAndHold.self)
        bench.set(.mode, word: "track")
        bench.feed(.input, .moving { _, frame in Float(frame) })
        bench.feed(.clock, .moving { _, frame in (300..<500).contains(frame) ? 1 : 0 })
        // The gate is high in 0…99.
        bench.events = [.note(0), .release(100)]
        let values = bench.run(700)[0].lane(0)
        for n in 0..<700 { #expect(values[n] == Float(n < 100 ? n : n < 300 ? 99 : n < 500 ? n : 499)) }
    }
}
