public import KairosDSP

/// Stereo panner with constant power.
///
/// In the centre the output equals the input, bit for bit; at an end one channel is silent and the other is 3
/// dB louder. The same formula pans a mono voice and balances a stereo bus.
public struct Pan: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "pan", "Stereo panner with constant power; balance of a stereo signal.", widens: true)

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
        case pan
        /// Declaration of the parameter.
        public var spec: ParamSpec { .pan("Stereo position, −100 % (left) … 100 % (right).") }
    }

    private let side: Lanes

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { side = format.side }

    /// Resets all state. [audio, loader]
    public mutating func reset() {}

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], pan = io[.pan], output = io[.output]
        if pan.isSteady {
            let gain = Self.gain(side, pan[0])
            for n in 0..<io.frames { output[n] = x[n] * gain }
        } else {
            for n in 0..<io.frames { output[n] = x[n] * Self.gain(side, pan[n]) }
        }
    }

    /// sin(π/4 · (1 + side · pan)), normalized so that the gain in the centre is exactly 1.
    @inline(__always) static func gain(_ side: Lanes, _ pan: Lanes) -> Lanes {
        let eighth = Lanes(repeating: 0.125)
        return quarterSine(eighth.addingProduct(side * pan, eighth)) / quarterSine(eighth)
    }
}
