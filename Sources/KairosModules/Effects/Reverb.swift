public import KairosDSP

/// Reverb of a room or hall.
///
/// A feedback delay network: see ``ReverbNetwork``. Its delay lines are 20 to 60 ms long at a size of 100 %.
public struct Reverb: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "reverb", "Reverb of a room or hall: a feedback delay network.", widens: true, runsOnce: true)
    /// Inlets.
    public typealias Inlet = ReverbInlet
    /// Outlets.
    public typealias Outlet = ReverbOutlet
    /// Parameters.
    public typealias Param = ReverbParam

    private var network: ReverbNetwork

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        network = ReverbNetwork(.hall, format, &memory)
    }

    /// Longest time from an input to a reflection, in frames.
    public var silenceGap: Int { network.longestReflection }

    /// Resets all state. [audio, loader]
    public mutating func reset() { network.restart() }

    /// Clears the state, if a channel of the bus is among `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        if !(lanes & LaneMask(bits: 3)).isEmpty { network.restart() }
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        network.render(io)
    }
}
