import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Stages and curves of `adsr`, against their formulas.
@Suite struct EnvelopeStageTests {
    /// Part of the way at `u`, 0…1, of a curve of −1…1: (1 − 2^(−c u)) / (1 − 2^−c), with c = log2(1000) · curve.
    static func way(_ u: Double, _ curve: Float) -> Double {
        let c = 9.965_784_284_662_087 * Double(curve)
        return c == 0 ? u : (1 - exp2(-c * u)) / (1 - exp2(-c))
    }

    /// The place u at which a curve has gone `way`, 0…1.
    static func place(_ way: Double, _ curve: Float) -> Double {
        let c = 9.965_784_284_662_087 * Double(curve)
        return c == 0 ? way : -log2(1 - way * (1 - exp2(-c))) / c
    }

    /// An envelope with all stages, in frames: delay 480, attack 4800, hold 960, decay 2400, release 7200.
    static func bench(curve: Float, loop: Bool = false) -> ModuleBench<ADSR> {
        var bench = ModuleBench<ADSR>(ADSR.self)
        let values: [(ADSR.Param, Float)] = [
            (.delay, 0.01), (.attack, 0.1), (.hold, 0.02), (.decay, 0.05), (.sustain, 0.25),
            (.release, 0.15), (.attackCurve, curve), (.decayCurve, curve), (.releaseCurve, curve),
            (.loop, loop ? 1 : 0),
        ]
        for (param, value) in values { bench.set(param, value) }
        bench.cuts = [64, 3, 17]
        bench.events = [.note(0)]
        return bench
    }

    /// The level at `frame`, counted from 1, of that envelope while the gate is high.
    static func level(_ frame: Int, _ curve: Float) -> Double {
        let attack = Double(frame - 480) / 4800, decay = Double(frame - 6240) / 2400
        if attack <= 0 { return 0 }
        if attack <= 1 { return way(attack, curve) }
        if decay <= 0 { return 1 }
        // 100 % is exponential and goes on: it falls by 60 dB in the time.
        if curve == 1 { return 0.25 + 0.75 * exp2(-9.965_784_284_662_087 * decay) }
        return decay < 1 ? 1 - 0.75 * way(decay, curve) : 0.25
    }

    @Test(arguments: [Float(-1), -0.5, 0, 0.1, 0.26, 0.8, 1]) func `stages follow their curves`(
        curve: Float
    ) {
        let value = Self.bench(curve: curve).run(9600)[0].lane(5)
        for frame in 1...9600 {
            let error = abs(Double(value[frame - 1]) - Self.level(frame, curve))
            // The last −102 dB of an exponential decay are cut off.
            #expect(error < 2e-5, "frame \(frame)")
            if error >= 2e-5 { return }
        }
        #expect(value[5279] == 1 && value[6239] == 1)
        if curve != 1 { #expect(value[8639] == 0.25 && value[8638] != 0.25) }
    }

    @Test(arguments: [Float(-1), 0, 0.5, 1]) func `a release begins in every stage at the present level`(
        curve: Float
    ) {
        for up in [200, 1000, 4000, 5600, 6500, 8000, 9500] {
            var bench = Self.bench(curve: curve)
            bench.events.append(.release(up))
            let value = bench.run(up + 7300)[0].lane(0), from = Self.level(up, curve)
            for n in 1...7200 {
                let u = Double(n) / 7200
                let part = curve == 1 ? exp2(-9.965_784_284_662_087 * u) : 1 - Self.way(u, curve)
                let error = abs(Double(value[up + n - 1]) - from * part)
                #expect(error < 2e-5, "up \(up), frame \(n)")
                if error >= 2e-5 { return }
            }
            if curve != 1 { #expect(value[(up + 7199)...].allSatisfy { $0 == 0 }) }
        }
    }

    @Test(arguments: [Float(-0.5), 0, 0.26, 1]) func `a retriggered attack goes on along its curve`(
        curve: Float
    ) {
        var bench = Self.bench(curve: curve)
        bench.set(.delay, 0)
        var strike = ModuleBench<ADSR>.Event(9000)
        strike.strike = .all
        bench.events = [.note(0), .release(8000), strike]
        let value = bench.run(15_000)[0].lane(0), from = Double(value[8999])
        #expect(from > 0.01 && from < 0.5)
        let start = Self.place(from, curve), length = Int((4800 * (1 - start)).rounded())
        for n in 1..<length {
            let expected = Self.way(start + Double(n) / 4800, curve)
            #expect(abs(Double(value[8999 + n]) - expected) < 2e-5)
            if abs(Double(value[8999 + n]) - expected) >= 2e-5 { return }
        }
        #expect(value[8999 + length] == 1 && value[8998 + length] < 1)
    }

    @Test func `a loop repeats attack, hold and decay in exactly their times`() {
        // A pass takes 8159.98 frames at 48 kHz: 4800 + 960 + 2399.98.
        var bench = Self.bench(curve: 0, loop: true)
        bench.set(.decay, 0.049_999_5)
        let value = bench.run(600_000)[0].lane(3)
        let period =
            Double(Float(0.1)) * 48_000 + Double(Float(0.02)) * 48_000
            + Double(Float(0.049_999_5)) * 48_000
        for pass in 0..<72 {
            let peak = 480 + Double(pass) * period + 4800
            let first = Int(peak.rounded()) - 1
            let found = (first - 2...first + 2).first { value[$0] == 1 && value[$0 - 1] < 1 } ?? 0
            #expect(abs(Double(found + 1) - peak) <= 0.51, "pass \(pass)")
            // The decay arrives at the sustain level before the next attack.
            #expect(value[first + 960 + 2400 - 1...first + 960 + 2400 + 1].contains(0.25))
        }
        // After the gate the loop ends.
        bench.events.append(.release(30_000))
        #expect(bench.run(40_000)[0].lane(3)[37_200...].allSatisfy { $0 == 0 })
    }

    @Test func `each lane has its own times and curves`() {
        let times = (0..<16).map { Float($0 + 1) * 0.003 }, curves = (0..<16).map { Float($0) / 8 - 1 }
        var bench = ModuleBench<ADSR>(ADSR.self)
        func set(_ bench: inout ModuleBench<ADSR>, _ times: [Float], _ curves: [Float], _ loop: [Float]) {
            for param in [ADSR.Param.delay, .attack, .hold, .decay, .release] {
                bench.set(param, .lanes(times))
            }
            for param in [ADSR.Param.attackCurve, .decayCurve, .releaseCurve] {
                bench.set(param, .lanes(curves))
            }
            bench.set(.loop, .lanes(loop))
        }
        bench.events = [.note(0, LaneMask(bits: 0x5555)), .note(777, LaneMask(bits: 0xaaaa)), .release(9000)]
        set(&bench, times, curves, (0..<16).map { Float($0 % 3 == 0 ? 1 : 0) })
        bench.cuts = [64, 5, 31]
        let all = bench.run(16_000)[0]
        for lane in 0..<16 {
            set(
                &bench, .init(repeating: times[lane], count: 16), .init(repeating: curves[lane], count: 16),
                .init(repeating: lane % 3 == 0 ? 1 : 0, count: 16))
            bench.cuts = [64]
            #expect(bench.run(16_000)[0].lane(lane) == all.lane(lane), "lane \(lane)")
        }
    }

    @Test func `a time that changes in its stage bends the curve without a step`() {
        for (frame, param) in [(2000, ADSR.Param.attack), (7000, .decay), (10_000, .release)] {
            var bench = Self.bench(curve: 0.5)
            var event = ModuleBench<ADSR>.Event(frame)
            event.set = [(param.rawValue, .steady(0.3))]
            bench.events = [.note(0)] + (param == .release ? [.release(9000), event] : [event])
            let value = bench.run(40_000)[0].lane(0)
            let steps = zip(value, value.dropFirst()).map { abs($0 - $1) }
            #expect(steps.max() ?? 1 < 0.002)
            // The pace falls to a third or less.
            #expect(steps[frame + 1] < steps[frame - 2] * 0.55 && steps[frame + 1] > 0)
            if param == .attack {
                // 1520 of 4800 frames have passed; the rest of 14 400 follows.
                let rest = Int((14_400.0 * (1 - 1520.0 / 4800)).rounded())
                #expect(value[frame + rest - 1] == 1 && value[frame + rest - 2] < 1)
            }
        }
    }
}
