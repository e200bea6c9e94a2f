import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Tuning and decay of the comb filter.
@Suite struct CombTests {
    /// The fundamental of the response to an impulse, over twenty periods from the fifth on and the twenty after
    /// them: frequency in Hz and fall in dB per second.
    static func fundamental(_ signal: [Float], _ hertz: Double, _ rate: Double) -> (
        hertz: Double, fall: Double
    ) {
        let length = Int((20 * rate / hertz).rounded()), first = Int(5 * rate / hertz)
        let parts = [first, first + length].map { start in
            let window = (0..<length).map { n in
                signal[start + n] * Float(0.5 - 0.5 * cos(2 * Double.pi * Double(n) / Double(length)))
            }
            return fourier(window, hertz / rate)
        }
        let angles = parts.map { atan2($0.1, $0.0) / (2 * .pi) }
        // The second window counts its frames from its own beginning.
        let turns = angles[1] - angles[0] - hertz / rate * Double(length)
        let error = (turns - turns.rounded()) * rate / Double(length)
        let ratio = 20 * log10(hypot(parts[0].0, parts[0].1) / hypot(parts[1].0, parts[1].1))
        return (hertz + error, ratio * rate / Double(length))
    }

    /// Responses to an impulse for sixteen pitches, with damping at a multiple of each frequency.
    static func responses(_ pitches: [Double], _ damping: Double, decay: Float, rate: Float) -> [[Float]] {
        var bench = ModuleBench<Comb>(Comb.self, format: .voices(sampleRate: rate))
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.feed(.pitch, .lanes(pitches.map { Float($0) }))
        bench.set(.damping, .lanes(pitches.map { Float(min(20_000, damping * hertz($0))) }))
        bench.set(.decay, decay)
        bench.events = [.note(0)]
        let frames = bench.run(Int(46 * Double(rate) / hertz(pitches[0])) + 16)[0]
        return (0..<16).map { frames.lane($0) }
    }

    static func hertz(_ pitch: Double) -> Double { 440 * pow(2, (pitch - 69) / 12) }

    /// A0 to C8 in groups of sixteen.
    static let pitches = (0..<6).map { group in (0..<16).map { 21 + min(87, Double(16 * group + $0) * 0.917) }
    }

    @Test(arguments: [Float(44_100), 48_000, 96_000], [2.0, 6, 20])
    func itIsInTuneFromA0ToC8(rate: Float, damping: Double) {
        for pitches in Self.pitches {
            let found = Self.responses(pitches, damping, decay: 10, rate: rate)
            for (lane, pitch) in pitches.enumerated() {
                let expected = Self.hertz(pitch)
                let (hertz, _) = Self.fundamental(found[lane], expected, Double(rate))
                let cents = 1200 * log2(hertz / expected)
                #expect(abs(cents) < 0.05, "note \(pitch): \(cents) cents")
            }
        }
    }

    @Test(arguments: [Float(44_100), 48_000, 96_000], [Float(1), 3, 10])
    func itDecaysInTheDecayTime(rate: Float, decay: Float) {
        for pitches in Self.pitches {
            let found = Self.responses(pitches, 100, decay: decay, rate: rate)
            for (lane, pitch) in pitches.enumerated() {
                let expected = Self.hertz(pitch)
                let (_, fall) = Self.fundamental(found[lane], expected, Double(rate))
                // What filter and interpolation take cannot be made up for beyond a gain of 0.99999.
                let least = Self.least(expected, 100, Double(rate)), target = max(60 / Double(decay), least)
                #expect(
                    abs(fall / target - 1) < (target > least ? 0.01 : 0.03),
                    "note \(pitch): \(fall) dB/s, not \(target)")
            }
        }
    }

    /// Slowest possible fall in dB per second with a filter at a multiple of the frequency.
    static func least(_ hertz: Double, _ damping: Double, _ rate: Double) -> Double {
        let a = exp(-2 * Double.pi * min(20_000, damping * hertz) / rate), w = 2 * Double.pi * hertz / rate
        let magnitude = (1 - a) / hypot(1 - a * cos(w), a * sin(w))
        return -20 * log10(0.999_99 * magnitude) * hertz
    }

    /// Harmonics fall faster: by the response of the filter at each pass.
    @Test func dampingIsTheResponseOfTheFilter() {
        var bench = ModuleBench<Comb>(Comb.self, format: .bus(sampleRate: 48_000))
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.feed(.pitch, .steady(57))
        bench.set(.damping, 4000)
        bench.set(.decay, 1)
        bench.events = [.note(0)]
        let signal = bench.run(48_000)[0].lane(1)
        let gains = [220.0, 1100, 2200].map { DelayTests.response(0, 4000, $0, 48_000) }
        let first = -20 * log10(gains[0])
        for (gain, hertz) in zip(gains, [220.0, 1100, 2200]) {
            let (_, fall) = Self.fundamental(signal, hertz, 48_000)
            let expected = 60 + (-20 * log10(gain) - first) * 220
            #expect(abs(fall / expected - 1) < 0.02, "\(hertz) Hz: \(fall) dB/s, not \(expected)")
        }
    }

    @Test func aJumpOfThePitchDoesNotClick() {
        var bench = ModuleBench<Comb>(Comb.self)
        bench.feed(.input, .moving { lane, frame in frame < 400 ? noise(lane, frame / 8, 1) : 0 })
        bench.set(.damping, 1500)
        bench.set(.decay, 20)
        bench.events = [.note(0)]
        bench.feed(.pitch, .moving { _, frame in frame < 24_000 ? 45 : 52 })
        let signal = bench.run(48_000)[0].lane(2)
        func sharpness(_ frames: Range<Int>) -> Float {
            frames.map { abs(signal[$0] - 2 * signal[$0 - 1] + signal[$0 - 2]) }.max() ?? 0
        }
        #expect(sharpness(23_900..<25_000) < 2 * sharpness(22_000..<23_900))
        let (hertz, _) = Self.fundamental(Array(signal[30_000...]), Self.hertz(52), 48_000)
        #expect(abs(1200 * log2(hertz / Self.hertz(52))) < 1, "\(hertz) Hz")
    }

    @Test func aBusEqualsVoices() {
        for pitch in [Float(21), 60, 96, 108] {
            var bench = ModuleBench<Comb>(Comb.self)
            bench.feed(.input, .moving { lane, frame in noise(lane, frame, 1) })
            bench.feed(
                .pitch, .moving { lane, frame in pitch + Float(lane) + sin(Float(frame) / 900) })
            bench.set(.damping, .moving { lane, frame in 5000 + 4000 * noise(lane, frame / 16, 3) })
            bench.set(.mix, 0.6)
            bench.events = [.note(0), .note(777, LaneMask(lane: 1))]
            #expect(bench.faultsOnABus(20_000) == [])
        }
    }
}
