import KairosDSP

// Modules that break a law each, to show that the laws find it.

/// Low-pass filter whose cutoff frequency is a fraction of the sample rate.
struct FrameFilter: Module {
    static let info = ModuleInfo("frame-filter", "Low-pass filter.")
    enum Inlet: Int, InletKey {
        case input
        var info: InletInfo { .audio("Input signal, −1 … 1.") }
    }
    enum Outlet: Int, OutletKey {
        case output
        var info: OutletInfo { .audio("Filtered signal, −1 … 1.") }
    }
    typealias Param = NoParams

    private var state = Lanes.zero

    init(_ format: Format, _: inout ModuleMemory) {}
    mutating func reset() { state = .zero }
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { state.set(lanes, to: 0) }
    mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], output = io[.output]
        for n in 0..<io.frames {
            state += (input[n] - state) * 0.3
            output[n] = state
        }
    }
}

/// Noise whose power is the same at every sample rate, so that its power density is not.
struct FrameNoise: Module {
    static let info = ModuleInfo("frame-noise", "White noise.", ownPerVoice: true, isSource: true)
    typealias Inlet = NoInlets
    enum Outlet: Int, OutletKey {
        case output
        var info: OutletInfo { .audio("Noise, −1 … 1.") }
    }
    typealias Param = NoParams

    private var seeds = SIMD16<UInt32>(repeating: 0)

    init(_ format: Format, _: inout ModuleMemory) {}
    mutating func reset() { seeds = SIMD16(repeating: 0) }
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: scrambled(seeds), where: lanes.vector)
    }
    mutating func process(_ io: ModuleIO<Self>) {
        let output = io[.output]
        for n in 0..<io.frames {
            output[n] = bipolar(
                scrambled(seeds &+ SIMD16(repeating: UInt32(truncatingIfNeeded: io.clock &+ n))))
        }
    }
}

/// Envelope that falls by a fixed ratio per frame.
struct FrameEnvelope: Module {
    static let info = ModuleInfo("frame-envelope", "Envelope.", isControl: true, isSource: true)
    enum Inlet: Int, InletKey {
        case gate
        var info: InletInfo { .gate("Gate, low or high.") }
    }
    enum Outlet: Int, OutletKey {
        case output
        var info: OutletInfo { .audio("Level, 0 … 1.") }
    }
    typealias Param = NoParams

    private var level = Lanes.zero

    init(_ format: Format, _: inout ModuleMemory) {}
    mutating func reset() { level = .zero }
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { level.set(lanes, to: 0) }
    mutating func process(_ io: ModuleIO<Self>) {
        level.set(io.gate(.gate).triggered, to: 1)
        let output = io[.output]
        for n in 0..<io.frames {
            output[n] = level
            level *= 0.9998
        }
    }
}

/// Amplifier with a constant offset; no inlet is called `input`.
struct Hum: Module {
    static let info = ModuleInfo("hum", "Amplifier with an offset.")
    enum Inlet: Int, InletKey {
        case left, right
        var info: InletInfo { .audio("Input signal, −1 … 1.") }
    }
    enum Outlet: Int, OutletKey {
        case output
        var info: OutletInfo { .audio("Sum of the inputs, −1 … 1.") }
    }
    typealias Param = NoParams

    init(_ format: Format, _: inout ModuleMemory) {}
    mutating func reset() {}
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
    mutating func process(_ io: ModuleIO<Self>) {
        let left = io[.left], right = io[.right], output = io[.output]
        for n in 0..<io.frames { output[n] = left[n] + right[n] + Lanes(repeating: 0.001) }
    }
}

/// Amplifier that says that it is a source.
struct SilentSource: Module {
    static let info = ModuleInfo("silent-source", "Amplifier.", isSource: true)
    typealias Inlet = Hum.Inlet
    typealias Outlet = Hum.Outlet
    typealias Param = NoParams

    init(_ format: Format, _: inout ModuleMemory) {}
    mutating func reset() {}
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
    mutating func process(_ io: ModuleIO<Self>) {
        let left = io[.left], right = io[.right], output = io[.output]
        for n in 0..<io.frames { output[n] = left[n] + right[n] }
    }
}
