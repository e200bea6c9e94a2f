import KairosDSP

/// Sine oscillator with phase modulation and feedback: an operator for FM synthesis.
///
/// The feedback signal is the mean of the last two outputs, as in the Yamaha DX7, which prevents oscillation
/// at half the sample rate.
public struct Sine: Module {
    public static let info = ModuleInfo(
        "sine", "Sine oscillator with phase modulation and feedback (FM operator).")

    public enum Inlet: Int, InletKey {
        case pitch, modulator
        public var info: InletInfo {
            switch self {
            case .pitch: .pitch
            case .modulator: .audio("Phase modulation; 1 shifts the phase by `index` cycles.")
            }
        }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("Sine wave, −1 … 1.") }
    }

    public enum Param: Int, ParamKey {
        case frequency, detune, ratio, index, feedback, phase, scatter
        public var spec: ParamSpec {
            switch self {
            case .frequency: .oscillatorFrequency
            case .detune: .detune("Detune in semitones, relative to the pitch.")
            case .ratio:
                ParamSpec(
                    "Frequency ratio, relative to the frequency of the pitch.", range: 0.125...32, default: 1,
                    curve: .exponential, smoothing: .logarithmic
                ).readAtControlTicks()
            case .index:
                ParamSpec(
                    "Modulation index: phase shift in cycles for a modulator of 1.", range: 0...8, default: 1,
                    curve: .cubic)
            case .feedback:
                .ratio("Feedback: phase modulation by the oscillator's own output; 100 % is a quarter cycle.")
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
        let isSteady = cycle.begin(
            clock: io.clock, frames: io.frames, degrees: io.latched(.phase), scatter: io.latched(.scatter),
            pitch: pitch[0] + detune[0], frequency: frequency[0] * ratio[0])
        if isSteady && pitch.isSteady && detune.isSteady && ratio.isSteady && frequency.isSteady {
            return render(io, 0..<io.frames, 0)
        }
        for segment in io.segments {
            cycle.tune(
                segment, pitch: pitch[segment.first] + detune[segment.first],
                frequency: frequency[segment.first] * ratio[segment.first])
            render(io, segment.first..<segment.end, segment.phase)
        }
    }

    /// Renders a control segment in one of three loops. Without feedback no frame depends on the one before.
    private mutating func render(_ io: ModuleIO<Self>, _ frames: Range<Int>, _ phase: Int) {
        let output = io[.output], modulator = io[.modulator], index = io[.index], feedback = io[.feedback]
        let isUnfed = feedback.isSteady && !(feedback[0] .!= Lanes.zero).any
        var ramp = cycle.ramp(from: phase), phase = cycle.phase
        if isUnfed && modulator.isSteady && !(modulator[0] .!= Lanes.zero).any {
            // The modulation is constantly 0.
            for n in frames {
                output[n] = sine(phase: phase)
                phase = phase &+ ramp.increment
                ramp.advance()
            }
            keepLast(output, frames)
        } else if isUnfed {
            for n in frames {
                let shift = (modulator[n] * index[n]).clamped(-1_000_000, 1_000_000)
                output[n] = sine(phase: phase &+ phaseOffset(turns: shift))
                phase = phase &+ ramp.increment
                ramp.advance()
            }
            keepLast(output, frames)
        } else {
            var last = last, beforeLast = beforeLast
            for n in frames {
                let back = (last + beforeLast) * (feedback[n] * Lanes(repeating: 0.125))
                let shift = (modulator[n] * index[n] + back).clamped(-1_000_000, 1_000_000)
                beforeLast = last
                last = sine(phase: phase &+ phaseOffset(turns: shift))
                output[n] = last
                phase = phase &+ ramp.increment
                ramp.advance()
            }
            self.last = last
            self.beforeLast = beforeLast
        }
        cycle.phase = phase
    }

    /// Keeps the last two outputs, for feedback that is turned up later.
    private mutating func keepLast(_ output: Output, _ frames: Range<Int>) {
        beforeLast = frames.count > 1 ? output[frames.upperBound - 2] : last
        last = output[frames.upperBound - 1]
    }
}
