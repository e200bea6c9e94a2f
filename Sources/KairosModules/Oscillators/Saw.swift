import KairosDSP

/// Band-limited sawtooth: see ``sawtooth(turns:reachesPerTurn:crowded:)``.
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
        case detune, phase, scatter
        public var spec: ParamSpec {
            switch self {
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
        let pitch = io[.pitch], detune = io[.detune], output = io[.output]
        cycle.tune(pitch: pitch[0] + detune[0])
        cycle.begin(
            clock: io.clock, degrees: io.latched(.phase), scatter: io.latched(.scatter), frames: io.frames)
        var reach = BandLimit(cycle)
        if pitch.isSteady && detune.isSteady {
            // Each loop knows which it is.
            if reach.crowdsJumps {
                render(output, io.frames, reach, crowded: true)
            } else {
                render(output, io.frames, reach, crowded: false)
            }
        } else {
            for n in 0..<io.frames {
                cycle.tune(pitch: pitch[n] + detune[n])
                reach = BandLimit(cycle)
                output[n] = sawtooth(
                    turns: signedTurns(cycle.phase), reachesPerTurn: reach.perTurn, crowded: reach.crowdsJumps
                )
                cycle.advance()
            }
        }
    }

    /// At a pitch that holds still.
    @inline(always) private mutating func render(
        _ output: Output, _ frames: Int, _ reach: BandLimit, crowded: Bool
    ) {
        let increment = cycle.increment, perTurn = reach.perTurn
        var phase = cycle.phase
        for n in 0..<frames {
            output[n] = sawtooth(turns: signedTurns(phase), reachesPerTurn: perTurn, crowded: crowded)
            phase = phase &+ increment
        }
        cycle.phase = phase
    }
}
