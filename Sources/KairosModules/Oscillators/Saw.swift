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
        let moves = !(pitch.isSteady && detune.isSteady)
        var reach = BandLimit(cycle)
        for n in 0..<io.frames {
            if moves {
                cycle.tune(pitch: pitch[n] + detune[n])
                reach = BandLimit(cycle)
            }
            output[n] = sawtooth(
                turns: signedTurns(cycle.phase), reachesPerTurn: reach.perTurn, crowded: reach.crowdsJumps)
            cycle.advance()
        }
    }
}

/// How far the reach of a jump or corner goes, at an oscillator's increment.
struct BandLimit {
    /// Reaches a turn.
    let perTurn: Lanes
    /// Turns a reach.
    let turns: Lanes

    @inline(__always) init(_ cycle: OscillatorPhase) {
        // Not below 10⁻⁹, so that 0 turns are 0 reaches.
        turns = (cycle.cycles * Lanes(repeating: bandLimitReach)).larger(Lanes(repeating: 1e-9))
        perTurn = .one / turns
    }

    /// Whether, in some lane, the reach of one jump a turn meets the next one's.
    @inline(__always) var crowdsJumps: Bool { (turns .> Lanes(repeating: 0.5)).any }

    /// Whether, in some lane, the reach of one corner of two a turn meets the next one's.
    @inline(__always) var crowdsCorners: Bool { (turns .> Lanes(repeating: 0.25)).any }
}
