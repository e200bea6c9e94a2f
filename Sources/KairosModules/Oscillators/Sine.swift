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
        case detune, ratio, index, feedback, phase, scatter
        public var spec: ParamSpec {
            switch self {
            case .detune: .detune("Semitones above or below the pitch.")
            case .ratio:
                ParamSpec(
                    "The frequency as a multiple of the pitch's.", range: 0.125...32, default: 1,
                    curve: .exponential, smoothing: .logarithmic)
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
        let pitch = io[.pitch], modulator = io[.modulator], output = io[.output]
        let detune = io[.detune], ratio = io[.ratio], index = io[.index], feedback = io[.feedback]
        cycle.tune(pitch: pitch[0] + detune[0], ratio: ratio[0])
        cycle.begin(
            clock: io.clock, degrees: io.latched(.phase), scatter: io.latched(.scatter), frames: io.frames)
        let moves = !(pitch.isSteady && detune.isSteady && ratio.isSteady)
        let isUnfed = feedback.isSteady && !(feedback[0] .!= Lanes.zero).any
        let isPlain = isUnfed && modulator.isSteady && !(modulator[0] .!= Lanes.zero).any
        if isPlain && !moves {
            // A phase shifted by 0 is the same phase.
            let increment = cycle.increment
            var phase = cycle.phase
            for n in 0..<io.frames {
                output[n] = sine(phase: phase)
                phase = phase &+ increment
            }
            cycle.phase = phase
            remember(output, io.frames)
            return
        }
        if isUnfed {
            // Without feedback no frame waits for the one before.
            for n in 0..<io.frames {
                if moves { cycle.tune(pitch: pitch[n] + detune[n], ratio: ratio[n]) }
                let shift = (modulator[n] * index[n]).clamped(-1_000_000, 1_000_000)
                output[n] = sine(phase: cycle.phase &+ phaseOffset(turns: shift))
                cycle.advance()
            }
            return remember(output, io.frames)
        }
        for n in 0..<io.frames {
            if moves { cycle.tune(pitch: pitch[n] + detune[n], ratio: ratio[n]) }
            let back = (last + beforeLast) * (feedback[n] * Lanes(repeating: 0.125))
            let shift = (modulator[n] * index[n] + back).clamped(-1_000_000, 1_000_000)
            beforeLast = last
            last = sine(phase: cycle.phase &+ phaseOffset(turns: shift))
            output[n] = last
            cycle.advance()
        }
    }

    /// Keeps what feedback would need, should it be turned up.
    private mutating func remember(_ output: Output, _ frames: Int) {
        beforeLast = frames > 1 ? output[frames - 2] : last
        last = output[frames - 1]
    }
}
