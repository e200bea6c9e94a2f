public import KairosDSP

/// Mixer: sum of four signals, each with its own gain.
public struct Mix: Module {
    /// Type name and description.
    public static let info = ModuleInfo("mix", "Mixer: sum of up to four signals, each with its own gain.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case a, b, c, d
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .a: .audio("First input signal, −1 … 1.")
            case .b: .audio("Second input signal, −1 … 1.")
            case .c: .audio("Third input signal, −1 … 1.")
            case .d: .audio("Fourth input signal, −1 … 1.")
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
        case gainA, gainB, gainC, gainD
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .gainA: .gain("Gain of the first input.")
            case .gainB: .gain("Gain of the second input.")
            case .gainC: .gain("Gain of the third input.")
            case .gainD: .gain("Gain of the fourth input.")
            }
        }
    }

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Resets all state. [audio, loader]
    public mutating func reset() {}

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let a = io[.a], b = io[.b], c = io[.c], d = io[.d]
        let gainA = io[.gainA], gainB = io[.gainB], gainC = io[.gainC], gainD = io[.gainD]
        let output = io[.output]
        if c.isSteady, d.isSteady, gainA.isSteady, gainB.isSteady, gainC.isSteady, gainD.isSteady {
            let gainA = gainA[0], gainB = gainB[0], rest = c[0] * gainC[0] + d[0] * gainD[0]
            for n in 0..<io.frames { output[n] = (a[n] * gainA + b[n] * gainB) + rest }
        } else {
            for n in 0..<io.frames {
                output[n] = (a[n] * gainA[n] + b[n] * gainB[n]) + (c[n] * gainC[n] + d[n] * gainD[n])
            }
        }
    }
}
