import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// A module sounds the same at 44.1, 48, 88.2, 96 and 192 kHz.
@Suite struct SampleRateTests {
    @Test func modulesSoundTheSameAtEverySampleRate() {
        var check = SampleRateCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
        #expect(check.count >= 14)
    }

    @Test func faultyModulesAreFound() {
        var filter = SampleRateCheck(), noise = SampleRateCheck(), envelope = SampleRateCheck()
        filter.visit(FrameFilter.self)
        noise.visit(FrameNoise.self)
        envelope.visit(FrameEnvelope.self)
        for check in [filter, noise, envelope] { #expect(check.faults.count >= 3) }
        #expect(filter.faults.contains { $0.contains("192000 Hz") && $0.contains("band 6310 Hz") })
        #expect(noise.faults.contains { $0.contains("96000 Hz") && $0.contains("level -3.0 dB") })
        #expect(envelope.faults.contains { $0.contains("44100 Hz") && $0.contains(" s: ") })
    }
}

/// Compares each outlet at every sample rate with the same outlet at 48 kHz.
///
/// Sound: the power within 0.2 dB and each third-octave band within 1 dB, from 63 Hz to 8 kHz, of sources to 16 kHz, except
/// bands 60 dB below the loudest or below −130 dB and those of ``exempt``. The bilinear transform of filters compresses
/// what is above 8 kHz. Control signals: the mean square within 0.2 dB, and the values 300 times a second within 0.01, give
/// or take a frame.
struct SampleRateCheck: ModuleVisitor {
    var faults: [String] = []
    var count = 0

    /// Outlets and settings whose bands or values may differ. The spectrum of a wavefolder that a wideband signal
    /// overdrives by 36 dB reaches far beyond half of any sample rate; its aliases are as strong as the rest.
    ///
    /// What `samplehold` holds depends on the frame of a trigger, whose input moves as fast as 8 kHz. A quotient has a
    /// pole where the divisor goes through 0, which may lie between two frames; so may the peak of a wideband signal,
    /// which a follower reads up to 2 % too low.
    static let exempt = [
        "shaper.output with curve 2.0, drive 36.0", "samplehold.output", "math.output with operation 3.0",
        "follower.output with mode 0.0, scale 0.0",
    ]

    mutating func visit<M: Module>(_ type: M.Type) {
        count += 1
        for setting in M.settingsToCompare {
            var bench = ModuleBench<M>.analogue(sampleRate: SampleRates.reference, setting)
            // Lanes with other seeds differ where something is random: then all lanes count, for longer.
            let isRandom = bench.run(4000).contains { $0.contains { $0[0] != $0[1] } }
            let lanes = M.info.widens || M.info.runsOnce || !isRandom ? 0..<1 : 0..<16
            let seconds = M.info.isControl ? 1 : lanes.count > 1 ? 3.25 : 1.25
            let expected = bench.run(Int(seconds * SampleRates.reference))
            for rate in SampleRates.others {
                bench = .analogue(sampleRate: rate, setting)
                let found = bench.run(Int(seconds * rate))
                for outlet in M.Outlet.allCases {
                    let name = "\(M.info.type).\(outlet) with \(describe(M.self, setting))"
                    let what = "\(name) at \(Int(rate)) Hz"
                    let isExempt = Self.exempt.contains { name.hasPrefix($0) }
                    let signals = (expected[outlet.rawValue], found[outlet.rawValue])
                    if M.info.isControl {
                        if isExempt { continue }
                        compareControl(signals.0.lane(0), signals.1.lane(0), rate, what)
                    } else {
                        compareSound(
                            signals.0, signals.1, lanes, rate, what,
                            limit: M.info.isSource ? 16_000 : 8000, hasBands: !isExempt)
                    }
                }
            }
        }
    }

    private func describe<M: Module>(_ type: M.Type, _ setting: [Int: Float]) -> String {
        M.Param.allCases.compactMap { param in setting[param.rawValue].map { "\(param) \($0)" } }
            .joined(separator: ", ")
    }

    private mutating func compareSound(
        _ expected: [Lanes], _ found: [Lanes], _ lanes: Range<Int>, _ rate: Double, _ what: String,
        limit: Double, hasBands: Bool
    ) {
        func spectrum(_ signal: [Lanes], _ rate: Double) -> ThirdOctaves {
            // Without the first quarter of a second, in which filters settle.
            ThirdOctaves(
                lanes.map { Array(signal.lane($0)[Int(rate / 4)...]) }, sampleRate: rate, limit: limit)
        }
        let reference = spectrum(expected, SampleRates.reference), other = spectrum(found, rate)
        compareLevel(reference.power, other.power, what)
        if !hasBands { return }
        // −130 dB: less is the rounding of single precision, in waves far below the audible range.
        let floor = max(1e-6 * (reference.bands.max() ?? 0), 1e-13)
        for (band, centre) in reference.centres.enumerated() {
            let a = reference.bands[band], b = other.bands[band]
            if max(a, b) < floor { continue }
            let difference = decibels(b, a)
            if abs(difference) > 1 {
                faults.append("\(what): band \(Int(centre.rounded())) Hz \(rounded(difference)) dB")
            }
        }
    }

    private mutating func compareControl(
        _ expected: [Float], _ found: [Float], _ rate: Double, _ what: String
    ) {
        func meanSquare(_ signal: [Float]) -> Double {
            signal.reduce(0) { $0 + Double($1) * Double($1) } / Double(signal.count)
        }
        compareLevel(meanSquare(expected), meanSquare(found), what)
        /// Smallest and largest value within one frame of 44.1 kHz around `tick` / 300 seconds.
        func values(_ signal: [Float], _ rate: Double, _ tick: Int) -> (low: Float, high: Float) {
            let frame = tick * Int(rate) / 300, near = Int((rate / 44_100).rounded(.up))
            let around = signal[max(0, frame - near)...min(signal.count - 1, frame + near)]
            return (around.min() ?? 0, around.max() ?? 0)
        }
        for tick in 0..<300 {
            let a = values(expected, SampleRates.reference, tick), b = values(found, rate, tick)
            if b.low > a.high + 0.01 || a.low > b.high + 0.01 {
                faults.append("\(what): after \(Double(tick) / 300) s: \(b), not \(a)")
                return
            }
        }
    }

    private mutating func compareLevel(_ expected: Double, _ found: Double, _ what: String) {
        if expected < 1e-12 && found < 1e-12 { return }
        let difference = decibels(found, expected)
        if abs(difference) > 0.2 { faults.append("\(what): level \(rounded(difference)) dB") }
    }

    private func decibels(_ a: Double, _ b: Double) -> Double { 10 * log10(max(a, 1e-30) / max(b, 1e-30)) }

    private func rounded(_ decibels: Double) -> Double { (decibels * 10).rounded() / 10 }
}
