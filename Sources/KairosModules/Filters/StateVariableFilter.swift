import KairosDSP

/// Two-pole state-variable filter: low, band, high and notch at once.
///
/// The response is that of the bilinear transform with the cutoff where it is set. Q goes from ½ to 50.
public struct StateVariableFilter: Module {
    public static let info = ModuleInfo("svf", "Resonant two-pole filter: low, band, high and notch at once.")

    public enum Inlet: Int, InletKey {
        case input
        public var info: InletInfo { .audio("What is filtered.") }
    }

    public enum Outlet: Int, OutletKey {
        case low, band, high, notch
        public var info: OutletInfo {
            switch self {
            case .low: .audio("What is below the cutoff.")
            case .band: .audio("What is around the cutoff.")
            case .high: .audio("What is above the cutoff.")
            case .notch: .audio("All but what is around the cutoff.")
            }
        }
    }

    public enum Param: Int, ParamKey {
        case cutoff, resonance
        public var spec: ParamSpec {
            switch self {
            case .cutoff: .cutoff("Where the filter divides.").readOnGrid()
            case .resonance:
                .resonance("How much it rings there; 100 % is just short of whistling.").readOnGrid()
            }
        }
    }

    private let cyclesPerHertz: Float
    private var integrators = Integrators()
    private var g = GridRamp()
    private var k = GridRamp()
    private var started = LaneMask.all

    public init(_ format: Format) { cyclesPerHertz = 1 / format.sampleRate }

    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        integrators.clear(lanes)
        started = started | lanes
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], cutoff = io[.cutoff], resonance = io[.resonance]
        let low = io[.low], band = io[.band], high = io[.high], notch = io[.notch]
        // A copy of its own: it stays in registers.
        var integrators = integrators
        for run in io.runs {
            if run.phase == 0 || !started.isEmpty {
                let lanes = run.phase == 0 ? LaneMask.all : started
                let turns = (cutoff[run.first] * Lanes(repeating: cyclesPerHertz)).clamped(0, 0.49)
                g.aim(at: tangent(halfTurns: turns), lanes, snapping: started)
                k.aim(at: 2 - resonance[run.first] * 1.98, lanes, snapping: started)
                started = .none
            }
            let moves = !(g.isSteady && k.isSteady)
            var coefficients = Integrators.Coefficients(g: g.value(run.phase), k: k.value(run.phase))
            for n in run.first..<run.end {
                if moves {
                    let frame = run.phase + n - run.first
                    coefficients = Integrators.Coefficients(g: g.value(frame), k: k.value(frame))
                }
                let parts = integrators.advance(x[n], coefficients)
                low[n] = parts.low
                band[n] = parts.band
                high[n] = parts.high
                notch[n] = parts.high + parts.low
            }
        }
        self.integrators = integrators
    }
}
