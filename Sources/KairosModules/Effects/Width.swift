public import KairosDSP

/// Stereo width: gain of the difference between the sides.
///
/// At 100 % the output is the input, bit for bit; at 0 % both sides are their mean. It needs both sides and therefore
/// always runs once: in the voices each side of a signal is processed alone.
public struct Width: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "width", "Stereo width, from mono to twice the difference of the sides.", runsOnce: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Stereo signal, −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Stereo signal, −1 … 1; up to 6 dB more where the sides differ.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case width
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            ParamSpec(
                "Gain of the difference of the sides: 0 % is mono, 100 % leaves the signal as it is.",
                range: 0...2, default: 1, unit: .ratio, centre: 1)
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
        let x = io[.input], width = io[.width], output = io[.output]
        var n = 0
        while n &+ 8 <= io.frames {
            let widened = widened(x.eightFrames(from: n), width.eightFrames(from: n))
            output.set(eightFramesFrom: n, to: widened)
            n &+= 8
        }
        for n in n..<io.frames { output[n] = widened(x[n], width[n]) }
    }

    /// Adds the part of the difference that `width` has more, or less, than 1; half of it belongs to each side.
    @inline(__always) private func widened(_ x: Lanes, _ width: Lanes) -> Lanes {
        let half = Lanes(repeating: 0.5), difference = x - x.sidesExchanged
        return x.addingProduct(difference, half * width - half)
    }
}
