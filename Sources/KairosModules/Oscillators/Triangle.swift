import KairosDSP

/// Band-limited triangle: see ``triangle(turns:turnsPerHalfWidth:halfWidthsPerTurn:kernelsOverlap:)``.
public struct Triangle: Module {
    public static let info = ModuleInfo("triangle", "Triangle oscillator with odd harmonics, band-limited.")

    public enum Inlet: Int, InletKey {
        case pitch
        public var info: InletInfo { .pitch }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("Triangle wave, −1 … 1.") }
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
            return render(output, 0..<io.frames, 0, isSteady: true)
        }
        for segment in io.segments {
            cycle.tune(
                segment, pitch: pitch[segment.first] + detune[segment.first],
                frequency: frequency[segment.first])
            render(output, segment.first..<segment.end, segment.phase, isSteady: false)
        }
    }

    /// The flags are constants after inlining: each case compiles to its own loop.
    private mutating func render(_ output: Output, _ frames: Range<Int>, _ phase: Int, isSteady: Bool) {
        switch (isSteady, cycle.cornerKernelsOverlap) {
        case (true, false): loop(output, frames, phase, isSteady: true, kernelsOverlap: false)
        case (true, true): loop(output, frames, phase, isSteady: true, kernelsOverlap: true)
        case (false, let kernelsOverlap):
            loop(output, frames, phase, isSteady: false, kernelsOverlap: kernelsOverlap)
        }
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ frames: Range<Int>, _ phase: Int, isSteady: Bool, kernelsOverlap: Bool
    ) {
        var ramp = cycle.ramp(from: phase), phase = cycle.phase
        let turns = ramp.turnsPerHalfWidth, perTurn = ramp.halfWidthsPerStep * Lanes(repeating: 0x1p32)
        for n in frames {
            output[n] = triangle(
                turns: signedTurns(phase), turnsPerHalfWidth: isSteady ? turns : ramp.turnsPerHalfWidth,
                halfWidthsPerTurn: isSteady ? perTurn : ramp.halfWidthsPerStep * Lanes(repeating: 0x1p32),
                kernelsOverlap: kernelsOverlap)
            phase = phase &+ ramp.increment
            if !isSteady { ramp.advance() }
        }
        cycle.phase = phase
    }
}
