import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Waveforms of the LFO against their formulas, and its beginnings and ends.
@Suite struct LFOTests {
    static let rates = [Float(44_100), 48_000, 192_000]

    /// Waveform at a phase of `x` turns, 0…1.
    static func formula(_ shape: String, _ x: Double) -> Double {
        switch shape {
        case "sine": sin(2 * .pi * x)
        case "triangle": x < 0.25 ? 4 * x : x < 0.75 ? 2 - 4 * x : 4 * x - 4
        case "saw": x < 0.5 ? 2 * x : 2 * x - 2
        case "square": x < 0.5 ? 1 : -1
        case "sawDown": 1 - 2 * x
        case "expDown": 2 * (pow(100, -x) - 0.01) / 0.99 - 1
        default: 2 * (pow(100, x - 1) - 0.01) / 0.99 - 1
        }
    }

    /// Phase increment per frame in turns, as the module rounds it.
    static func increment(_ rate: Float, _ sampleRate: Float) -> Double {
        (Double(rate) / Double(sampleRate) * 0x1p32).rounded() / 0x1p32
    }

    @Test(arguments: ["sine", "triangle", "saw", "square", "sawDown", "expUp", "expDown"])
    func theWaveformIsThatOfTheFormula(shape: String) {
        for sampleRate in Self.rates {
            for degrees: Float in [0, 90] {
                var bench = ModuleBench<LFO>(LFO.self, format: .voices(sampleRate: sampleRate))
                bench.set(.shape, word: shape)
                bench.set(.rate, 7)
                bench.set(.phase, degrees)
                bench.set(.retrigger, 1)
                bench.events = [.note(0)]
                let values = bench.run(Int(sampleRate / 2))[0].lane(3)
                let step = Self.increment(7, sampleRate)
                for (n, value) in values.enumerated() {
                    let turns = Double(n) * step + Double(degrees) / 360
                    let x = turns - turns.rounded(.down)
                    // A frame beside a jump may be on either side of it.
                    if min(x, abs(x - 0.5), 1 - x) < 1e-6, shape != "sine" { continue }
                    let expected = Self.formula(shape, x)
                    #expect(abs(Double(value) - expected) < 5e-6, "\(shape) at \(x): \(value)")
                    if abs(Double(value) - expected) >= 5e-6 { return }
                }
            }
        }
    }

    @Test(arguments: [Float(0.05), 0.3, 0.8])
    func theWidthIsThePartOfTheCycleInWhichTheSquareIsHigh(width: Float) {
        var bench = ModuleBench<LFO>(LFO.self)
        bench.set(.shape, word: "square")
        bench.set(.rate, 10)
        bench.set(.width, width)
        bench.set(.retrigger, 1)
        bench.events = [.note(0)]
        let values = bench.run(48_000)[0].lane(0)
        #expect(abs(values.count { $0 == 1 } - Int(48_000 * width)) <= 12)
        #expect(values.allSatisfy { $0 == 1 || $0 == -1 })
        #expect(values[0] == 1 && values[Int(4800 * width) + 2] == -1)
    }

    /// The smooth waveform passes the values of `random` at the beginning of each cycle, and moves between them along
    /// 3x² − 2x³.
    @Test func smoothMovesBetweenTheValuesOfRandom() {
        var bench = ModuleBench<LFO>(LFO.self)
        bench.set(.rate, 8)
        bench.set(.shape, word: "random")
        let steps = bench.run(48_000)[0].lane(0)
        bench.set(.shape, word: "smooth")
        let smooth = bench.run(48_000)[0].lane(0)
        for n in 0..<40_000 where n % 6000 > 1 && n % 6000 < 5998 {
            let x = Float(n % 6000) / 6000, from = steps[n], to = steps[n + 6000]
            #expect(abs(smooth[n] - (from + (to - from) * x * x * (3 - 2 * x))) < 1e-4)
        }
        #expect(Set(steps).count >= 8)
    }

    @Test func theFadeIsAStraightLineAfterTheDelay() {
        for sampleRate in Self.rates {
            for isUnipolar: Float in [0, 1] {
                var bench = ModuleBench<LFO>(LFO.self, format: .voices(sampleRate: sampleRate))
                bench.set(.unipolar, isUnipolar)
                bench.set(.rate, 30)
                bench.cuts = [64, 5]
                bench.events = [.note(100)]
                let full = bench.run(Int(sampleRate))[0].lane(0)
                bench.set(.delay, 0.3)
                bench.set(.fade, 0.4)
                let faded = bench.run(Int(sampleRate))[0].lane(0)
                let delay = Double(sampleRate) * 0.3, fade = Double(sampleRate) * 0.4
                for n in 100..<full.count {
                    let amplitude = min(1, max(0, (Double(n - 100) - delay) / fade))
                    #expect(abs(Double(faded[n]) - Double(full[n]) * amplitude) < 1e-4)
                }
                #expect(faded[100 + Int(delay) - 2] == 0)
                #expect(faded.last == full.last)
            }
        }
    }

    @Test func aTriggerRestartsDelayAndFade() {
        var bench = ModuleBench<LFO>(LFO.self)
        bench.set(.shape, word: "square")
        bench.set(.width, 0.99)
        bench.set(.delay, 0.01)
        var strike = ModuleBench<LFO>.Event(3000)
        strike.strike = LaneMask(lane: 4)
        bench.events = [.note(0), strike]
        let values = bench.run(4000)[0]
        for lane in [4, 5] {
            let silent = (0..<4000).filter { values[$0][lane] == 0 }
            #expect(silent == Array(0..<480) + (lane == 4 ? Array(3000..<3480) : []))
        }
    }

    /// The delay of a retriggered LFO is in front of the cycle, not a part of it.
    @Test func theCycleBeginsAfterTheDelay() {
        var bench = ModuleBench<LFO>(LFO.self)
        bench.set(.shape, word: "sawDown")
        bench.set(.rate, 3.7)
        bench.set(.retrigger, 1)
        bench.events = [.note(0)]
        let plain = bench.run(9600)[0].lane(0)
        bench.set(.delay, 0.1)
        let late = bench.run(14_400)[0].lane(0)
        #expect(late[..<4800].allSatisfy { $0 == 0 })
        #expect(Array(late[4800...]) == plain)
    }

    @Test func aOneShotEndsAfterACycleAndBeginsAgainAtATrigger() {
        for sampleRate in Self.rates {
            var bench = ModuleBench<LFO>(LFO.self, format: .voices(sampleRate: sampleRate))
            bench.set(.shape, word: "sawDown")
            bench.set(.rate, 10)
            bench.set(.oneShot, 1)
            bench.set(.unipolar, 1)
            let cycle = Int(sampleRate / 10)
            var strike = ModuleBench<LFO>.Event(cycle * 3)
            strike.strike = LaneMask(lane: 2)
            bench.events = [.note(0), strike]
            let values = bench.run(cycle * 6)[0]
            for n in 0..<cycle * 6 {
                let age = n >= cycle * 3 ? n - cycle * 3 : n
                let expected = max(0, 1 - Double(age) / Double(cycle))
                #expect(abs(Double(values[n][2]) - expected) < 1e-5)
            }
            #expect(values[cycle * 6 - 1][3] < 1e-6)
        }
    }
}
