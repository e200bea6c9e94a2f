public import KairosDSP

/// DC blocker: one-pole high-pass filter at 5 Hz.
///
/// y[n] = p · y[n − 1] + x[n] − x[n − 1]. In this form a constant input is forgotten to the last bit at every sample
/// rate; a low-pass filter whose output is subtracted stops short of it in single precision. It loses 0.14 dB at
/// 27.5 Hz, and a constant is 60 dB lower after 0.22 seconds.
public struct DCBlock: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "dcblock", "DC blocker: removes a constant offset, high-pass filter at 5 Hz.")

    /// The module has no parameters.
    public typealias Param = NoParams

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Input without its offset, −1 … 1; up to twice as much after a step.")
        }
    }

    private let isBus: Bool
    /// Part of the output that is left after a frame: the pole.
    private let pole: Lanes
    private var lastInput = Lanes.zero
    private var lastOutput = Lanes.zero

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        isBus = format.isBus
        pole = Lanes(repeating: expPrecise(-2 * .pi * 5 / format.sampleRate))
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        lastInput.set(lanes, to: 0)
        lastOutput.set(lanes, to: 0)
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output]
        var lastOutput = lastOutput, lastInput = lastInput, n = 0
        while isBus && n &+ 8 <= io.frames {
            let input = x.eightFrames(from: n), steps = input - input.delayed(after: lastInput.stereo)
            var y = lastOutput
            output.set(
                eightFramesFrom: n,
                to: .eightFrames {
                    y = Lanes(stereo: steps.frame($0)).addingProduct(y, pole)
                    return y.stereo
                })
            lastInput = Lanes(stereo: input.frame(7))
            lastOutput = y
            n &+= 8
        }
        while n < io.frames {
            let input = x[n]
            lastOutput = (input - lastInput).addingProduct(lastOutput, pole)
            lastInput = input
            output[n] = lastOutput
            n &+= 1
        }
        self.lastInput = lastInput
        self.lastOutput = lastOutput
    }
}
