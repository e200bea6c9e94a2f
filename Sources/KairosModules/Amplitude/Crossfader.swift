public import KairosDSP

/// Crossfader: from one input to another, with equal gain or equal power.
public struct Crossfader: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "crossfade", "Crossfader: from one input to another, with equal gain or equal power.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case a, b
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .a: .audio("First input signal, −1 … 1.")
            case .b: .audio("Second input signal, −1 … 1.")
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Sum of the inputs times their gains; full scale is −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case position, law
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .position:
                .ratio("Position: 0 % is the first input, 100 % the second.", default: 0.5)
                    .readAtControlTicks()
            case .law:
                .choice(
                    "Law: equal power for different signals, equal gain (a straight line) for similar ones.",
                    ["power", "gain"])
            }
        }
    }

    private var gainA = ControlRamp()
    private var gainB = ControlRamp()
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { started = started | lanes }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let a = io[.a], b = io[.b], output = io[.output], isLinear = io.choice(.law) != 0
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty {
                let lanes = segment.phase == 0 ? LaneMask.all : started
                let position = io[.position][segment.first]
                gainA.aim(at: Self.gain(.one - position, isLinear), lanes, snapping: started)
                gainB.aim(at: Self.gain(position, isLinear), lanes, snapping: started)
                started = .none
            }
            var first = gainA.ramp(from: segment.phase), second = gainB.ramp(from: segment.phase)
            for n in segment.first..<segment.end {
                output[n] = (a[n] * first.value).addingProduct(b[n], second.value)
                first.advance()
                second.advance()
            }
        }
    }

    /// Gain of an input at `nearness`, 0 … 1: that itself, or sin(π/2 · nearness), normalized so that it ends at
    /// exactly 1.
    @inline(__always) private static func gain(_ nearness: Lanes, _ isLinear: Bool) -> Lanes {
        let quarter = Lanes(repeating: 0.25)
        return isLinear ? nearness : quarterSine(nearness * quarter) / quarterSine(quarter)
    }
}
