import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Times of the envelope and of the LFO.
@Suite struct EnvelopeTests {
    static func envelope(
        _ attack: Float, _ decay: Float, _ sustain: Float, _ release: Float, up: Int, frames: Int
    ) -> [Float] {
        var bench = ModuleBench<ADSR>(ADSR.self)
        bench.set(.attack, attack)
        bench.set(.decay, decay)
        bench.set(.sustain, sustain)
        bench.set(.release, release)
        bench.cuts = [64, 3, 17]
        bench.events = [.note(0, LaneMask(lane: 2)), .release(up, LaneMask(lane: 2))]
        return bench.run(frames)[0].lane(2)
    }

    /// True if `frames` is within one percent or one frame of `seconds`.
    static func isNear(_ frames: Int?, _ seconds: Float) -> Bool {
        guard let frames else { return false }
        let expected = Double(seconds) * 48_000
        return abs(Double(frames) - expected) <= max(1, expected * 0.01)
    }

    @Test(arguments: [Float(0.0001), 0.001, 0.01, 0.1, 1, 8, 20])
    func timesAreAccurate(time: Float) {
        let frames = Int(time * 48_000)
        let attack = Self.envelope(time, 1, 1, 1, up: .max, frames: frames * 2 + 100)
        #expect(Self.isNear(attack.firstIndex { $0 >= 1 }.map { $0 + 1 }, time))
        #expect(attack.max() == 1)
        // A decay begins on the frame after the peak, here frame 0.
        let decay = Self.envelope(0, time, 0.5, 1, up: .max, frames: frames * 2 + 100)
        #expect(decay[0] == 1)
        #expect(Self.isNear(decay.firstIndex { $0 - 0.5 <= 0.000_5 }, time))
        #expect(decay.last == 0.5)
        let release = Self.envelope(0, 0, 0.8, time, up: 64, frames: frames * 2 + 200)
        #expect(release[63] == 0.8)
        #expect(Self.isNear(release.firstIndex { $0 <= 0.000_8 }.map { $0 - 63 }, time))
        #expect(release.last == 0)
    }

    @Test func attackOfZeroIsImmediate() {
        let value = Self.envelope(0, 0.3, 0.5, 0.3, up: .max, frames: 3)
        #expect(value[0] == 1)
        #expect(value[1] < 1)
    }

    @Test func retriggerStartsAtTheCurrentLevel() {
        var bench = ModuleBench<ADSR>(ADSR.self)
        bench.set(.attack, 0.05)
        var strike = ModuleBench<ADSR>.Event(1500)
        strike.strike = .all
        bench.events = [.note(0), .release(1000), strike]
        let value = bench.run(3000)[0].lane(0)
        #expect(value[1499] > 0.2)
        for n in 1..<3000 { #expect(abs(value[n] - value[n - 1]) < 0.003) }
    }

    @Test func sustainCanBeModulated() {
        var bench = ModuleBench<ADSR>(ADSR.self)
        bench.set(.decay, 0.001)
        bench.set(
            .sustain, .moving { _, frame in frame < 2000 ? 0.5 : 0.5 + Float(min(frame - 2000, 100)) * 0.001 }
        )
        bench.events = [.note(0)]
        let value = bench.run(3000)[0].lane(0)
        #expect(value[1999] == 0.5)
        #expect(abs(value[2050] - 0.55) < 1e-6)
        #expect(abs(value[2999] - 0.6) < 1e-6)
    }

    @Test(arguments: [Float(0.01), 0.7, 5, 50])
    func lfoRateIsAccurate(rate: Float) {
        var bench = ModuleBench<LFO>(LFO.self)
        bench.set(.rate, rate)
        bench.set(.shape, 2)
        bench.clock = 123_456_789
        bench.events = [.note(0)]
        let value = bench.run(2000)[0].lane(0)
        for n in stride(from: 0, to: 2000, by: 97) {
            let increment = (Double(rate) / 48_000 * 0x1p32).rounded() / 0x1p32
            let turns = increment * Double(123_456_789 + n)
            let difference = Double(value[n]) / 2 - turns
            #expect(abs(difference - difference.rounded()) < 1e-6)
        }
    }

    @Test func lfoPhaseIncludesFramesNotRun() {
        for shape: Float in [0, 1, 2, 3, 4] {
            var bench = ModuleBench<LFO>(LFO.self)
            bench.set(.shape, shape)
            bench.set(.rate, 37)
            bench.set(.phase, 77)
            let whole = bench.run(20_000)[0].lane(1)
            bench.idle = 5000..<15_000
            let partly = bench.run(20_000)[0].lane(1)
            #expect(Array(whole[15_000...]) == Array(partly[15_000...]))
            // A note that begins later has the same phase.
            bench.idle = nil
            bench.events = [.note(9000)]
            #expect(bench.run(20_000)[0].lane(1) == whole)
        }
    }

    @Test func retriggerBeginsACycle() {
        var bench = ModuleBench<LFO>(LFO.self)
        bench.set(.shape, 2)
        bench.set(.retrigger, 1)
        var strike = ModuleBench<LFO>.Event(3000)
        strike.strike = LaneMask(lane: 4)
        bench.events = [.note(1000), strike]
        let value = bench.run(4000)[0]
        #expect(value[1000][4] == 0 && value[3000][4] == 0)
        #expect(value[3000][5] != 0)
    }

    @Test func randomHoldsForACycle() {
        var bench = ModuleBench<LFO>(LFO.self)
        bench.set(.shape, 4)
        bench.set(.rate, 10)
        let value = bench.run(48_000)[0].lane(0)
        let changes = (1..<48_000).filter { value[$0] != value[$0 - 1] }
        #expect(changes.count == 9 || changes.count == 10)
        #expect(changes.allSatisfy { ($0 + 2) % 4800 < 5 }, "\(changes)")
    }
}
