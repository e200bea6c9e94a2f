public import KairosDSP

/// Constant value, for a fixed offset of an inlet, and for a macro that moves several parameters by connections.
public struct Constant: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "constant", "Constant value, the same at every frame.", isControl: true, isSource: true)

    /// No inlets.
    public typealias Inlet = NoInlets

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("The value, −128 … 128.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case value
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            ParamSpec("Value of the output.", range: -128...128, default: 1, centre: 0)
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
        let value = io[.value]
        if value.isSteady { return io.hold(.output, at: value[0]) }
        let output = io[.output]
        io.forEachFrame(readFrom: .output) { output[$0] = value[$0] }
    }
}
