import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Changes of the delay time, freezing and ducking.
@Suite struct DelayChangeTests {
    /// A bench whose input rises by 1 per frame: the output is then the frame number less the delay.
    private static func ramp(
        _ format: Format, _ change: Float, from: Float, to: [(frame: Int, seconds: Float)]
    )
        -> ModuleBench<Delay>
    {
        var bench = ModuleBench<Delay>(Delay.self, format: format)
        bench.feed(.input, .moving { _, frame in Float(frame) })
        bench.set(.time, from)
        bench.set(.feedback, 0)
        bench.set(.mix, 1)
        bench.set(.change, change)
        bench.events = [.note(0)] + to.map { jump($0.frame, $0.seconds) }
        return bench
    }

    private static func jump(_ frame: Int, _ seconds: Float) -> ModuleBench<Delay>.Event {
        var event = ModuleBench<Delay>.Event(frame)
        event.set = [(Delay.Param.time.rawValue, .steady(seconds))]
        return event
    }

    private static func delays(_ bench: ModuleBench<Delay>, _ frames: Int) -> [Double] {
        bench.run(frames)[0].enumerated().map { Double($0.offset) - Double($0.element[1]) }
    }

    /// Half a frame per frame when the time grows and one when it shrinks; the end is exponential.
    @Test(arguments: [Float(44_100), 48_000, 96_000])
    func glideFollowsItsFormula(rate: Float) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            for (from, to, speed) in [(Float(0.1), Float(0.3), -0.5), (0.3, 0.1, 1)] {
                let start = Int(rate * 0.4) / 16 * 16, frames = Int(rate * 1.4)
                let bench = Self.ramp(format, 0, from: from, to: [(start, to)])
                let found = Self.delays(bench, frames)
                var rest = Double((from - to) * rate)
                let part = 16 / (0.1 * Double(rate))
                for tick in 0..<(frames - start) / 16 {
                    let expected = Double(to * rate) + rest
                    #expect(abs(found[start + 16 * tick] - expected) < 0.05)
                    rest -= min(16, max(-8, rest * part))
                }
                // In the middle of the fast part.
                let middle = start + Int(0.05 * rate)
                #expect(abs(found[middle] - found[middle + 1000] - 1000 * speed) < 0.05)
                #expect(abs(found[frames - 1] - Double(to * rate)) < 0.02 * Double(rate) * 0.1)
            }
        }
    }

    @Test func glideIsAtMostAnOctaveOff() {
        for (from, to, expected) in [(Float(0.1), Float(0.5), 500.0), (0.5, 0.1, 2000)] {
            var bench = Self.ramp(.bus(sampleRate: 48_000), 0, from: from, to: [(48_000, to)])
            bench.feed(.input, .moving { _, frame in Float(sin(2 * Double.pi * Double(frame % 48) / 48)) })
            let signal = bench.run(62_000)[0].lane(0)
            let crossings = (50_000..<60_000).filter { signal[$0] < 0 && signal[$0 + 1] >= 0 }.count
            let hertz = Double(crossings) * 4.8
            #expect(abs(hertz - expected) < 10, "\(hertz) Hz")
        }
    }

    /// A slow movement is followed, a control tick late, in both forms.
    @Test func slowMovementIsFollowed() {
        func frames(_ frame: Int) -> Float { 900 + 200 * sin(Float(frame / 16) * 0.012) }
        for format in Format.both {
            for change in [Float(0), 1] {
                var bench = Self.ramp(format, change, from: 0, to: [])
                bench.set(.time, .moving { _, frame in frames(frame) / 48_000 })
                let found = Self.delays(bench, 20_000)
                for n in stride(from: 1600, to: 19_984, by: 16) {
                    #expect(abs(found[n] - Double(frames(n - 16))) < 0.02)
                    #expect(abs(found[n + 8] - Double(frames(n - 16) + frames(n)) / 2) < 0.02)
                }
            }
        }
    }

    /// Gain sin² over 50 ms; a new time waits until the crossfade is over.
    @Test(arguments: [Float(44_100), 48_000, 96_000])
    func fadeFollowsItsFormula(rate: Float) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            let start = Int(rate * 0.4) / 16 * 16, ticks = Int((0.05 * rate / 16).rounded())
            let times = [Float(0.1), 0.3, 0.2]
            let bench = Self.ramp(
                format, 1, from: times[0], to: [(start, times[1]), (start + 160, times[2])])
            let found = Self.delays(bench, start + 32 * ticks + 800)
            for fade in 0..<2 {
                let (old, new) = (Double(times[fade] * rate), Double(times[fade + 1] * rate))
                for tick in 0...ticks {
                    let part = pow(sin(Double.pi / 2 * Double(tick) / Double(ticks)), 2)
                    let frame = start + 16 * (fade * ticks + tick)
                    #expect(abs(found[frame] - old - (new - old) * part) < 0.05)
                }
            }
            #expect(abs(found[start + 32 * ticks + 700] - Double(times[2] * rate)) < 0.02)
        }
    }

    /// Second differences of a sine do not grow in a crossfade. Control: they do when the delay jumps.
    @Test func fadeDoesNotClick() {
        func sharpness(_ change: (inout ModuleBench<Delay>) -> Void) -> Float {
            var bench = Self.ramp(.bus(sampleRate: 48_000), 1, from: 0.1, to: [])
            bench.feed(.input, .moving { _, frame in sin(2 * Float.pi * Float(frame % 480) / 480) })
            change(&bench)
            let signal = bench.run(20_000)[0].lane(0)
            return (10_000..<20_000).map { abs(signal[$0] - 2 * signal[$0 - 1] + signal[$0 - 2]) }.max() ?? 0
        }
        let resting = sharpness { _ in }
        let fading = sharpness { $0.events.append(Self.jump(12_000, 0.1553)) }
        // A note that starts has its new time at once.
        let jumping = sharpness { bench in
            var event = Self.jump(12_000, 0.1553)
            event.start = .all
            bench.events.append(event)
        }
        #expect(fading < 1.2 * resting, "\(fading), \(resting)")
        #expect(jumping > 10 * resting)
    }

    // MARK: freeze

    /// A frozen loop has the same frames each time, whatever comes in, and goes on decaying afterwards.
    @Test(arguments: [Float(44_100), 48_000, 96_000], [Float(0), 1])
    func freezeKeepsTheLoop(rate: Float, mode: Float) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            var bench = ModuleBench<Delay>(Delay.self, format: format)
            bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
            // No whole number of frames at any rate.
            bench.set(.time, 0.100_33)
            bench.set(.feedback, 0.5)
            bench.set(.mode, mode)
            bench.set(.mix, 1)
            let start = Int(rate * 0.5), loops = 12
            var freeze = ModuleBench<Delay>.Event(start), thaw = freeze
            freeze.set = [(Delay.Param.freeze.rawValue, .steady(1))]
            let isCrossing = format.isBus && mode == 1
            let period = Int((0.100_33 * rate).rounded()) * (isCrossing ? 2 : 1)
            let end = start + Int(0.03 * rate) + (loops + 1) * period
            thaw.frame = end
            thaw.set = [(Delay.Param.freeze.rawValue, .steady(0))]
            bench.events = [.note(0), freeze, thaw]
            let frames = bench.run(end + 3 * period)[0], first = start + Int(0.03 * rate)
            for lane in 0..<2 {
                let signal = frames.lane(lane)
                for n in first..<(end - period) where signal[n + period] != signal[n] {
                    Issue.record("\(format.lanes) lanes, frame \(n) of lane \(lane)")
                    return
                }
                #expect(signal[first..<end].contains { abs($0) > 0.3 })
                #expect(signal[end + period + 200] != signal[end + 200])
            }
        }
    }

    @Test func freezingDoesNotClick() {
        func sharpness(_ freezes: Bool) -> Float {
            var bench = ModuleBench<Delay>(Delay.self, format: .bus(sampleRate: 48_000))
            bench.feed(.input, .moving { _, frame in sin(2 * Float.pi * Float(frame % 480) / 480) })
            bench.set(.time, 0.0957)
            bench.set(.mix, 1)
            var event = ModuleBench<Delay>.Event(24_000)
            if freezes { event.set = [(Delay.Param.freeze.rawValue, .steady(1))] }
            bench.events = [.note(0), event]
            let signal = bench.run(48_000)[0].lane(0)
            return (20_000..<48_000).map { abs(signal[$0] - 2 * signal[$0 - 1] + signal[$0 - 2]) }.max() ?? 0
        }
        let (frozen, not) = (sharpness(true), sharpness(false))
        #expect(frozen < 2.5 * not, "\(frozen), \(not)")
    }

    // MARK: ducking

    private static func ducked(_ format: Format, _ level: @escaping (Int) -> Double) -> ModuleBench<Delay> {
        var bench = ModuleBench<Delay>(Delay.self, format: format)
        bench.feed(
            .input,
            .moving { _, frame in Float(pow(10, level(frame) / 20)) * (frame % 2 == 0 ? 1 : -1) })
        bench.set(.time, 0.5)
        bench.set(.feedback, 0)
        bench.set(.ducking, 24)
        bench.set(.mix, 1)
        bench.events = [.note(0)]
        return bench
    }

    @Test(arguments: [-60.0, -50, -42.5, -35, -20, -6])
    func duckingFollowsTheLevel(level: Double) {
        for format in Format.both {
            let signal = Self.ducked(format) { _ in level }.run(48_000)[0].lane(1)
            let found = 20 * log10(Double(abs(signal[47_999]))) - level
            let expected = -24 * min(1, max(0, (level + 50) / 30))
            #expect(abs(found - expected) < 0.05, "\(found) dB, not \(expected)")
        }
    }

    @Test(arguments: [Float(44_100), 48_000, 192_000])
    func duckingHasItsTimes(rate: Float) {
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            // One second at −50 dBFS, 0.3 s at −20 dBFS, then silence.
            let (rise, fall) = (Int(rate), Int(rate * 1.3))
            let bench = Self.ducked(format) { $0 < rise ? -50 : $0 < fall ? -20 : -200 }
            let signal = bench.run(Int(rate * 2))[0].lane(0)
            func reduction(_ frame: Int) -> Double {
                let echo = frame - Int(0.5 * rate) < rise ? -50.0 : -20
                return echo - 20 * log10(Double(abs(signal[frame])))
            }
            #expect(abs(reduction(rise - 10)) < 0.05)
            for milliseconds in [5.0, 10, 20] {
                let frame = rise + Int(milliseconds / 1000 * Double(rate))
                let expected = 24 * (1 - exp(-milliseconds / 5))
                #expect(abs(reduction(frame) - expected) < 1.2, "\(milliseconds) ms: \(reduction(frame))")
            }
            for seconds in [0.2, 0.25, 0.4, 0.49] {
                // 60 dB per second over a range of 30 dB, 5 ms late.
                let expected = 24 * (1 - 2 * (seconds - 0.005))
                let found = reduction(fall + Int(seconds * Double(rate)))
                #expect(abs(found - expected) < 0.3, "\(seconds) s: \(found), not \(expected)")
            }
        }
    }
}
