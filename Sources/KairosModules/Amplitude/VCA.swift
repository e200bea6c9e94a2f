public import KairosDSP

/// Voltage-controlled amplifier: input × level × gain × level of the velocity.
///
/// The velocity's level is R · 1.6 · log10(velocity), for a range of R dB from velocity 127 to 30. With the default
/// of 25 dB it is 40 · log10(velocity): the law of DLS Level 1 (MIDI Manufacturers Association, 1997) and of General
/// MIDI 2.
public struct VCA: Module {
    /// Type name and description.
    public static let info = ModuleInfo("vca", "Amplifier controlled by a level, usually an envelope (VCA).")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, level, velocity
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, −1 … 1.")
            case .level: .audio("Level (amplitude factor), 0 … 1; 1 if unconnected.", idle: 1)
            case .velocity:
                .audio("Velocity, 0 … 1, whose level follows `velocityRange`; 1 if unconnected.", idle: 1)
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Input times level, gain and the velocity's level; full scale is −1 … 1.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case gain, velocityRange
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .gain: .gain("Gain, multiplied with the level.")
            case .velocityRange:
                ParamSpec(
                    "Level range of the velocity, from 127 to 30; 25 dB is General MIDI's 40 log10, 0 dB ignores it.",
                    range: 0...60, default: 25, unit: .decibels)
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
        let x = io[.input], level = io[.level], gain = io[.gain]
        let velocity = io[.velocity], range = io[.velocityRange]
        guard velocity.isSteady && range.isSteady else { return renderEach(io) }
        let factor = Self.factor(velocity[0], range[0])
        if level.isSteady && gain.isSteady {
            let factor = level[0] * (gain[0] * factor)
            if x.isSteady { return io.hold(.output, at: x[0] * factor) }
            let output = io[.output]
            for n in 0..<io.frames { output[n] = x[n] * factor }
        } else if gain.isSteady {
            let output = io[.output], gain = gain[0] * factor
            for n in 0..<io.frames { output[n] = x[n] * (level[n] * gain) }
        } else {
            let output = io[.output]
            for n in 0..<io.frames { output[n] = x[n] * (level[n] * (gain[n] * factor)) }
        }
    }

    /// Renders while the velocity or its range moves.
    @inline(never) private mutating func renderEach(_ io: ModuleIO<Self>) {
        let x = io[.input], level = io[.level], gain = io[.gain], output = io[.output]
        let velocity = io[.velocity], range = io[.velocityRange]
        for n in 0..<io.frames {
            output[n] = x[n] * (level[n] * (gain[n] * Self.factor(velocity[n], range[n])))
        }
    }

    /// Amplitude factor of a velocity, 0…1, for a range in dB: the velocity to the power of range / 12.5 dB.
    @inline(__always) private static func factor(_ velocity: Lanes, _ range: Lanes) -> Lanes {
        let exponent = range * Lanes(repeating: 0.08)
        let factor = exp2(log2(velocity.larger(.zero)) * exponent)
        // 0 has no logarithm. Full velocity is exactly 1.
        return factor.replacing(with: 0, where: (velocity .<= Lanes.zero) .& (exponent .> Lanes.zero))
    }
}
