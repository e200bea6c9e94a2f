import KairosDSP

/// Band-limited pulse: one sawtooth less another, shifted by the width.
///
/// It has no mean: the high part is at 2·(1 − width), the low part at −2·width, so that a change of width is no
/// thump. It rises at phase 0.
public struct Pulse: Module {
    public static let info = ModuleInfo("pulse", "Pulse oscillator: square, or as thin as the width says.")

    public enum Inlet: Int, InletKey {
        case pitch
        public var info: InletInfo { .pitch }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The pulse, 2 from low to high, without a mean.") }
    }

    public enum Param: Int, ParamKey {
        case frequency, width, detune, phase, scatter
        public var spec: ParamSpec {
            switch self {
            case .width:
                ParamSpec(
                    "How much of the cycle is high; 50 % is a square.", range: 0.02...0.98, default: 0.5,
                    unit: .ratio,
                    centre: 0.5)
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
        let pitch = io[.pitch], detune = io[.detune], frequency = io[.frequency]
        let width = io[.width], output = io[.output]
        let isStill = cycle.begin(
            clock: io.clock, frames: io.frames, degrees: io.latched(.phase), scatter: io.latched(.scatter),
            pitch: pitch[0] + detune[0], frequency: frequency[0])
        if isStill && pitch.isSteady && detune.isSteady && frequency.isSteady && width.isSteady {
            if cycle.crowdsJumps {
                return loop(output, width, 0..<io.frames, 0, isStill: true, hasOneWidth: true, crowded: true)
            }
            for run in io.runs { renderStill(output, width, run, io.heard) }
            return
        }
        for run in io.runs {
            cycle.tune(run, pitch: pitch[run.first] + detune[run.first], frequency: frequency[run.first])
            let frames = run.first..<run.end, phase = run.phase
            // Each loop knows which it is.
            switch (cycle.crowdsJumps, width.isSteady) {
            case (true, _): loop(output, width, frames, phase, crowded: true)
            case (false, true): loop(output, width, frames, phase, hasOneWidth: true)
            case (false, false): loop(output, width, frames, phase)
            }
        }
    }

    /// Between the jumps of all that is heard it only has to be high or low.
    @inline(__always) private mutating func renderStill(
        _ output: Output, _ width: Signal, _ run: ControlSegment, _ heard: LaneMask
    ) {
        let frames = run.end - run.first, increment = cycle.course(from: 0).increment
        var rise = cycle.phase &+ SIMD16<UInt32>(repeating: 0x8000_0000)
        var fall = rise &- phaseOffset(turns: width[0])
        if cycle.jumps(rise, within: frames, in: heard) || cycle.jumps(fall, within: frames, in: heard) {
            return loop(output, width, run.first..<run.end, 0, isStill: true, hasOneWidth: true)
        }
        let scale = Lanes(repeating: 0x1p-31)
        for n in run.first..<run.end {
            output[n] = signedSteps(fall) * scale - signedSteps(rise) * scale
            rise = rise &+ increment
            fall = fall &+ increment
        }
        cycle.phase = rise &- SIMD16<UInt32>(repeating: 0x8000_0000)
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ width: Signal, _ frames: Range<Int>, _ phase: Int,
        isStill: Bool = false, hasOneWidth: Bool = false, crowded: Bool = false
    ) {
        var course = cycle.course(from: phase)
        let half = SIMD16<UInt32>(repeating: 0x8000_0000)
        let steady = course.reachesPerStep, shift = phaseOffset(turns: width[frames.lowerBound])
        // A sawtooth falls at half a turn.
        var rise = cycle.phase &+ half
        for n in frames {
            let perStep = isStill ? steady : course.reachesPerStep
            let fall = rise &- (hasOneWidth ? shift : phaseOffset(turns: width[n]))
            output[n] =
                sawtooth(phase: fall, reachesPerStep: perStep, crowded: crowded)
                - sawtooth(phase: rise, reachesPerStep: perStep, crowded: crowded)
            rise = rise &+ course.increment
            if !isStill { course.advance() }
        }
        cycle.phase = rise &- half
    }
}
