public import KairosDSP

/// Sample and hold, and track and hold. A note begins with the value that the input has then.
public struct SampleAndHold: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "samplehold", "Sample and hold: keeps the value that the input has at a trigger.", isControl: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, clock, gate
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, any range, usually −1 … 1.")
            case .clock: .audio("Clock: a rise above 0 takes a value, for example an `lfo`, −1 … 1.")
            case .gate: .gate("Gate, low or high: a trigger takes a value.")
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Held value, in the range of the input, usually −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case mode
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            .choice(
                "Mode: one value at a trigger or rise, or all values while the gate or the clock is high.",
                ["sample", "track"])
        }
    }

    private var held = Lanes.zero
    /// Clock of the last frame.
    private var before = Lanes.one
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        held.set(lanes, to: 0)
        before.set(lanes, to: 1)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], clock = io[.clock], gate = io.gate(.gate), tracks = io.choice(.mode) != 0
        held.replace(with: input[0], in: started | gate.triggered)
        started = .none
        let open = (tracks ? gate.high : .none).vector
        if clock.isSteady && (!tracks || input.isSteady) {
            advance(input[0], clock[0], open, tracks)
            return io.hold(.output, at: held)
        }
        let output = io[.output]
        for n in 0..<io.frames {
            advance(input[n], clock[n], open, tracks)
            output[n] = held
        }
    }

    /// One frame; the lanes in `open` take the input.
    @inline(__always) private mutating func advance(
        _ input: Lanes, _ clock: Lanes, _ open: SIMDMask<SIMD16<Int32>>, _ tracks: Bool
    ) {
        let isHigh = clock .> Lanes.zero
        held.replace(with: input, where: tracks ? isHigh .| open : isHigh .& (before .<= Lanes.zero))
        before = clock
    }
}
