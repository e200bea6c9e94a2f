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
            let increment = cycle.increment
            var phase = cycle.phase
            for n in 0..<io.frames {
                output[n] = triangle(
                    turns: signedTurns(phase), turnsPerReach: reach.turns, reachesPerTurn: reach.perTurn,
                    crowded: reach.crowdsCorners)
                phase = phase &+ increment
            }
            cycle.phase = phase
        } else {
            for n in 0..<io.frames {
                cycle.tune(pitch: pitch[n] + detune[n])
                reach = BandLimit(cycle)
                output[n] = triangle(
                    turns: signedTurns(cycle.phase), turnsPerReach: reach.turns,
                    reachesPerTurn: reach.perTurn,
                    crowded: reach.crowdsCorners)
                cycle.advance()
            }
        }
    }
}
