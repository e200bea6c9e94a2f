public import KairosDSP

/// Plate reverb, dense within 20 ms.
///
/// The network of ``Reverb`` with shorter delay lines (18 to 57 ms at a size of 100 %) and diffusers; its outputs are
/// two places inside each line, as in a plate that is picked up near where it is driven.
public struct Plate: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "plate", "Plate reverb: dense from its beginning.", widens: true, runsOnce: true)
    /// Inlets.
    public typealias Inlet = ReverbInlet
    /// Outlets.
    public typealias Outlet = ReverbOutlet
    /// Parameters.
    public typealias Param = ReverbParam

    private var network: ReverbNetwork

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        network = ReverbNetwork(.plate, format, &memory)
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
