import KairosDSP

/// Mixer: sum of four signals, each with its own gain.
public struct Mix: Module {
    public static let info = ModuleInfo("mix", "Mixer: sum of up to four signals, each with its own gain.")

    public enum Inlet: Int, InletKey {
        case a, b, c, d
        public var info: InletInfo {
            switch self {
            case .a: .audio("First input signal.")
            case .b: .audio("Second input signal.")
            case .c: .audio("Third input signal.")
            case .d: .audio("Fourth input signal.")
            }
        }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("Sum of the inputs times their gains.") }
    }

    public enum Param: Int, ParamKey {
        case gainA, gainB, gainC, gainD
        public var spec: ParamSpec {
            switch self {
            case .gainA: .gain("Gain of the first input.")
            case .gainB: .gain("Gain of the second input.")
            case .gainC: .gain("Gain of the third input.")
            case .gainD: .gain("Gain of the fourth input.")
            }
        }
    }

    public init(_ format: Format) {}
    public mutating func reset() {}
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}

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
