import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// The module `envelope`: up to sixteen stages, sustain, loop and release.
@Suite struct StageEnvelopeTests {
    typealias Bench = ModuleBench<Envelope>
    /// A stage: time in frames at 48 kHz, level, curve.
    typealias Stage = (frames: Float, level: Float, curve: Float)

    /// An envelope with these stages.
    static func bench(
        _ stages: [Stage], sustain: Int = 0, loop: (Int, Int) = (0, 0),
        release: Float = 0.1
    ) -> Bench {
        var bench = Bench(Envelope.self)
        bench.set(.stages, Float(stages.count))
        bench.set(.sustain, Float(sustain))
        bench.set(.loopStart, Float(loop.0))
        bench.set(.loopEnd, Float(loop.1))
        bench.set(.release, release)
        bench.set(.releaseCurve, 0)
        for (index, stage) in stages.enumerated() {
            bench.params[Envelope.Param.time1.rawValue + index] = .steady(stage.frames / 48_000)
            bench.params[Envelope.Param.level1.rawValue + index] = .steady(stage.level)
            bench.params[Envelope.Param.curve1.rawValue + index] = .steady(stage.curve)
        }
        bench.cuts = [64, 3, 17]
        bench.events = [.note(0)]
        return bench
    }

    @Test func `sixteen stages follow their curves exactly`() {
        let stages = (0..<16).map { index -> Stage in
            let place = Float(index * 7 % 16) / 8, curve = Float(index) / 8
            return (Float(100 + 37 * index), place - 1, curve - 0.93)
        }
        let value = Self.bench(stages).run(9000)[0].lane(7)
        var frame = 0, from = 0.0
        for stage in stages {
            for n in 1...Int(stage.frames) {
                let way = EnvelopeStageTests.way(Double(n) / Double(stage.frames), stage.curve)
                let error = abs(Double(value[frame + n - 1]) - (from + (Double(stage.level) - from) * way))
                #expect(error < 1e-5, "frame \(frame + n)")
                if error >= 1e-5 { return }
            }
            frame += Int(stage.frames)
            from = Double(stage.level)
            #expect(value[frame - 1] == stage.level)
        }
        // Without a sustain stage the last level holds while the gate is high.
        #expect(value[frame...].allSatisfy { $0 == stages[15].level })
    }

    @Test func `sustain holds, and the stages behind it are the release`() {
        let stages: [Stage] = [(100, 1, 0), (200, 0.5, 0), (400, 0.75, 0), (300, 0, 0)]
        var bench = Self.bench(stages, sustain: 2)
        bench.events.append(.release(5000))
        let value = bench.run(7000)[0].lane(0)
        #expect(value[299..<5000].allSatisfy { $0 == 0.5 } && value[298] > 0.5)
        #expect(abs(value[5199] - 0.625) < 1e-5 && value[5399] == 0.75 && value[5698] > 0)
        #expect(value[5699...].allSatisfy { $0 == 0 })
        // The gate goes low in each stage: the third one follows at once, from the present level.
        for (up, start) in [(50, Float(0.5)), (150, 0.875), (4000, 0.5)] {
            var bench = Self.bench(stages, sustain: 2)
            bench.events.append(.release(up))
            let value = bench.run(up + 1000)[0].lane(0)
            #expect(abs(value[up + 199] - (start + 0.75) / 2) < 1e-5, "up \(up)")
            #expect(value[up + 399] == 0.75 && value[up + 699] == 0)
        }
    }

    @Test func `without sustain and loop the stages pass, whatever the gate does`() {
        var bench = Self.bench([(1000, 1, 0), (1000, 0.5, 0)], release: 0.01)
        let held = bench.run(4000)[0].lane(0)
        bench.events.append(.release(300))
        let value = bench.run(4000)[0].lane(0)
        #expect(value[..<2000] == held[..<2000])
        #expect(held[2000...].allSatisfy { $0 == 0.5 })
        // Then the release of 480 frames.
        #expect(abs(value[2239] - 0.25) < 1e-5 && value[2479...].allSatisfy { $0 == 0 })
    }

    @Test func `a loop takes exactly its stages' times, and ends with the gate`() {
        // A pass takes 1234.4 frames; single stages are rounded to whole frames.
        let stages: [Stage] = [
            (300.3, 1, 0), (700.2, -1, 0.5), (534.2, 0.5, -0.5), (200, 0.25, 0), (100, 0, 0),
        ]
        var bench = Self.bench(stages, loop: (2, 3))
        let value = bench.run(1_500_000)[0].lane(11)
        let seconds = [Float(700.2) / 48_000, Float(534.2) / 48_000].map(Double.init)
        let period = (seconds[0] + seconds[1]) * 48_000
        for pass in 0..<1200 {
            let end = Double(Float(300.3) / 48_000) * 48_000 + Double(pass) * period + seconds[0] * 48_000
            let frame = Int(end.rounded())
            let found = (frame - 2...frame + 2).first { value[$0 - 1] == -1 } ?? 0
            #expect(abs(Double(found) - end) <= 0.51, "pass \(pass)")
            if abs(Double(found) - end) > 0.51 { return }
        }
        bench.events.append(.release(5000))
        let ended = bench.run(6000)[0].lane(11)
        #expect(ended[5199] == 0.25 && ended[5299...].allSatisfy { $0 == 0 })
    }

    @Test func `a retrigger begins at the present level`() {
        var bench = Self.bench([(1000, 1, 0), (1000, 0.5, 0)], sustain: 2)
        var strike = Bench.Event(1500)
        strike.strike = .all
        bench.events.append(strike)
        let value = bench.run(4000)[0].lane(0)
        #expect(abs(value[1499] - 0.75) < 1e-5 && abs(value[1999] - 0.875) < 1e-5)
        #expect(value[2499] == 1 && value[3499...].allSatisfy { $0 == 0.5 })
    }

    @Test func `a stage whose time changes is stretched`() {
        var bench = Self.bench([(1000, 1, 0), (1000, 0.5, 0)], sustain: 2)
        var event = Bench.Event(500)
        event.set = [(Envelope.Param.time1.rawValue, .steady(2000 / 48_000))]
        bench.events.append(event)
        let value = bench.run(4000)[0].lane(0)
        // Half of the stage is left: 1000 frames of the new time.
        #expect(abs(value[999] - 0.75) < 1e-4 && value[1499] == 1 && value[1498] < 1)
        #expect(value[2499] == 0.5)
    }
}
