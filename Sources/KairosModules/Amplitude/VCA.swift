public import KairosDSP

/// Voltage-controlled amplifier: input × level × gain.
public struct VCA: Module {
    /// Type name and description.
    public static let info = ModuleInfo("vca", "Amplifier controlled by a level, usually an envelope (VCA).")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, level
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, −1 … 1.")
            case .level: .audio("Level (amplitude factor), 0 … 1; 1 if unconnected.", idle: 1)
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Input times level and gain; full scale is −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case gain
        /// Declaration of the parameter.
        public var spec: ParamSpec { .gain("Gain, multiplied with the level.") }
    }

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Resets all state. [audio, loader]
    public mutating func reset() {}

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], level = io[.level], gain = io[.gain]
        if level.isSteady && gain.isSteady {
            let factor = level[0] * gain[0]
            if x.isSteady { return io.hold(.output, at: x[0] * factor) }
            let output = io[.output]
            for n in 0..<io.frames { output[n] = x[n] * factor }
        } else if gain.isSteady {
            let output = io[.output], gain = gain[0]
            for n in 0..<io.frames { output[n] = x[n] * (level[n] * gain) }
        } else {
            let output = io[.output]
            for n in 0..<io.frames { output[n] = x[n] * (level[n] * gain[n]) }
        }
    }
}
