import KairosDSP

/// Band-limited sawtooth: see ``sawtooth(phase:reachesPerStep:crowded:)``.
public struct Saw: Module {
    public static let info = ModuleInfo("saw", "Sawtooth oscillator: all harmonics, bright.")

    public enum Inlet: Int, InletKey {
        case pitch
        public var info: InletInfo { .pitch }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The sawtooth, −1 … 1.") }
    }

    public enum Param: Int, ParamKey {
        case frequency, detune, phase, scatter
        public var spec: ParamSpec {
            switch self {
            case .frequency: .oscillatorFrequency
            case .detune: .detune("Semitones above or below the pitch.")
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
        let isStill = cycle.begin(
            clock: io.clock, frames: io.frames, degrees: io.latched(.phase), scatter: io.latched(.scatter),
            pitch: pitch[0] + detune[0], frequency: frequency[0])
        if isStill && pitch.isSteady && detune.isSteady && frequency.isSteady {
            if cycle.crowdsJumps { return loop(output, 0..<io.frames, 0, isStill: true, crowded: true) }
            for run in io.runs {
                if cycle.jumps(cycle.phase, within: run.end - run.first, in: io.heard) {
                    loop(output, run.first..<run.end, 0, isStill: true, crowded: false)
                } else {
                    rise(output, run.first..<run.end)
                }
            }
            return
        }
        for run in io.runs {
            cycle.tune(run, pitch: pitch[run.first] + detune[run.first], frequency: frequency[run.first])
            loop(
                output, run.first..<run.end, run.phase, isStill: false, crowded: cycle.crowdsJumps)
        }
    }

    /// Between the jumps of all that is heard.
    @inline(__always) private mutating func rise(_ output: Output, _ frames: Range<Int>) {
        var phase = cycle.phase
        let increment = cycle.course(from: 0).increment
        for n in frames {
            output[n] = signedSteps(phase) * Lanes(repeating: 0x1p-31)
            phase = phase &+ increment
        }
        cycle.phase = phase
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ frames: Range<Int>, _ phase: Int, isStill: Bool, crowded: Bool
    ) {
        var course = cycle.course(from: phase), phase = cycle.phase
        let perStep = course.reachesPerStep
        for n in frames {
            output[n] = sawtooth(
                phase: phase, reachesPerStep: isStill ? perStep : course.reachesPerStep,
                crowded: crowded)
            phase = phase &+ course.increment
            if !isStill { course.advance() }
        }
        cycle.phase = phase
    }
}
