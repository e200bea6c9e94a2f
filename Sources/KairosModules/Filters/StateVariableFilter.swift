public import KairosDSP

/// Two-pole state-variable filter with simultaneous low-pass, band-pass, high-pass and notch outputs.
///
/// The response is that of the bilinear transform, prewarped at the cutoff frequency. Q ranges from ½ to 50.
public struct StateVariableFilter: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "svf", "Resonant state-variable filter, two poles: low-, band-, high-pass and notch.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case low, band, high, notch
        /// Declaration of the outlet.
        public var info: OutletInfo {
            switch self {
            case .low: .audio("Low-pass output, 12 dB per octave, −1 … 1 without resonance.")
            case .band: .audio("Band-pass output, 6 dB per octave, −1 … 1 without resonance.")
            case .high: .audio("High-pass output, 12 dB per octave, −1 … 1 without resonance.")
            case .notch: .audio("Notch (band-reject) output, −1 … 1.")
            }
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case cutoff, resonance
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .cutoff: .cutoff("Cutoff frequency.").readAtControlTicks()
            case .resonance:
                .resonance("Resonance; 100 % is just below self-oscillation.").readAtControlTicks()
            }
        }
    }

    private var filter: IntegratorFilter
    /// Damping, 1 / Q.
    private var k = ControlRamp()
    /// Values that the coefficients were computed for.
    private var cutoff = Lanes.zero
    private var resonance = Lanes.zero

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { filter = IntegratorFilter(format) }

    /// Resets all state. [audio, loader]
    public mutating func reset() { filter.start(.all) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { filter.start(lanes) }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let isLow = io.isRead(.low) && !io.isRead(.band) && !io.isRead(.high) && !io.isRead(.notch)
        for segment in io.segments {
            let due = filter.lanesDue(segment)
            if !due.isEmpty { aim(io, segment.first, due) }
            // The flags are constants after inlining: each case compiles to its own loop and keeps only its
            // own values in registers.
            switch (filter.coefficientRamp.isSteady, isLow) {
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
        var ramps = filter.coefficientRamp.ramps(from: segment.phase)
        var damping = k.ramp(from: segment.phase)
        var integrators = filter.integrators
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
        filter.integrators = integrators
    }

    private mutating func aim(_ io: ModuleIO<Self>, _ frame: Int, _ lanes: LaneMask) {
        let cutoff = io[.cutoff][frame], resonance = io[.resonance][frame]
        // Unchanged and steady: nothing to compute.
        let moved = (cutoff .!= self.cutoff) .| (resonance .!= self.resonance)
        guard moved.any || !filter.isAtRest else { return }
        self.cutoff.replace(with: cutoff, in: lanes)
        self.resonance.replace(with: resonance, in: lanes)
        let turns = filter.halfTurns(cutoff), k = 2 - resonance * 1.98
        filter.aim(sine: sine(halfTurns: turns), cosine: cosine(halfTurns: turns), k: k, lanes)
        if !self.k.isSteady || (k .!= self.k.target).any {
            self.k.aim(at: k, lanes, snapping: filter.started)
        }
        filter.finishAiming()
    }
}
