import KairosDSP

/// Band-limited triangle: see ``triangle(turns:turnsPerReach:reachesPerTurn:crowded:)``.
public struct Triangle: Module {
    public static let info = ModuleInfo("triangle", "Triangle oscillator: odd harmonics, soft.")

    public enum Inlet: Int, InletKey {
        case pitch
        public var info: InletInfo { .pitch }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The triangle, −1 … 1.") }
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
            return render(output, 0..<io.frames, 0, isStill: true)
        }
        for run in io.runs {
            cycle.tune(run, pitch: pitch[run.first] + detune[run.first], frequency: frequency[run.first])
            render(output, run.first..<run.end, run.phase, isStill: false)
        }
    }

    /// Each loop knows which it is.
    private mutating func render(_ output: Output, _ frames: Range<Int>, _ phase: Int, isStill: Bool) {
        switch (isStill, cycle.crowdsCorners) {
        case (true, false): loop(output, frames, phase, isStill: true, crowded: false)
        case (true, true): loop(output, frames, phase, isStill: true, crowded: true)
        case (false, let crowded): loop(output, frames, phase, isStill: false, crowded: crowded)
        }
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ frames: Range<Int>, _ phase: Int, isStill: Bool, crowded: Bool
    ) {
        var course = cycle.course(from: phase), phase = cycle.phase
        let turns = course.turnsPerReach, perTurn = course.reachesPerStep * Lanes(repeating: 0x1p32)
        for n in frames {
            output[n] = triangle(
                turns: signedTurns(phase), turnsPerReach: isStill ? turns : course.turnsPerReach,
                reachesPerTurn: isStill ? perTurn : course.reachesPerStep * Lanes(repeating: 0x1p32),
                crowded: crowded)
            phase = phase &+ course.increment
            if !isStill { course.advance() }
        }
        cycle.phase = phase
    }
}
