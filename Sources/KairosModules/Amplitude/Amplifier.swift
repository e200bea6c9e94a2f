import KairosDSP

/// A voltage-controlled amplifier.
public struct Amplifier: Module {
    public static let info = ModuleInfo("vca", "Makes a signal louder or softer.")
    public enum Inlet: Int, InletKey {
        case input, level
        public var info: InletInfo {
            switch self {
            case .input: .audio("What is made louder or softer.")
            case .level: .audio("By what: 0 is silence.", idle: 1)
            }
        }
    }
    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The result.") }
    }
    public enum Param: Int, ParamKey {
        case gain
        public var spec: ParamSpec { .gain("On top of the level.") }
    }
    public init(_ format: Format) {}
    public mutating func reset() {}
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], level = io[.level], gain = io[.gain], output = io[.output]
        for n in 0..<io.frames { output[n] = input[n] * (level[n] * gain[n]) }
    }
}
