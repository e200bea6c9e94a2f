public import KairosDSP

/// Ring modulator: the product of the input and a carrier.
///
/// A tone of f Hz becomes two, at the carrier's frequency plus and minus f, each half as strong; neither the tone nor the
/// carrier is left at a mix of 100 %. Sums beyond half of the sample rate fold back. The sine runs freely: its phase is
/// that of a clock, for all voices.
public struct RingModulator: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "ringmod", "Ring modulator: product of the input and a sine, or another signal.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, carrier
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, −1 … 1.")
            case .carrier: .audio("Carrier if `source` is inlet, −1 … 1.")
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Product of input and carrier, −1 … 1, with the dry signal.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case source, frequency, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .source:
                .choice("Carrier: a sine of its own, or the signal at the inlet.", ["sine", "inlet"])
            case .frequency: ParamSpec.frequency("Frequency of the sine.", default: 220).readAtControlTicks()
            case .mix:
                ParamSpec(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %; 100 % is the product only.",
                    range: 0...1, default: 1, unit: .ratio, time: 0.1
                ).readAtControlTicks()
            }
        }
    }

    private let cyclesPerHertz: Float
    private let isBus: Bool
    private var phase = SIMD16<UInt32>(repeating: 0)
    /// Cycles per frame.
    private var frequency = ControlRamp()
    private var dry = ControlRamp()
    private var wet = ControlRamp()
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        cyclesPerHertz = 1 / format.sampleRate
        isBus = format.isBus
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        clock = 0
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { started = started | lanes }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        // Frames in which the module was not run count.
        if io.clock != clock { skip(~started, io.clock &- clock) }
        for segment in io.segments {
            aim(io, segment)
            if io.choice(.source) != 0 {
                multiply(io, segment, by: io[.carrier])
            } else {
                modulate(io, segment)
            }
        }
        clock = io.clock &+ io.frames
    }

    /// Multiplies by the signal of the inlet. The sine goes on.
    @inline(__always) private mutating func multiply(
        _ io: ModuleIO<Self>, _ segment: ControlSegment, by carrier: Signal
    ) {
        let x = io[.input], output = io[.output]
        var dry = dry.ramp(from: segment.phase), wet = wet.ramp(from: segment.phase)
        var frequency = frequency.ramp(from: segment.phase)
        for n in segment.first..<segment.end {
            output[n] = x[n] * dry.value.addingProduct(carrier[n], wet.value)
            phase = phase &+ phaseIncrement(frequency.value)
            frequency.advance()
            dry.advance()
            wet.advance()
        }
    }

    /// Multiplies by the sine.
    @inline(__always) private mutating func modulate(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let x = io[.input], output = io[.output]
        var dry = dry.ramp(from: segment.phase), wet = wet.ramp(from: segment.phase)
        if isBus && frequency.isSteady {
            // Eight frames at once: the frame number of each lane times the increment.
            let numbers = SIMD16<UInt32>(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
            let increment = Self.eightTimes(phaseIncrement(frequency.target))
            var phase = Self.eightTimes(phase)
            segment.forEachEightFrames { first, count in
                let carrier = sine(phase: phase &+ numbers &* increment)
                let gain = dry.frames(count).addingProduct(carrier, wet.frames(count))
                output.set(count, from: first, to: x.frames(count, from: first) * gain)
                phase = phase &+ increment &* SIMD16(repeating: UInt32(truncatingIfNeeded: count))
            }
            self.phase = phase
            return
        }
        var frequency = frequency.ramp(from: segment.phase), phase = phase
        for n in segment.first..<segment.end {
            output[n] = x[n] * dry.value.addingProduct(sine(phase: phase), wet.value)
            phase = phase &+ phaseIncrement(frequency.value)
            frequency.advance()
            dry.advance()
            wet.advance()
        }
        self.phase = phase
    }

    /// The values of both sides eight times.
    @inline(__always) private static func eightTimes(_ values: SIMD16<UInt32>) -> SIMD16<UInt32> {
        unsafeBitCast(
            Lanes.repeating(stereo: unsafeBitCast(values, to: Lanes.self).stereo), to: SIMD16<UInt32>.self)
    }

    /// Reads the parameters at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        guard segment.phase == 0 || !started.isEmpty else { return }
        let n = segment.first, lanes = segment.phase == 0 ? LaneMask.all : started, mix = io[.mix][n]
        let half = (mix + mix).smaller(.one)
        let cycles = (io[.frequency][n] * Lanes(repeating: cyclesPerHertz)).smaller(Lanes(repeating: 0.5))
        frequency.aim(at: cycles, lanes, snapping: started)
        dry.aim(at: (Lanes(repeating: 2) - (mix + mix)).smaller(.one), lanes, snapping: started)
        wet.aim(at: half * half, lanes, snapping: started)
        if !started.isEmpty {
            phase.replace(with: 0, where: started.vector)
            skip(started, io.clock &+ n)
            started = .none
        }
    }

    /// Advances the phase of `lanes` by `frames` frames.
    private mutating func skip(_ lanes: LaneMask, _ frames: Int) {
        let increment = phaseIncrement(frequency.target)
        for lane in 0..<16 where lanes.contains(lane) {
            phase[lane] = phase[lane] &+ UInt32(truncatingIfNeeded: Int(increment[lane]) &* frames)
        }
    }
}
