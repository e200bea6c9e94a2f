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
    private var course = Integrators.Course()
    /// The damping, 1 / Q.
    private var k = ControlRamp()
    /// What the coefficients were last worked out for.
    private var cutoff = Lanes.zero
    private var resonance = Lanes.zero
    private var started = LaneMask.all

    public init(_ format: Format) { cyclesPerHertz = 1 / format.sampleRate }

    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        integrators.clear(lanes)
        started = started | lanes
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let isLow = io.isRead(.low) && !io.isRead(.band) && !io.isRead(.high) && !io.isRead(.notch)
        for run in io.runs {
            if run.phase == 0 || !started.isEmpty { aim(io, run) }
            // Each loop knows which it is, and keeps in registers what it needs.
            switch (course.isSteady, isLow) {
            case (true, true): render(io, run, isSteady: true, isLow: true)
            case (false, true): render(io, run, isSteady: false, isLow: true)
            default: render(io, run, isSteady: false, isLow: false)
            }
        }
    }

    @_transparent private mutating func render(
        _ io: ModuleIO<Self>, _ run: ControlSegment, isSteady: Bool, isLow: Bool
    ) {
        let x = io[.input], low = io[.low]
        let band = isLow ? low : io[.band], high = isLow ? low : io[.high], notch = isLow ? low : io[.notch]
        var lines = course.lines(from: run.phase), damping = k.line(from: run.phase)
        var integrators = integrators
        for n in run.first..<run.end {
            let parts = integrators.advance(x[n], lines.coefficients)
            low[n] = parts.low
            if !isLow {
                let rest = x[n].subtractingProduct(parts.band, damping.value)
                band[n] = parts.band
                high[n] = rest - parts.low
                notch[n] = rest
                damping.advance()
            }
            if !isSteady { lines.advance() }
        }
        self.integrators = integrators
    }

    private mutating func aim(_ io: ModuleIO<Self>, _ run: ControlSegment) {
        let lanes = run.phase == 0 ? LaneMask.all : started
        let cutoff = io[.cutoff][run.first], resonance = io[.resonance][run.first]
        // Where it was, and at rest: nothing to work out.
        let moved = (cutoff .!= self.cutoff) .| (resonance .!= self.resonance)
        guard moved.any || !started.isEmpty || !course.isSteady else { return }
        self.cutoff.replace(with: cutoff, in: lanes)
        self.resonance.replace(with: resonance, in: lanes)
        let turns = (cutoff * Lanes(repeating: cyclesPerHertz)).clamped(0, 0.49), k = 2 - resonance * 1.98
        course.aim(
            sine: sine(halfTurns: turns), cosine: cosine(halfTurns: turns), k: k, lanes, snapping: started)
        if !self.k.isSteady || (k .!= self.k.target).any { self.k.aim(at: k, lanes, snapping: started) }
        started = .none
    }
}
