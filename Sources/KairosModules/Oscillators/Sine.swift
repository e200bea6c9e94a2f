public import KairosDSP

/// Sine oscillator with phase modulation and feedback: an operator for FM synthesis.
///
/// The feedback signal is the mean of the last two outputs, as in the Yamaha DX7, which prevents oscillation
/// at half the sample rate. The delay of these outputs shapes the spectrum. At other sample rates than 48 kHz
/// the outputs are therefore taken one and two frames of 48 kHz ago: see ``FeedbackHistory``.
///
/// A sine wave that shifts its own phase has a constant offset, of up to half its level. ``FeedbackOffset`` removes it
/// from the output; the feedback signal keeps it, because it is part of the sound.
public struct Sine: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "sine", "Sine oscillator with phase modulation and feedback (FM operator).", isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case pitch, modulator
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .pitch: .pitch
            case .modulator: .audio("Phase modulation signal, −1 … 1; 1 shifts the phase by `index` cycles.")
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Sine wave, −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case frequency, detune, ratio, index, feedback, phase, scatter
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .frequency: .oscillatorFrequency
            case .detune: .oscillatorDetune
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
                .ratio(
                    "Feedback: phase modulation by the oscillator's own output; 100 % is a quarter cycle. A high-pass "
                        + "filter at 5 Hz then removes the offset that it makes.")
            case .phase: .startPhase
            case .scatter: .scatter
            }
        }
    }

    private var cycle: OscillatorPhase
    /// The last two outputs.
    private var last = Lanes.zero
    private var beforeLast = Lanes.zero
    /// Earlier outputs, at other sample rates than 48 kHz.
    private var history: FeedbackHistory
    private let hasHistory: Bool
    private var offset: FeedbackOffset

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        cycle = OscillatorPhase(format)
        history = FeedbackHistory(sampleRate: format.sampleRate)
        hasHistory = format.sampleRate != 48_000
        offset = FeedbackOffset(sampleRate: format.sampleRate)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        last = .zero
        beforeLast = .zero
        history.clear(.all)
        offset.clear(.all)
        cycle.reset()
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        last.set(lanes, to: 0)
        beforeLast.set(lanes, to: 0)
        if hasHistory { history.clear(lanes) }
        offset.clear(lanes)
        cycle.start(lanes, seeds: seeds)
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        if hasHistory { return processWithHistory(io) }
        renderSegments(io) { $0.render(io, $1, $2) }
    }

    /// ``process(_:)`` at other sample rates than 48 kHz. Not inlined, so that the other loops keep their
    /// registers.
    @inline(never) private mutating func processWithHistory(_ io: ModuleIO<Self>) {
        renderSegments(io) { $0.renderWithHistory(io, $1, $2) }
    }

    /// Sets the frequency of each control segment and renders it; the whole sub-block at once if the frequency
    /// is constant. `render` gets the frames, and the first one's distance from the last control tick.
    @inline(__always) private mutating func renderSegments(
        _ io: ModuleIO<Self>, _ render: (inout Self, _ frames: Range<Int>, _ phase: Int) -> Void
    ) {
        let pitch = io[.pitch], detune = io[.detune], ratio = io[.ratio], frequency = io[.frequency]
        let isSteady = cycle.begin(
            clock: io.clock, frames: io.frames, degrees: io.latched(.phase), scatter: io.latched(.scatter),
            pitch: pitch[0] + detune[0], frequency: frequency[0] * ratio[0])
        if isSteady && pitch.isSteady && detune.isSteady && ratio.isSteady && frequency.isSteady {
            return render(&self, 0..<io.frames, 0)
        }
        for segment in io.segments {
            cycle.tune(
                segment, pitch: pitch[segment.first] + detune[segment.first],
                frequency: frequency[segment.first] * ratio[segment.first])
            render(&self, segment.first..<segment.end, segment.phase)
        }
    }

    /// Renders a control segment in one of three loops. Without feedback no frame depends on the one before.
    private mutating func render(_ io: ModuleIO<Self>, _ frames: Range<Int>, _ phase: Int) {
        let output = io[.output], modulator = io[.modulator], index = io[.index], feedback = io[.feedback]
        let isUnfed = hasNoFeedback(feedback)
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
            var last = last, beforeLast = beforeLast, offset = offset
            for n in frames {
                let back = (last + beforeLast) * (feedback[n] * Lanes(repeating: 0.125))
                let shift = (modulator[n] * index[n] + back).clamped(-1_000_000, 1_000_000)
                beforeLast = last
                last = sine(phase: phase &+ phaseOffset(turns: shift))
                output[n] = offset.removed(from: last, feedback: feedback[n])
                phase = phase &+ ramp.increment
                ramp.advance()
            }
            self.last = last
            self.beforeLast = beforeLast
            self.offset = offset
        }
        cycle.phase = phase
    }

    /// True if no lane has feedback, or an offset that earlier feedback has left.
    private func hasNoFeedback(_ feedback: Signal) -> Bool {
        feedback.isSteady && offset.isZero && !(feedback[0] .!= Lanes.zero).any
    }

    /// Like ``render(_:_:_:)``, with the feedback signal of ``FeedbackHistory``.
    private mutating func renderWithHistory(
        _ io: ModuleIO<Self>, _ frames: Range<Int>, _ phase: Int
    ) {
        let output = io[.output], modulator = io[.modulator], index = io[.index], feedback = io[.feedback]
        if hasNoFeedback(feedback) {
            render(io, frames, phase)
            return history.append(output, frames)
        }
        var ramp = cycle.ramp(from: phase), phase = cycle.phase
        for n in frames {
            let back = history.mean * (feedback[n] * Lanes(repeating: 0.25))
            let shift = (modulator[n] * index[n] + back).clamped(-1_000_000, 1_000_000)
            let value = sine(phase: phase &+ phaseOffset(turns: shift))
            history.append(value)
            output[n] = offset.removed(from: value, feedback: feedback[n])
            phase = phase &+ ramp.increment
            ramp.advance()
        }
        cycle.phase = phase
    }

    /// Keeps the last outputs, for feedback that is turned up later.
    private mutating func keepLast(_ output: Output, _ frames: Range<Int>) {
        beforeLast = frames.count > 1 ? output[frames.upperBound - 2] : last
        last = output[frames.upperBound - 1]
    }
}

/// The last outputs of a sine oscillator, for a feedback signal that is the same at every sample rate: the
/// mean of the outputs one and two frames of 48 kHz ago.
private struct FeedbackHistory {
    private var outputs = InlineArray<16, Lanes>(repeating: .zero)
    /// Number of outputs so far; wraps.
    private var count = 0
    private let near: Tap
    private let far: Tap

    /// Position between two frames of the past.
    private struct Tap {
        let frames: Int
        let fraction: Float

        /// A tap `delay` frames ago, 1…14.
        init(_ delay: Float) {
            frames = Int(delay)
            fraction = delay - Float(frames)
        }
    }

    init(sampleRate: Float) {
        // Below 48 kHz the first tap is the last frame; the second one keeps the mean of both.
        let ratio = min(sampleRate / 48_000, 7), first = max(ratio, 1)
        near = Tap(first)
        far = Tap(max(3 * ratio - first, 1))
    }

    mutating func clear(_ lanes: LaneMask) {
        for index in outputs.indices { outputs[index].set(lanes, to: 0) }
    }

    @inline(__always) mutating func append(_ output: Lanes) {
        outputs[count & 15] = output
        count &+= 1
    }

    /// Appends those of `frames` that a later mean can read.
    @inline(never) mutating func append(_ output: Output, _ frames: Range<Int>) {
        for n in frames.suffix(16) { append(output[n]) }
    }

    /// The feedback signal of the next frame.
    var mean: Lanes { @inline(__always) get { (value(near) + value(far)) * Lanes(repeating: 0.5) } }

    @inline(__always) private func value(_ tap: Tap) -> Lanes {
        let newer = outputs[(count &- tap.frames) & 15], older = outputs[(count &- tap.frames &- 1) & 15]
        return newer + (older - newer) * Lanes(repeating: tap.fraction)
    }
}
