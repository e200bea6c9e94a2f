public import KairosDSP

/// Filter with the eight responses of R. Bristow-Johnson's "Audio EQ Cookbook", built on one pair of
/// integrators.
///
/// The responses are linear combinations of the high-pass, band-pass and low-pass outputs (A. Simper, "Linear
/// trapezoidal optimised SVF", 2013). The transfer function is exactly the cookbook's; unlike its direct form
/// it is accurate in single precision down to 20 Hz.
public struct Biquad: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "biquad", "Equalizer filter: low-, high-, band- and all-pass, notch, peak, shelves.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Filtered signal, −1 … 1; more where the response has gain.") }
    }

    /// Filter response, in the order of the words in a patch.
    public enum Response: Int, BitwiseCopyable, CaseIterable, Sendable {
        case lowpass, highpass, bandpass, notch, allpass, peak, lowshelf, highshelf
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case response, cutoff, q, gain
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .response: .choice("Filter response.", Response.allCases.map { "\($0)" })
            case .cutoff:
                .cutoff("Cutoff frequency; centre frequency of band-pass, notch and peak.")
                    .readAtControlTicks()
            case .q:
                ParamSpec(
                    "Quality factor Q; 0.707 is maximally flat (Butterworth).", range: 0.1...30,
                    default: 0.707, curve: .exponential,
                    smoothing: .logarithmic
                ).readAtControlTicks()
            case .gain:
                ParamSpec(
                    "Gain of the peak and shelf responses.", range: -24...24, default: 0, unit: .decibels,
                    centre: 0
                ).readAtControlTicks()
            }
        }
    }

    private var filter: IntegratorFilter
    /// Gains of the input, the band-pass and the low-pass output.
    private var mix = OutputMix()
    /// Values that the coefficients were computed for.
    private var response = Response.lowpass
    private var cutoff = Lanes.zero
    private var q = Lanes.zero
    private var gain = Lanes.zero

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { filter = IntegratorFilter(format) }

    /// Resets all state. [audio, loader]
    public mutating func reset() { filter.start(.all) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { filter.start(lanes) }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output]
        for segment in io.segments {
            let due = filter.lanesDue(segment)
            if !due.isEmpty {
                aim(io, segment.first, due)
                filter.finishAiming()
            }
            // The flags are constants after inlining: each case compiles to its own loop.
            switch (filter.coefficientRamp.isSteady && mix.isSteady, mix.isLow) {
            case (true, true): render(x, output, segment, isSteady: true, isLow: true)
            case (false, true): render(x, output, segment, isSteady: false, isLow: true)
            case (true, false): render(x, output, segment, isSteady: true, isLow: false)
            case (false, false): render(x, output, segment, isSteady: false, isLow: false)
            }
        }
    }

    @inline(__always) private mutating func render(
        _ x: Signal, _ output: Output, _ segment: ControlSegment, isSteady: Bool, isLow: Bool
    ) {
        var ramps = filter.coefficientRamp.ramps(from: segment.phase)
        var mix = mix.ramps(from: segment.phase)
        // A local copy, which stays in registers.
        var integrators = filter.integrators
        for n in segment.first..<segment.end {
            let parts = integrators.advance(x[n], ramps.coefficients)
            output[n] = isLow ? parts.low : mix.sum(x[n], parts.band, parts.low)
            if !isSteady {
                ramps.advance()
                mix.advance()
            }
        }
        filter.integrators = integrators
    }

    private mutating func aim(_ io: ModuleIO<Self>, _ frame: Int, _ lanes: LaneMask) {
        let response = Response(rawValue: io.choice(.response)) ?? .lowpass
        let cutoff = io[.cutoff][frame], q = io[.q][frame], gain = io[.gain][frame]
        // Unchanged and steady: nothing to compute.
        let moved = (cutoff .!= self.cutoff) .| (q .!= self.q) .| (gain .!= self.gain)
        guard moved.any || response != self.response || !filter.isAtRest || !mix.isSteady else { return }
        self.response = response
        self.cutoff.replace(with: cutoff, in: lanes)
        self.q.replace(with: q, in: lanes)
        self.gain.replace(with: gain, in: lanes)
        let turns = filter.halfTurns(cutoff)
        var upper = sine(halfTurns: turns), k = Lanes.one / q
        var high = Lanes.zero, band = Lanes.zero, low = Lanes.zero
        switch response {
        case .lowpass: low = .one
        case .highpass: high = .one
        case .bandpass: band = k
        case .notch: (high, low) = (.one, .one)
        case .allpass: (high, band, low) = (.one, -k, .one)
        case .peak, .lowshelf, .highshelf:
            // A = 10^(dB/40) of the cookbook, and its square root.
            let root = exp2(gain * Lanes(repeating: 0.041_524_1)), a = root * root
            switch response {
            case .peak:
                k = k / a
                (high, band, low) = (.one, k * a * a, .one)
            case .lowshelf:
                upper = upper / root
                (high, band, low) = (.one, k * a, a * a)
            default:
                upper = upper * root
                (high, band, low) = (a * a, k * a, .one)
            }
        }
        filter.aim(sine: upper, cosine: cosine(halfTurns: turns), k: k, lanes)
        mix.aim(high: high, band: band, low: low, k: k, lanes, snapping: filter.started)
    }

    /// Output stage: sum of input, band-pass and low-pass output. The high-pass output is the input minus k
    /// times the band-pass output minus the low-pass output.
    struct OutputMix {
        private var inputGain = ControlRamp()
        private var bandGain = ControlRamp()
        private var lowGain = ControlRamp()

        /// True if no lane changes before the next call of `aim`.
        private(set) var isSteady = true

        /// True if in every lane the sum is the low-pass output alone.
        private(set) var isLow = false

        mutating func aim(
            high: Lanes, band: Lanes, low: Lanes, k: Lanes, _ lanes: LaneMask, snapping: LaneMask
        ) {
            inputGain.aim(at: high, lanes, snapping: snapping)
            bandGain.aim(at: band - k * high, lanes, snapping: snapping)
            lowGain.aim(at: low - high, lanes, snapping: snapping)
            let other =
                (inputGain.target .!= Lanes.zero) .| (bandGain.target .!= Lanes.zero)
                .| (lowGain.target .!= Lanes.one)
            isSteady = inputGain.isSteady && bandGain.isSteady && lowGain.isSteady
            isLow = isSteady && !other.any
        }

        @inline(__always) func ramps(from frame: Int) -> LinearRamps {
            LinearRamps(
                inputGain: inputGain.ramp(from: frame), bandGain: bandGain.ramp(from: frame),
                lowGain: lowGain.ramp(from: frame))
        }

        struct LinearRamps {
            var inputGain: LinearRamp
            var bandGain: LinearRamp
            var lowGain: LinearRamp

            @inline(__always) func sum(_ x: Lanes, _ band: Lanes, _ low: Lanes) -> Lanes {
                (x * inputGain.value).addingProduct(band, bandGain.value).addingProduct(low, lowGain.value)
            }

            @inline(__always) mutating func advance() {
                inputGain.advance()
                bandGain.advance()
                lowGain.advance()
            }
        }
    }
}
