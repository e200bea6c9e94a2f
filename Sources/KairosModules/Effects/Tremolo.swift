public import KairosDSP

/// Tremolo: periodic change of the level, the same on both sides.
public struct Tremolo: Module {
    /// Type name and description.
    public static let info = ModuleInfo("tremolo", "Tremolo: periodic change of the level.")

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
        public var info: OutletInfo { .audio("Input times a gain of 1 − depth … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, depth, shape
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate: .modulatorRate("Rate: changes of the level per second.", default: 5)
            case .depth:
                .ratio("Depth: how far the amplitude falls; 100 % is to silence.", default: 0.5)
                    .readAtControlTicks()
            case .shape: .choice("Waveform.", ModulatorShape.allCases.map { "\($0)" })
            }
        }
    }

    private var phase: FreePhase
    private var gain = ControlRamp()

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { phase = FreePhase(format) }

    /// Resets all state. [audio, loader]
    public mutating func reset() { phase.reset() }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { phase.start(lanes) }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output]
        let shape = ModulatorShape(rawValue: io.choice(.shape)) ?? .sine
        let beats = io.beatCycle(.rate)
        for segment in io.segments {
            let rate = io[.rate][segment.first], half = io[.depth][segment.first] * Lanes(repeating: 0.5)
            phase.begin(segment, clock: io.clock &+ segment.first, rate: rate, beats: beats, &gain) { phase in
                Lanes.one - (half - half * shape.value(phase, rate: rate))
            }
            var ramp = gain.ramp(from: segment.phase)
            for n in segment.first..<segment.end {
                output[n] = x[n] * ramp.value
                ramp.advance()
            }
        }
    }
}

extension ParamSpec {
    /// Rate of a modulator that is a part of an effect, read at control ticks. It can follow the tempo.
    static func modulatorRate(_ about: String, default value: Float) -> ParamSpec {
        ParamSpec(
            about, range: 0.05...20, default: value, unit: .hertz, curve: .exponential,
            smoothing: .logarithmic
        ).readAtControlTicks().followsTempo()
    }
}
