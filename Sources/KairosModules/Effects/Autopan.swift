public import KairosDSP

/// Auto-panner: periodic movement between left and right with constant power, as ``Pan`` has it.
public struct Autopan: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "autopan", "Auto-panner: periodic movement between left and right with constant power.", widens: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, mono or stereo, −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Stereo signal, −1 … 1; up to 3 dB more at an end.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, depth, shape
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate:
                .modulatorRate("Rate: movements from left to right and back per second.", default: 0.5)
            case .depth:
                .ratio("Depth: how far it moves; 100 % is from end to end.", default: 0.8)
                    .readAtControlTicks()
            case .shape: .choice("Waveform.", ModulatorShape.allCases.map { "\($0)" })
            }
        }
    }

    private let side: Lanes
    private var phase: FreePhase
    private var gain = ControlRamp()

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        side = format.side
        phase = FreePhase(format)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() { phase.reset() }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { phase.start(lanes) }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output], side = side
        let shape = ModulatorShape(rawValue: io.choice(.shape)) ?? .sine
        let beats = io.beatCycle(.rate)
        for segment in io.segments {
            let rate = io[.rate][segment.first], depth = io[.depth][segment.first]
            phase.begin(segment, clock: io.clock &+ segment.first, rate: rate, beats: beats, &gain) { phase in
                Pan.gain(side, depth * shape.value(phase, rate: rate))
            }
            var ramp = gain.ramp(from: segment.phase)
            for n in segment.first..<segment.end {
                output[n] = x[n] * ramp.value
                ramp.advance()
            }
        }
    }
}
