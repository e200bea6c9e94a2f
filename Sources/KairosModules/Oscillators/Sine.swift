import KairosDSP

/// A sine.
public struct Sine: Module {
    public static let info = ModuleInfo("sine", "A pure tone.")
    public enum Inlet: Int, InletKey {
        case pitch
        public var info: InletInfo { .audio("Semitones (MIDI key).", idle: 60) }
    }
    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The tone.") }
    }
    public enum Param: Int, ParamKey {
        case detune
        public var spec: ParamSpec { .detune("Shifts the pitch.") }
    }
    private let sampleRate: Float
    private var phase = SIMD16<UInt32>(repeating: 0)
    public init(_ format: Format) { sampleRate = format.sampleRate }
    public mutating func reset() { phase = SIMD16(repeating: 0) }
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        phase.replace(with: SIMD16(repeating: 0), where: lanes.vector)
    }
    public mutating func process(_ io: ModuleIO<Self>) {
        let pitch = io[.pitch], detune = io[.detune], output = io[.output]
        for n in 0..<io.frames {
            output[n] = sine(phase: phase)
            phase &+= phaseIncrement(cyclesPerFrame(pitch: pitch[n] + detune[n], sampleRate: sampleRate))
        }
    }
}
