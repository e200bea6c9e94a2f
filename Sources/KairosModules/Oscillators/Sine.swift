import KairosDSP

/// Sine with phase modulation and feedback: an operator of FM synthesis.
///
/// The feedback is the mean of the last two outputs, which keeps it from hunting (the Yamaha DX7's way).
public struct Sine: Module {
    public static let info = ModuleInfo("sine", "Sine oscillator, and operator for FM.")

    public enum Inlet: Int, InletKey {
        case pitch, modulator
        public var info: InletInfo {
            switch self {
            case .pitch: .pitch
            case .modulator: .audio("Shifts the phase: 1 is one turn, times the index.")
            }
        }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The sine, −1 … 1.") }
    }

    public enum Param: Int, ParamKey {
        case frequency, detune, ratio, index, feedback, phase, scatter
        public var spec: ParamSpec {
            switch self {
            case .frequency: .oscillatorFrequency
            case .detune: .detune("Semitones above or below the pitch.")
            case .ratio:
                ParamSpec(
                    "The frequency as a multiple of the pitch's.", range: 0.125...32, default: 1,
                    curve: .exponential, smoothing: .logarithmic
                ).readOnGrid()
            case .index:
                ParamSpec(
                    "How many turns a modulator of 1 shifts the phase.", range: 0...8, default: 1,
                    curve: .cubic)
            case .feedback: .ratio("How much it shifts its own phase: 100 % is a quarter turn.")
            case .phase: .startPhase
            case .scatter: .scatter
            }
        }
    }

    private var cycle: OscillatorPhase
    /// The last two outputs.
    private var last = Lanes.zero
    private var beforeLast = Lanes.zero

    public init(_ format: Format) { cycle = OscillatorPhase(format) }

    public mutating func reset() {
        last = .zero
        beforeLast = .zero
        cycle.reset()
    }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        last.set(lanes, to: 0)
        beforeLast.set(lanes, to: 0)
        cycle.start(lanes, seeds: seeds)
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let pitch = io[.pitch], detune = io[.detune], ratio = io[.ratio], frequency = io[.frequency]
        let isStill = cycle.begin(
            clock: io.clock, frames: io.frames, degrees: io.latched(.phase), scatter: io.latched(.scatter),
            pitch: pitch[0] + detune[0], frequency: frequency[0] * ratio[0])
        if isStill && pitch.isSteady && detune.isSteady && ratio.isSteady && frequency.isSteady {
            return render(io, 0..<io.frames, 0)
        }
        for run in io.runs {
            cycle.tune(
                run, pitch: pitch[run.first] + detune[run.first],
                frequency: frequency[run.first] * ratio[run.first])
            render(io, run.first..<run.end, run.phase)
        }
    }

    /// Each loop knows which it is: without feedback no frame waits for the one before.
    private mutating func render(_ io: ModuleIO<Self>, _ frames: Range<Int>, _ phase: Int) {
        let output = io[.output], modulator = io[.modulator], index = io[.index], feedback = io[.feedback]
        let isUnfed = feedback.isSteady && !(feedback[0] .!= Lanes.zero).any
        var course = cycle.course(from: phase), phase = cycle.phase
        if isUnfed && modulator.isSteady && !(modulator[0] .!= Lanes.zero).any {
            // A phase shifted by 0 is the same phase.
            for n in frames {
                output[n] = sine(phase: phase)
                phase = phase &+ course.increment
                course.advance()
            }
            remember(output, frames)
        } else if isUnfed {
            for n in frames {
                let shift = (modulator[n] * index[n]).clamped(-1_000_000, 1_000_000)
                output[n] = sine(phase: phase &+ phaseOffset(turns: shift))
                phase = phase &+ course.increment
                course.advance()
            }
            remember(output, frames)
        } else {
            var last = last, beforeLast = beforeLast
            for n in frames {
                let back = (last + beforeLast) * (feedback[n] * Lanes(repeating: 0.125))
                let shift = (modulator[n] * index[n] + back).clamped(-1_000_000, 1_000_000)
                beforeLast = last
                last = sine(phase: phase &+ phaseOffset(turns: shift))
                output[n] = last
                phase = phase &+ course.increment
                course.advance()
            }
            self.last = last
            self.beforeLast = beforeLast
        }
        cycle.phase = phase
    }

    /// Keeps what feedback would need, should it be turned up.
    private mutating func remember(_ output: Output, _ frames: Range<Int>) {
        beforeLast = frames.count > 1 ? output[frames.upperBound - 2] : last
        last = output[frames.upperBound - 1]
    }
}
