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
        case width, detune, phase, scatter
        public var spec: ParamSpec {
            switch self {
            case .width:
                ParamSpec(
                    "How much of the cycle is high; 50 % is a square.", range: 0.02...0.98, default: 0.5,
                    unit: .ratio,
                    centre: 0.5)
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
        let pitch = io[.pitch], detune = io[.detune], width = io[.width], output = io[.output]
        cycle.tune(pitch: pitch[0] + detune[0])
        cycle.begin(
            clock: io.clock, degrees: io.latched(.phase), scatter: io.latched(.scatter), frames: io.frames)
        let moves = !(pitch.isSteady && detune.isSteady)
        let half = SIMD16<UInt32>(repeating: 0x8000_0000)
        var reach = BandLimit(cycle)
        var shift = phaseOffset(turns: width[0])
        if !moves && width.isSteady {
            // Each loop knows which it is.
            if reach.crowdsJumps {
                render(output, io.frames, reach, shift: shift, crowded: true)
            } else {
                render(output, io.frames, reach, shift: shift, crowded: false)
            }
            return
        }
        var phase = cycle.phase
        for n in 0..<io.frames {
            if moves {
                cycle.tune(pitch: pitch[n] + detune[n])
                reach = BandLimit(cycle)
            }
            if !width.isSteady { shift = phaseOffset(turns: width[n]) }
            // A sawtooth falls at half a turn.
            let rise = phase &+ half
            let falls = sawtooth(
                turns: signedTurns(rise &- shift), reachesPerTurn: reach.perTurn, crowded: reach.crowdsJumps)
            output[n] =
                falls
                - sawtooth(
                    turns: signedTurns(rise), reachesPerTurn: reach.perTurn, crowded: reach.crowdsJumps)
            phase = phase &+ cycle.increment
        }
        cycle.phase = phase
    }

    /// At a pitch and a width that hold still.
    @inline(always) private mutating func render(
        _ output: Output, _ frames: Int, _ reach: BandLimit, shift: SIMD16<UInt32>, crowded: Bool
    ) {
        let increment = cycle.increment, perTurn = reach.perTurn
        // A sawtooth falls at half a turn.
        var rise = cycle.phase &+ SIMD16<UInt32>(repeating: 0x8000_0000)
        for n in 0..<frames {
            let falls = sawtooth(
                turns: signedTurns(rise &- shift), reachesPerTurn: perTurn, crowded: crowded)
            output[n] =
                falls - sawtooth(turns: signedTurns(rise), reachesPerTurn: perTurn, crowded: crowded)
            rise = rise &+ increment
        }
        cycle.phase = rise &- SIMD16<UInt32>(repeating: 0x8000_0000)
    }
}
