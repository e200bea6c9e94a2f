public import KairosDSP

/// Low-frequency oscillator.
///
/// If it runs freely, its phase at the start of a note is rate × clock: the phase that a constant rate gives
/// since the activation of its slot, whatever sounded in the lane before. From there on it follows the rate.
public struct LFO: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "lfo", "Low-frequency oscillator (LFO), for vibrato, tremolo and sweeps.", isControl: true,
        isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case gate
        /// Declaration of the inlet.
        public var info: InletInfo {
            .gate("Gate, low or high: a trigger restarts the cycle if `retrigger` is on.")
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Waveform, −1 … 1; 0 … 1 if `unipolar` is on.") }
    }

    /// Waveform, in the order of the words in a patch.
    public enum Shape: Int, CaseIterable, Sendable {
        case sine, triangle, saw, square, random
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, shape, phase, retrigger, unipolar
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate:
                ParamSpec(
                    "Rate: cycles per second.", range: 0.01...50, default: 2, unit: .hertz,
                    curve: .exponential,
                    smoothing: .logarithmic)
            case .shape:
                .choice(
                    "Waveform; random is a new value each cycle (sample and hold).",
                    Shape.allCases.map { "\($0)" })
            case .phase:
                ParamSpec("Phase offset.", range: 0...360, default: 0, unit: .degrees, latched: true)
            case .retrigger: .toggle("Retrigger: each note restarts the cycle; otherwise free-running.")
            case .unipolar: .toggle("Unipolar output, 0 … 1, instead of bipolar, −1 … 1.")
            }
        }
    }

    private let cyclesPerHertz: Float
    private let seed: SIMD16<UInt32>
    private var phase = SIMD16<UInt32>(repeating: 0)
    /// Number of completed cycles, and the seed of each lane's random values.
    private var cycle = SIMD16<UInt32>(repeating: 0)
    private var source: SIMD16<UInt32>
    private var seeds: SIMD16<UInt32>
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        cyclesPerHertz = 1 / format.sampleRate
        seed = SIMD16(repeating: scrambled(format.seed))
        source = seed
        seeds = seed
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: seed)
        clock = 0
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: scrambled(seeds ^ seed), where: lanes.vector)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let rate = io[.rate]
        var increment = increment(rate[0])
        startLanes(io, increment)
        let shape = Shape(rawValue: io.choice(.shape)) ?? .sine
        let offset = phaseOffset(turns: Lanes(repeating: io.latched(.phase) * (1 / 360)))
        let isUnipolar = io.choice(.unipolar) != 0
        let scale = Lanes(repeating: isUnipolar ? 0.5 : 1), bias = Lanes(repeating: isUnipolar ? 0.5 : 0)
        let output = io[.output]
        if rate.isSteady, io.isReadAtControlTicks(.output) {
            for segment in io.segments {
                output[segment.first] = bias.addingProduct(value(shape, phase, phase &+ offset, cycle), scale)
                advance(by: increment &* SIMD16(repeating: UInt32(segment.end - segment.first)))
            }
        } else {
            for n in 0..<io.frames {
                if !rate.isSteady { increment = self.increment(rate[n]) }
                output[n] = bias.addingProduct(value(shape, phase, phase &+ offset, cycle), scale)
                advance(by: increment)
            }
        }
        clock = io.clock &+ io.frames
    }

    /// Advances by less than one cycle: at the maximum rate the 16 frames of a control segment are far less.
    @inline(__always) private mutating func advance(by increment: SIMD16<UInt32>) {
        let next = phase &+ increment
        cycle = cycle.replacing(with: cycle &+ SIMD16(repeating: 1), where: next .< phase)
        phase = next
    }

    @inline(__always) private func increment(_ rate: Lanes) -> SIMD16<UInt32> {
        phaseIncrement(rate * Lanes(repeating: cyclesPerHertz))
    }

    @inline(__always) private func value(
        _ shape: Shape, _ phase: SIMD16<UInt32>, _ shifted: SIMD16<UInt32>, _ cycle: SIMD16<UInt32>
    ) -> Lanes {
        let turns = signedTurns(shifted)
        switch shape {
        case .sine: return sine(turns: turns)
        case .triangle:
            let size = turns.magnitude
            return (size.smaller(Lanes(repeating: 0.5) - size) * Lanes(repeating: 4)).withSign(of: turns)
        case .saw: return turns + turns
        case .square: return Lanes.one.withSign(of: turns)
        case .random:
            // With the phase offset, the next cycle may have begun already.
            let number = cycle.replacing(with: cycle &+ SIMD16(repeating: 1), where: shifted .< phase)
            return bipolar(scrambled(source &+ number))
        }
    }

    /// Sets the phase of started and triggered lanes at the beginning of a sub-block, and catches up on
    /// frames in which the module was not run.
    private mutating func startLanes(_ io: ModuleIO<Self>, _ increment: SIMD16<UInt32>) {
        if io.clock != clock { skip(.all, io.clock &- clock, increment) }
        let isRetriggered = io.choice(.retrigger) != 0
        let lanes = isRetriggered ? started | io.gate(.gate).triggered : started
        if lanes.isEmpty { return }
        phase.replace(with: 0, where: lanes.vector)
        cycle.replace(with: 0, where: lanes.vector)
        if isRetriggered {
            source.replace(with: seeds, where: started.vector)
        } else {
            source.replace(with: seed, where: lanes.vector)
            skip(lanes, io.clock, increment)
        }
        started = .none
    }

    /// Advances phase and cycle of `lanes` by `frames` frames at a constant rate.
    private mutating func skip(_ lanes: LaneMask, _ frames: Int, _ increment: SIMD16<UInt32>) {
        for lane in 0..<16 where lanes.contains(lane) {
            let sum = UInt64(increment[lane]) &* UInt64(truncatingIfNeeded: frames) &+ UInt64(phase[lane])
            phase[lane] = UInt32(truncatingIfNeeded: sum)
            cycle[lane] = cycle[lane] &+ UInt32(truncatingIfNeeded: sum >> 32)
        }
    }
}
