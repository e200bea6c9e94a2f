import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// A smoothed parameter that moves makes no sharper output than it makes at rest.
@Suite struct MovementTests {
    @Test func smoothedParametersDoNotClick() {
        var check = MovementCheck(smooth: true)
        forEachStandardModule(&check)
        #expect(check.clicks == [])
        #expect(check.count > 20)
    }

    /// Control: the same test finds the clicks that occur without smoothing.
    @Test func parametersClickWithoutSmoothing() {
        var check = MovementCheck(smooth: false)
        forEachStandardModule(&check)
        let clicking = Set(check.clicks.map { String($0.prefix { $0 != " " }) })
        #expect(clicking.isSuperset(of: ["vca.gain", "mix.gainA", "pan.pan", "adsr.sustain"]))
    }
}

/// Compares the largest second difference of the output while a parameter moves with the largest while it
/// rests at any value.
struct MovementCheck: ModuleVisitor {
    let smooth: Bool
    var clicks: [String] = []
    var count = 0

    init(smooth: Bool) { self.smooth = smooth }

    /// A moving delay time changes the pitch of the delayed signal, as a tape echo does, and a comb that passes a
    /// frequency of the input resonates: the second difference does not measure their smoothness. The output of
    /// `constant` is the parameter, and `math` adds it; a quantiser makes steps of what moves; a smooth movement of
    /// `random` has hardly a second difference at rest.
    static let exempt = [
        "delay.time", "comb.frequency", "comb.detune", "constant.value", "math.value", "quantize.offset",
        "random.smooth",
    ]

    mutating func visit<M: Module>(_ type: M.Type) {
        for param in M.Param.allCases where !param.spec.latched {
            let name = "\(M.info.type).\(param)", spec = param.spec
            if Self.exempt.contains(name) { continue }
            count += 1
            var resting = 0.0
            for normalized in stride(from: Float(0), through: 1, by: 0.03125) {
                resting = max(
                    resting, sharpness(type, param, .steady(spec.law.value(normalized: normalized))))
            }
            for (from, to) in [(Float(0), Float(1)), (1, 0), (0.3, 0.7), (0.6, 0.1)] {
                let a = spec.law.value(normalized: from), b = spec.law.value(normalized: to)
                let moving = sharpness(
                    type, param,
                    .moving { [smooth] _, frame in
                        smooth
                            ? spec.smoothed(from: a, to: b, frame: frame - 4800, sampleRate: 48_000)
                            : frame < 4800 ? a : b
                    })
                let more = 20 * log10(moving / max(resting, 1e-9))
                if more > 6 { clicks.append("\(name) from \(a) to \(b): \(more) dB") }
            }
        }
    }

    /// Largest second difference of the output for sine inputs, after the start of the note.
    private func sharpness<M: Module>(
        _ type: M.Type, _ param: M.Param, _ source: ModuleBench<M>.Source
    ) -> Double {
        // A module that makes stereo has no effect on a voice that is neither left nor right, and one that runs
        // once has a bus.
        let format =
            M.info.widens || M.info.runsOnce ? Format.bus(sampleRate: 48_000) : .voices(sampleRate: 48_000)
        var bench = ModuleBench<M>(M.self, format: format)
        for inlet in M.Inlet.allCases where inlet.info.kind == .audio && inlet.info.idle == 0 {
            let hertz: Float = 110 * Float(inlet.rawValue + 2)
            bench.inlets[inlet.rawValue] = .moving { _, frame in
                0.5 * sin(2 * Float.pi * hertz * Float(frame % 48_000) / 48_000)
            }
        }
        bench.params[param.rawValue] = source
        bench.events = [.note(0)]
        var largest = 0.0
        for frames in bench.run(9600) {
            let signal = frames.lane(0)
            for n in 2..<signal.count {
                largest = max(largest, Double(abs(signal[n] - 2 * signal[n - 1] + signal[n - 2])))
            }
        }
        return largest
    }
}
