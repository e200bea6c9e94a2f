import KairosDSP

/// State that `svf` and `biquad` share: the integrators, their coefficients, and the lanes that have started
/// since the coefficients were computed.
struct IntegratorFilter {
    var integrators = Integrators()
    private(set) var coefficientRamp = Integrators.CoefficientRamp()
    /// Lanes whose coefficients do not move to their next value but begin at it.
    private(set) var started = LaneMask.all
    private let cyclesPerHertz: Float

    init(_ format: Format) { cyclesPerHertz = 1 / format.sampleRate }

    /// Clears the state of `lanes`.
    mutating func start(_ lanes: LaneMask) {
        integrators.clear(lanes)
        started = started | lanes
    }

    /// Lanes whose coefficients are due at the start of `segment`: all at a control tick, otherwise those that
    /// have started.
    @inline(__always) func lanesDue(_ segment: ControlSegment) -> LaneMask {
        segment.phase == 0 ? .all : started
    }

    /// True if nothing moves and no lane has started.
    var isAtRest: Bool { @inline(__always) get { coefficientRamp.isSteady && started.isEmpty } }

    /// Half turns per frame of a `cutoff` frequency in Hz, at most 0.49 of the sample rate.
    @inline(__always) func halfTurns(_ cutoff: Lanes) -> Lanes {
        (cutoff * Lanes(repeating: cyclesPerHertz)).clamped(0, 0.49)
    }

    /// Starts ramps of the coefficients, see ``Integrators/CoefficientRamp/aim(sine:cosine:k:_:snapping:)``.
    @_transparent mutating func aim(sine: Lanes, cosine: Lanes, k: Lanes, _ lanes: LaneMask) {
        coefficientRamp.aim(sine: sine, cosine: cosine, k: k, lanes, snapping: started)
    }

    /// Forgets the started lanes, after all ramps have been aimed.
    @inline(__always) mutating func finishAiming() { started = .none }
}
