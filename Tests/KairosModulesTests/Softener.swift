public import KairosDSP

/// One-pole low-pass filter: 6 dB per octave.
public struct Softener: Module {
    /// Type name and description.
    public static let info = ModuleInfo("softener", "One-pole low-pass filter, 6 dB per octave.")

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
        public var info: OutletInfo { .audio("Filtered signal, −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case cutoff
        /// Declaration of the parameter.
        public var spec: ParamSpec { .cutoff("Cutoff frequency.").readAtControlTicks() }
    }

    private let sampleRate: Float
    /// Part of the distance to the input that the output covers per frame, 0…1.
    private var coefficient = ControlRamp()
    /// Output of the last frame.
    private var last = Lanes.zero
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { sampleRate = format.sampleRate }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        last.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], cutoff = io[.cutoff], output = io[.output]
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty {
                // 1 − e^(−2π · cutoff / sample rate). The kernel is exp2: e^x = 2^(x · 1.442 695).
                let octaves = cutoff[segment.first] * Lanes(repeating: -9.064_72 / sampleRate)
                coefficient.aim(
                    at: .one - exp2(octaves), segment.phase == 0 ? .all : started, snapping: started)
                started = .none
            }
            var ramp = coefficient.ramp(from: segment.phase)
            for n in segment.first..<segment.end {
                last += (input[n] - last) * ramp.value
                output[n] = last
                ramp.advance()
            }
        }
    }
}
