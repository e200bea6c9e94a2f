import KairosDSP

/// Band-limited sawtooth: see ``sawtooth(phase:halfWidthsPerStep:kernelsOverlap:)``.
public struct Saw: Module {
    public static let info = ModuleInfo("saw", "Sawtooth oscillator with all harmonics, band-limited.")

    public enum Inlet: Int, InletKey {
        case pitch
        public var info: InletInfo { .pitch }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("Sawtooth wave, −1 … 1.") }
    }

    public enum Param: Int, ParamKey {
        case frequency, detune, phase, scatter
        public var spec: ParamSpec {
            switch self {
            case .frequency: .oscillatorFrequency
            case .detune: .detune("Detune in semitones, relative to the pitch.")
            case .phase: .startPhase
            case .scatter: .scatter
            }
        }
    }

    private var cycle: OscillatorPhase

    public init(_ format: Format) { cycle = OscillatorPhase(format) }
    public mutating func reset() { cycle.reset() }
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { cycle.start(lanes, seeds: seeds) }

    public mutating func process(_ io: ModuleIO<Self>) {
        let pitch = io[.pitch], detune = io[.detune], frequency = io[.frequency], output = io[.output]
        let isSteady = cycle.begin(
            clock: io.clock, frames: io.frames, degrees: io.latched(.phase), scatter: io.latched(.scatter),
            pitch: pitch[0] + detune[0], frequency: frequency[0])
        if isSteady && pitch.isSteady && detune.isSteady && frequency.isSteady {
            if cycle.stepKernelsOverlap {
                return loop(output, 0..<io.frames, 0, isSteady: true, kernelsOverlap: true)
            }
            for segment in io.segments {
                if cycle.hasDiscontinuity(
                    cycle.phase, within: segment.end - segment.first, in: io.activeLanes)
                {
                    loop(output, segment.first..<segment.end, 0, isSteady: true, kernelsOverlap: false)
                } else {
                    renderNaive(output, segment.first..<segment.end)
                }
            }
            return
        }
        for segment in io.segments {
            cycle.tune(
                segment, pitch: pitch[segment.first] + detune[segment.first],
                frequency: frequency[segment.first])
            loop(
                output, segment.first..<segment.end, segment.phase, isSteady: false,
                kernelsOverlap: cycle.stepKernelsOverlap)
        }
    }

    /// Renders the naive waveform, which is exact where no discontinuity is near in any active lane.
    @inline(__always) private mutating func renderNaive(_ output: Output, _ frames: Range<Int>) {
        var phase = cycle.phase
        let increment = cycle.ramp(from: 0).increment
        for n in frames {
            output[n] = signedSteps(phase) * Lanes(repeating: 0x1p-31)
            phase = phase &+ increment
        }
        cycle.phase = phase
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ frames: Range<Int>, _ phase: Int, isSteady: Bool, kernelsOverlap: Bool
    ) {
        var ramp = cycle.ramp(from: phase), phase = cycle.phase
        let perStep = ramp.halfWidthsPerStep
        for n in frames {
            output[n] = sawtooth(
                phase: phase, halfWidthsPerStep: isSteady ? perStep : ramp.halfWidthsPerStep,
                kernelsOverlap: kernelsOverlap)
            phase = phase &+ ramp.increment
            if !isSteady { ramp.advance() }
        }
        cycle.phase = phase
    }
}
