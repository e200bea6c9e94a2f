import KairosDSP

/// Two-pole state-variable filter with simultaneous low-pass, band-pass, high-pass and notch outputs.
///
/// The response is that of the bilinear transform, prewarped at the cutoff frequency. Q ranges from ½ to 50.
public struct StateVariableFilter: Module {
    public static let info = ModuleInfo(
        "svf", "Resonant state-variable filter, two poles: low-, band-, high-pass and notch.")

    public enum Inlet: Int, InletKey {
        case input
        public var info: InletInfo { .audio("Input signal.") }
    }

    public enum Outlet: Int, OutletKey {
        case low, band, high, notch
        public var info: OutletInfo {
            switch self {
            case .low: .audio("Low-pass output, 12 dB per octave.")
            case .band: .audio("Band-pass output, 6 dB per octave.")
            case .high: .audio("High-pass output, 12 dB per octave.")
            case .notch: .audio("Notch (band-reject) output.")
            }
        }
    }

    public enum Param: Int, ParamKey {
        case cutoff, resonance
        public var spec: ParamSpec {
            switch self {
            case .cutoff: .cutoff("Cutoff frequency.").readAtControlTicks()
            case .resonance:
                .resonance("Resonance; 100 % is just below self-oscillation.").readAtControlTicks()
            }
        }
    }

    private let cyclesPerHertz: Float
    private var integrators = Integrators()
    private var coefficientRamp = Integrators.CoefficientRamp()
    /// Damping, 1 / Q.
    private var k = ControlRamp()
    /// Values that the coefficients were computed for.
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
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty { aim(io, segment) }
            // The flags are constants after inlining: each case compiles to its own loop and keeps only its
            // own values in registers.
            switch (coefficientRamp.isSteady, isLow) {
            case (true, true): render(io, segment, isSteady: true, isLow: true)
            case (false, true): render(io, segment, isSteady: false, isLow: true)
            default: render(io, segment, isSteady: false, isLow: false)
            }
        }
    }

    @_transparent private mutating func render(
        _ io: ModuleIO<Self>, _ segment: ControlSegment, isSteady: Bool, isLow: Bool
    ) {
        let x = io[.input], low = io[.low]
        let band = isLow ? low : io[.band], high = isLow ? low : io[.high], notch = isLow ? low : io[.notch]
        var ramps = coefficientRamp.ramps(from: segment.phase), damping = k.ramp(from: segment.phase)
        var integrators = integrators
        for n in segment.first..<segment.end {
            let parts = integrators.advance(x[n], ramps.coefficients)
            low[n] = parts.low
            if !isLow {
                let rest = x[n].subtractingProduct(parts.band, damping.value)
                band[n] = parts.band
                high[n] = rest - parts.low
                notch[n] = rest
                damping.advance()
            }
            if !isSteady { ramps.advance() }
        }
        self.integrators = integrators
    }

    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let lanes = segment.phase == 0 ? LaneMask.all : started
        let cutoff = io[.cutoff][segment.first], resonance = io[.resonance][segment.first]
        // Unchanged and steady: nothing to compute.
        let moved = (cutoff .!= self.cutoff) .| (resonance .!= self.resonance)
        guard moved.any || !started.isEmpty || !coefficientRamp.isSteady else { return }
        self.cutoff.replace(with: cutoff, in: lanes)
        self.resonance.replace(with: resonance, in: lanes)
        let turns = (cutoff * Lanes(repeating: cyclesPerHertz)).clamped(0, 0.49), k = 2 - resonance * 1.98
        coefficientRamp.aim(
            sine: sine(halfTurns: turns), cosine: cosine(halfTurns: turns), k: k, lanes, snapping: started)
        if !self.k.isSteady || (k .!= self.k.target).any { self.k.aim(at: k, lanes, snapping: started) }
        started = .none
    }
}
