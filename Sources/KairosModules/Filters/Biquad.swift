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
    private var high = GridRamp()
    private var band = GridRamp()
    private var low = GridRamp()
    private var started = LaneMask.all

    public init(_ format: Format) { cyclesPerHertz = 1 / format.sampleRate }

    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        integrators.clear(lanes)
        started = started | lanes
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output]
        // A copy of its own: it stays in registers.
        var integrators = integrators
        for run in io.runs {
            if run.phase == 0 || !started.isEmpty {
                aim(io, run.first, run.phase == 0 ? .all : started)
                started = .none
            }
            let lines = course.lines, through = high.line, around = band.line, below = low.line
            var frame = Lanes(repeating: Float(run.phase))
            guard !(course.isSteady && high.isSteady && band.isSteady && low.isSteady) else {
                let coefficients = lines[frame]
                let through = through[frame], around = around[frame], below = below[frame]
                for n in run.first..<run.end {
                    let parts = integrators.advance(x[n], coefficients)
                    output[n] = (x[n] * through).addingProduct(parts.band, around)
                        .addingProduct(parts.low, below)
                }
                continue
            }
            for n in run.first..<run.end {
                let parts = integrators.advance(x[n], lines[frame])
                output[n] = (x[n] * through[frame]).addingProduct(parts.band, around[frame])
                    .addingProduct(parts.low, below[frame])
                frame += .one
            }
        }
        self.integrators = integrators
    }

    private mutating func aim(_ io: ModuleIO<Self>, _ frame: Int, _ lanes: LaneMask) {
        let turns = (io[.cutoff][frame] * Lanes(repeating: cyclesPerHertz)).clamped(0, 0.49)
        // The cookbook's A, 10^(dB/40), and its root.
        let root = exp2(io[.gain][frame] * Lanes(repeating: 0.041_524_1))
        let a = root * root
        var g = tangent(halfTurns: turns), k = Lanes.one / io[.q][frame]
        var high = Lanes.zero, band = Lanes.zero, low = Lanes.zero
        switch Response(rawValue: io.choice(.response)) ?? .lowpass {
        case .lowpass: low = .one
        case .highpass: high = .one
        case .bandpass: band = k
        case .notch: (high, low) = (.one, .one)
        case .allpass: (high, band, low) = (.one, -k, .one)
        case .peak:
            k = k / a
            (high, band, low) = (.one, k * a * a, .one)
        case .lowshelf:
            g = g / root
            (high, band, low) = (.one, k * a, a * a)
        case .highshelf:
            g = g * root
            (high, band, low) = (a * a, k * a, .one)
        }
        course.aim(g: g, k: k, lanes, snapping: started)
        // What is above is the input less what is around (times k) and below.
        self.high.aim(at: high, lanes, snapping: started)
        self.band.aim(at: band - k * high, lanes, snapping: started)
        self.low.aim(at: low - high, lanes, snapping: started)
    }
}
