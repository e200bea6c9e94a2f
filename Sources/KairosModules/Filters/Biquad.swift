import KairosDSP

/// The eight responses of R. Bristow-Johnson's "Audio EQ Cookbook", from one pair of integrators.
///
/// They are mixed from high, band and low (A. Simper, "Linear trapezoidal optimised SVF", 2013), which is exactly
/// the cookbook's transfer function and, unlike its direct form, keeps its shape in floats down to 20 Hz.
public struct Biquad: Module {
    public static let info = ModuleInfo("biquad", "Equaliser: pass, notch, peak and shelf.")

    public enum Inlet: Int, InletKey {
        case input
        public var info: InletInfo { .audio("What is filtered.") }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The filtered signal.") }
    }

    /// What the filter does to a sound; the order is that of the words in a patch.
    public enum Response: Int, CaseIterable, Sendable {
        case lowpass, highpass, bandpass, notch, allpass, peak, lowshelf, highshelf
    }

    public enum Param: Int, ParamKey {
        case response, cutoff, q, gain
        public var spec: ParamSpec {
            switch self {
            case .response: .choice("What it does to the sound.", Response.allCases.map { "\($0)" })
            case .cutoff: .cutoff("The corner, or the middle of a band.").readOnGrid()
            case .q:
                ParamSpec(
                    "How narrow it is; 0.707 is flat.", range: 0.1...30, default: 0.707, curve: .exponential,
                    smoothing: .logarithmic
                ).readOnGrid()
            case .gain:
                ParamSpec(
                    "How much a peak or shelf lifts or lowers.", range: -24...24, default: 0, unit: .decibels,
                    centre: 0
                ).readOnGrid()
            }
        }
    }

    private let cyclesPerHertz: Float
    private var integrators = Integrators()
    private var course = Integrators.Course()
    /// How much of the input and of each part is heard.
    private var mix = Mixture()
    /// What the coefficients were last worked out for.
    private var response = Response.lowpass
    private var cutoff = Lanes.zero
    private var q = Lanes.zero
    private var gain = Lanes.zero
    private var started = LaneMask.all

    public init(_ format: Format) { cyclesPerHertz = 1 / format.sampleRate }

    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        integrators.clear(lanes)
        started = started | lanes
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output]
        for run in io.runs {
            if run.phase == 0 || !started.isEmpty {
                aim(io, run.first, run.phase == 0 ? .all : started)
                started = .none
            }
            // Each loop knows which it is.
            switch (course.isSteady && mix.isSteady, mix.isLow) {
            case (true, true): render(x, output, run, isSteady: true, isLow: true)
            case (false, true): render(x, output, run, isSteady: false, isLow: true)
            case (true, false): render(x, output, run, isSteady: true, isLow: false)
            case (false, false): render(x, output, run, isSteady: false, isLow: false)
            }
        }
    }

    @inline(__always) private mutating func render(
        _ x: Signal, _ output: Output, _ run: ControlSegment, isSteady: Bool, isLow: Bool
    ) {
        var lines = course.lines(from: run.phase), mix = mix.lines(from: run.phase)
        // A copy of its own: it stays in registers.
        var integrators = integrators
        for n in run.first..<run.end {
            let parts = integrators.advance(x[n], lines.coefficients)
            output[n] = isLow ? parts.low : mix.sum(x[n], parts.band, parts.low)
            if !isSteady {
                lines.advance()
                mix.advance()
            }
        }
        self.integrators = integrators
    }

    private mutating func aim(_ io: ModuleIO<Self>, _ frame: Int, _ lanes: LaneMask) {
        let response = Response(rawValue: io.choice(.response)) ?? .lowpass
        let cutoff = io[.cutoff][frame], q = io[.q][frame], gain = io[.gain][frame]
        // Where it was, and at rest: nothing to work out.
        let moved = (cutoff .!= self.cutoff) .| (q .!= self.q) .| (gain .!= self.gain)
        let isAtRest = response == self.response && course.isSteady && mix.isSteady
        guard moved.any || !started.isEmpty || !isAtRest else { return }
        self.response = response
        self.cutoff.replace(with: cutoff, in: lanes)
        self.q.replace(with: q, in: lanes)
        self.gain.replace(with: gain, in: lanes)
        let turns = (cutoff * Lanes(repeating: cyclesPerHertz)).clamped(0, 0.49)
        var upper = sine(halfTurns: turns), k = Lanes.one / q
        var high = Lanes.zero, band = Lanes.zero, low = Lanes.zero
        switch response {
        case .lowpass: low = .one
        case .highpass: high = .one
        case .bandpass: band = k
        case .notch: (high, low) = (.one, .one)
        case .allpass: (high, band, low) = (.one, -k, .one)
        case .peak, .lowshelf, .highshelf:
            // The cookbook's A, 10^(dB/40), and its root.
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
        course.aim(sine: upper, cosine: cosine(halfTurns: turns), k: k, lanes, snapping: started)
        mix.aim(high: high, band: band, low: low, k: k, lanes, snapping: started)
    }

    /// What is above is the input less what is around (times k) and below.
    private struct Mixture {
        private var through = ControlRamp()
        private var around = ControlRamp()
        private var below = ControlRamp()

        /// Whether every lane stays where it is until the next aim.
        private(set) var isSteady = true

        /// Whether, in every lane, it is what is below and nothing else.
        private(set) var isLow = false

        mutating func aim(
            high: Lanes, band: Lanes, low: Lanes, k: Lanes, _ lanes: LaneMask, snapping: LaneMask
        ) {
            through.aim(at: high, lanes, snapping: snapping)
            around.aim(at: band - k * high, lanes, snapping: snapping)
            below.aim(at: low - high, lanes, snapping: snapping)
            let other =
                (through.target .!= Lanes.zero) .| (around.target .!= Lanes.zero)
                .| (below.target .!= Lanes.one)
            isSteady = through.isSteady && around.isSteady && below.isSteady
            isLow = isSteady && !other.any
        }

        @inline(__always) func lines(from frame: Int) -> Lines {
            Lines(
                through: through.line(from: frame), around: around.line(from: frame),
                below: below.line(from: frame))
        }

        struct Lines {
            var through: ControlLine
            var around: ControlLine
            var below: ControlLine

            @inline(__always) func sum(_ x: Lanes, _ band: Lanes, _ low: Lanes) -> Lanes {
                (x * through.value).addingProduct(band, around.value).addingProduct(low, below.value)
            }

            @inline(__always) mutating func advance() {
                through.advance()
                around.advance()
                below.advance()
            }
        }
    }
}
