public import KairosDSP

/// Parametric equalizer: a low shelf, four peaks and a high shelf in series.
///
/// The responses are those of R. Bristow-Johnson's "Audio EQ Cookbook" (bilinear transform, prewarped at the band's
/// frequency; shelves with Q = 1/√2), on the integrators of `biquad`. A band with a gain of 0 dB passes its input bit
/// for bit, and one with 0 dB in all lanes costs nothing.
public struct Equalizer: Module {
    /// Type name and description.
    public static let info = ModuleInfo("eq", "Parametric equalizer: low shelf, four peaks and high shelf.")

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
        public var info: OutletInfo { .audio("Filtered signal, −1 … 1; more where a band has gain.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case lowFrequency, lowGain
        case frequencyA, gainA, qA
        case frequencyB, gainB, qB
        case frequencyC, gainC, qC
        case frequencyD, gainD, qD
        case highFrequency, highGain
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .lowFrequency: .centre("Frequency of the low shelf, where its gain is half as many dB.", 100)
            case .lowGain: .bandGain("Gain of the low shelf.")
            case .frequencyA: .centre("Centre frequency of the first peak.", 200)
            case .gainA: .bandGain("Gain of the first peak.")
            case .qA: .quality("Quality factor Q of the first peak; the higher, the narrower.")
            case .frequencyB: .centre("Centre frequency of the second peak.", 600)
            case .gainB: .bandGain("Gain of the second peak.")
            case .qB: .quality("Quality factor Q of the second peak; the higher, the narrower.")
            case .frequencyC: .centre("Centre frequency of the third peak.", 1800)
            case .gainC: .bandGain("Gain of the third peak.")
            case .qC: .quality("Quality factor Q of the third peak; the higher, the narrower.")
            case .frequencyD: .centre("Centre frequency of the fourth peak.", 5400)
            case .gainD: .bandGain("Gain of the fourth peak.")
            case .qD: .quality("Quality factor Q of the fourth peak; the higher, the narrower.")
            case .highFrequency:
                .centre("Frequency of the high shelf, where its gain is half as many dB.", 8000)
            case .highGain: .bandGain("Gain of the high shelf.")
            }
        }
    }

    private let bands: Buffer<EqualizerBand>
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        bands = memory.buffer(6) { index in
            EqualizerBand(index == 0 ? .lowShelf : index == 5 ? .highShelf : .peak, format)
        }
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { started = started | lanes }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output], bands = io[bands]
        for segment in io.segments {
            let due = segment.phase == 0 ? LaneMask.all : started
            if !due.isEmpty {
                let n = segment.first
                let unused = Lanes(repeating: EqualizerBand.shelfQ)
                bands[0].aim(io[.lowFrequency][n], io[.lowGain][n], unused, due, started)
                bands[1].aim(io[.frequencyA][n], io[.gainA][n], io[.qA][n], due, started)
                bands[2].aim(io[.frequencyB][n], io[.gainB][n], io[.qB][n], due, started)
                bands[3].aim(io[.frequencyC][n], io[.gainC][n], io[.qC][n], due, started)
                bands[4].aim(io[.frequencyD][n], io[.gainD][n], io[.qD][n], due, started)
                bands[5].aim(io[.highFrequency][n], io[.highGain][n], unused, due, started)
                started = .none
            }
            for n in segment.first..<segment.end { output[n] = x[n] }
            for index in 0..<6 where !bands[index].isFlat { bands[index].process(segment, output) }
        }
    }
}

extension ParamSpec {
    fileprivate static func centre(_ about: String, _ value: Float) -> ParamSpec {
        ParamSpec(
            about, range: 20...20_000, default: value, unit: .hertz, curve: .exponential,
            smoothing: .logarithmic
        ).readAtControlTicks()
    }

    fileprivate static func bandGain(_ about: String) -> ParamSpec {
        ParamSpec(
            about, range: -18...18, default: 0, unit: .decibels, centre: 0, time: 0.05
        ).readAtControlTicks()
    }

    fileprivate static func quality(_ about: String) -> ParamSpec {
        ParamSpec(
            about, range: 0.1...20, default: 1, curve: .exponential, smoothing: .logarithmic
        ).readAtControlTicks()
    }
}
