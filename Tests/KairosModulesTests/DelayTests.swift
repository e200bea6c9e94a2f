import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Echoes of the delay: when, on which side, how loud.
@Suite struct DelayTests {
    static func echo(_ frames: Float, lanes: Format = .voices(sampleRate: 48_000), unsteady: Bool = false)
        -> [Float]
    {
        var bench = ModuleBench<Delay>(Delay.self, format: lanes)
        bench.feed(.input, .moving { _, frame in frame == 100 ? 1 : 0 })
        bench.set(.time, frames / 48_000)
        bench.set(.feedback, 0)
        bench.set(.mix, 1)
        bench.unsteady = unsteady
        bench.events = [.note(0)]
        return bench.run(Int(frames) + 400)[0].lane(1)
    }

    @Test(arguments: [Float(3), 4, 11, 63, 64, 65, 1000, 48_000, 192_000])
    func delayIsExactInFrames(frames: Float) {
        for format in Format.both {
            let signal = Self.echo(frames, lanes: format)
            // A float in seconds is not a whole number of frames: the error is 1/64 frame at four seconds.
            let position = 100 + Int(frames)
            #expect(abs(signal[position] - 1) < 0.03)
            let rest = signal.enumerated().reduce(0.0) {
                $0 + (abs($1.offset - position) > 1 ? abs(Double($1.element)) : 0)
            }
            #expect(rest < 0.02)
        }
    }

    /// Phase and level, which is flat within 0.3 dB to 10 kHz.
    @Test(arguments: [Float(3.5), 10.25, 333.75, 4800.5])
    func delayIsExactBetweenFrames(frames: Float) {
        for format in Format.both {
            let signal = Self.echo(frames, lanes: format)
            for hertz in [50.0, 500, 2000, 5000, 10_000] {
                let (real, imaginary) = fourier(signal, hertz / 48_000)
                let expected = -hertz / 48_000 * (100 + Double(frames))
                let turns = atan2(imaginary, real) / (2 * .pi) - expected
                let error = (turns - turns.rounded()) / (hertz / 48_000)
                #expect(abs(error) < 0.02, "\(hertz) Hz is \(error) frames off")
                let level = 20 * log10(hypot(real, imaginary))
                #expect(abs(level) < (hertz < 3000 ? 0.01 : 0.3), "\(hertz) Hz: \(level) dB")
            }
            #expect(signal == Self.echo(frames, lanes: format, unsteady: true))
        }
    }

    @Test func eachLaneHasItsOwnTime() {
        var bench = ModuleBench<Delay>(Delay.self)
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.set(.time, .lanes((0..<16).map { Float(20 + 3 * $0) / 48_000 }))
        bench.set(.feedback, 0)
        bench.set(.mix, 1)
        let frames = bench.run(100)[0]
        for lane in 0..<16 { #expect(abs(frames[20 + 3 * lane][lane] - 1) < 1e-3) }
    }

    /// Each echo is the one before times the feedback and the response of both filters.
    @Test(arguments: [Float(44_100), 48_000, 192_000])
    func echoesDecayByFeedbackAndFilters(rate: Float) {
        let cuts: [(low: Float, high: Float)] = [(10, 20_000), (200, 3000)]
        for format in [Format.voices(sampleRate: rate), .bus(sampleRate: rate)] {
            for cut in cuts {
                var bench = ModuleBench<Delay>(Delay.self, format: format)
                bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
                let period = Int(rate) / 20
                bench.set(.time, Float(period) / rate)
                bench.set(.feedback, 0.7)
                bench.set(.lowCut, cut.low)
                bench.set(.highCut, cut.high)
                bench.set(.mix, 1)
                bench.events = [.note(0)]
                let signal = bench.run(5 * period)[0].lane(1)
                for hertz in [100.0, 300, 1000, 4000, 10_000] {
                    let turns = hertz / Double(rate)
                    let levels = (1...4).map { echo in
                        let window = signal[(echo * period - 20)..<((echo + 1) * period - 20)]
                        let (real, imaginary) = fourier(Array(window), turns)
                        return 20 * log10(hypot(real, imaginary))
                    }
                    let pass = 20 * log10(0.7 * Self.response(cut.low, cut.high, hertz, Double(rate)))
                    for echo in 1..<4 {
                        // The tail of a low cut at 10 Hz is longer than an echo.
                        let error = levels[echo] - levels[0] - Double(echo) * pass
                        #expect(abs(error) < 0.15, "echo \(echo), \(hertz) Hz: \(error) dB")
                    }
                }
            }
        }
    }

    /// Amplitude of both one-pole filters, 1 − e^(−2π · cutoff / rate).
    static func response(_ low: Float, _ high: Float, _ hertz: Double, _ rate: Double) -> Double {
        let w = 2 * Double.pi * hertz / rate
        func lowPass(_ cutoff: Float) -> (real: Double, imaginary: Double) {
            let a = exp(-2 * Double.pi * Double(cutoff) / rate)
            let (x, y) = (1 - a * cos(w), a * sin(w))
            return ((1 - a) * x / (x * x + y * y), -(1 - a) * y / (x * x + y * y))
        }
        let first = lowPass(high), second = lowPass(low)
        return hypot(first.real, first.imaginary) * hypot(1 - second.real, second.imaginary)
    }

    @Test func pingPongEchoesChangeSides() {
        var bench = ModuleBench<Delay>(Delay.self, format: .bus(sampleRate: 48_000))
        // Left −6 dB, right silent: the first echo has the mean of both.
        bench.feed(.input, .moving { lane, frame in frame == 0 && lane == 0 ? 0.5 : 0 })
        bench.set(.time, 0.01)
        bench.set(.feedback, 0.5)
        bench.set(.highCut, 20_000)
        bench.set(.mode, 1)
        bench.set(.mix, 1)
        bench.events = [.note(0)]
        let frames = bench.run(3000)[0]
        let pass = 0.5 * Self.response(10, 20_000, 1000, 48_000)
        for echo in 1...5 {
            let levels = (0..<2).map { side in
                let window = frames.lane(side)[(480 * echo - 20)..<(480 * echo + 220)]
                let (real, imaginary) = fourier(Array(window), 1000.0 / 48_000)
                return hypot(real, imaginary)
            }
            let side = (echo - 1) % 2, expected = 0.25 * pow(pass, Double(echo - 1))
            #expect(abs(levels[side] / expected - 1) < 0.03, "echo \(echo): \(levels)")
            #expect(levels[1 - side] < 0.03 * expected, "echo \(echo): \(levels)")
        }
    }

    @Test func stereoEchoesKeepTheirSides() {
        var bench = ModuleBench<Delay>(Delay.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { lane, frame in lane == 1 ? noise(lane, frame, 1) : 0 })
        bench.set(.time, 0.01)
        let frames = bench.run(3000)[0]
        #expect(frames.allSatisfy { $0[0] == 0 } && frames.contains { abs($0[1]) > 0.5 })
    }

    /// The dry signal keeps its level up to 50 %; the delayed one grows as the square.
    @Test func mixKeepsTheDryLevel() {
        for format in Format.both {
            for (mix, dry, wet) in [
                (Float(0.1), Float(1), 0.04), (0.25, 1, 0.25), (0.5, 1, 1), (0.75, 0.5, 1),
            ] {
                var bench = ModuleBench<Delay>(Delay.self, format: format)
                bench.feed(.input, .moving { _, frame in frame == 0 ? 0.9 : 0 })
                bench.set(.time, 0.01)
                bench.set(.mix, mix)
                let signal = bench.run(600)[0].lane(0)
                #expect(signal[0] == 0.9 * dry)
                #expect(abs(Double(signal[480]) / 0.9 - wet) < 2e-3)
            }
        }
    }

    @Test func aNewNoteHasNoOldEchoes() {
        var bench = ModuleBench<Delay>(Delay.self)
        bench.feed(.input, .moving { lane, frame in frame < 1000 ? noise(lane, frame, 1) : 0 })
        bench.set(.time, 0.05)
        bench.set(.mix, 1)
        bench.events = [.note(0), .note(1000, LaneMask(lane: 3))]
        let frames = bench.run(5000)[0]
        #expect(frames[1000...].allSatisfy { $0[3] == 0 })
        #expect(frames[1000...].contains { $0[4] != 0 })
    }

    @Test func inAFeedbackLoopItIsReadBeforeItIsWritten() {
        for format in Format.both {
            var bench = ModuleBench<Delay>(Delay.self, format: format)
            bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
            bench.set(.time, 0.004)
            bench.set(.mix, 1)
            let whole = bench.run(2000)
            bench.render = { module, io in
                module.read(io)
                module.write(io)
            }
            for cuts in [[64], [1], [5, 64, 31]] {
                bench.cuts = cuts
                var faults: [String] = []
                compare(whole, bench.run(2000), "in sub-blocks of \(cuts)", &faults, lanes: format.lanes)
                #expect(faults == [])
            }
        }
    }

    /// Both channels of a bus equal two voices, also where the delay line wraps around, at four seconds.
    @Test(arguments: [Float(3), 8.5, 9, 10.25, 64, 191_990])
    func delayOfABusEqualsVoices(frames: Float) {
        for change in [Float(0), 1] {
            var bench = ModuleBench<Delay>(Delay.self)
            bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
            // Small movements are followed; every half second the time jumps.
            bench.set(
                .time,
                .moving { lane, frame in
                    let moved = frames + Float(lane) + (frame / 24_000 % 2 == 1 ? 200 : 0)
                    return (moved - 3 + 3 * abs(noise(lane, frame / 16, 4))) / 48_000
                })
            bench.set(.change, change)
            bench.set(.feedback, .moving { lane, frame in 0.5 + 0.4 * noise(lane, frame, 2) })
            bench.set(.highCut, .moving { lane, frame in 5000 + 4000 * noise(lane, frame / 16, 3) })
            bench.events = [.note(0), .note(777, LaneMask(lane: 1))]
            #expect(bench.faultsOnABus(200_000) == [])
        }
    }
}
