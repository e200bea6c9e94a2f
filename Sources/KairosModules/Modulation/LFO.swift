import KairosDSP

/// A slow oscillator.
///
/// Free running, a note that begins finds it where a steady rate would have brought it since its slot became
/// active: rate × clock, whatever sounded in its lane before. From there on it follows the rate.
public struct LFO: Module {
    public static let info = ModuleInfo(
        "lfo", "Slow oscillator, for vibrato, tremolo and sweeps.", isControl: true)

    public enum Inlet: Int, InletKey {
        case gate
        public var info: InletInfo { .gate("Restarts the cycle when it is struck, if `retrigger` is on.") }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The wave, −1 … 1, or 0 … 1 if `unipolar` is on.") }
    }

    /// The wave; the order is that of the words in a patch.
    public enum Shape: Int, CaseIterable, Sendable {
        case sine, triangle, saw, square, random
    }

    public enum Param: Int, ParamKey {
        case rate, shape, phase, retrigger, unipolar
        public var spec: ParamSpec {
            switch self {
            case .rate:
                ParamSpec(
                    "Cycles a second.", range: 0.01...50, default: 2, unit: .hertz, curve: .exponential,
                    smoothing: .logarithmic)
            case .shape:
                .choice("The wave; random is a new value each cycle.", Shape.allCases.map { "\($0)" })
            case .phase:
                ParamSpec("Shifts the wave.", range: 0...360, default: 0, unit: .degrees, latched: true)
            case .retrigger: .toggle("Each note begins a cycle; else the cycle runs on by itself.")
            case .unipolar: .toggle("The wave goes from 0 to 1, not from −1 to 1.")
            }
        }
    }

    private let cyclesPerHertz: Float
    private let seed: SIMD16<UInt32>
    private var phase = SIMD16<UInt32>(repeating: 0)
    /// How many cycles have gone by, and what the random values of each lane come from.
    private var cycle = SIMD16<UInt32>(repeating: 0)
    private var source: SIMD16<UInt32>
    private var seeds: SIMD16<UInt32>
    private var started = LaneMask.all
    /// The clock of the frame that comes next.
    private var clock = 0

    public init(_ format: Format) {
        cyclesPerHertz = 1 / format.sampleRate
        seed = SIMD16(repeating: scrambled(format.seed))
        source = seed
        seeds = seed
    }

    public mutating func reset() {
        start(.all, seeds: seed)
        clock = 0
    }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: scrambled(seeds ^ seed), where: lanes.vector)
        started = started | lanes
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let rate = io[.rate]
        var increment = increment(rate[0])
        place(io, increment)
        let shape = Shape(rawValue: io.choice(.shape)) ?? .sine
        let offset = phaseOffset(turns: Lanes(repeating: io.latched(.phase) * (1 / 360)))
        let isUnipolar = io.choice(.unipolar) != 0
        let scale = Lanes(repeating: isUnipolar ? 0.5 : 1), lift = Lanes(repeating: isUnipolar ? 0.5 : 0)
        let output = io[.output]
        if rate.isSteady, io.isReadOnGrid(.output) {
            for run in io.runs {
                output[run.first] = lift.addingProduct(value(shape, phase, phase &+ offset, cycle), scale)
                advance(by: increment &* SIMD16(repeating: UInt32(run.end - run.first)))
            }
        } else {
            for n in 0..<io.frames {
                if !rate.isSteady { increment = self.increment(rate[n]) }
                output[n] = lift.addingProduct(value(shape, phase, phase &+ offset, cycle), scale)
                advance(by: increment)
            }
        }
        clock = io.clock &+ io.frames
    }

    /// On by less than a cycle: in the sixteen frames of a run the fastest is far from one.
    @inline(__always) private mutating func advance(by increment: SIMD16<UInt32>) {
        let next = phase &+ increment
        cycle = cycle.replacing(with: cycle &+ SIMD16(repeating: 1), where: next .< phase)
        phase = next
    }

    @inline(__always) private func increment(_ rate: Lanes) -> SIMD16<UInt32> {
        phaseIncrement(rate * Lanes(repeating: cyclesPerHertz))
    }

    @inline(__always) private func value(
        _ shape: Shape, _ phase: SIMD16<UInt32>, _ place: SIMD16<UInt32>, _ cycle: SIMD16<UInt32>
    ) -> Lanes {
        let turns = signedTurns(place)
        switch shape {
        case .sine: return sine(turns: turns)
        case .triangle:
            let size = turns.magnitude
            return (size.smaller(Lanes(repeating: 0.5) - size) * Lanes(repeating: 4)).withSign(of: turns)
        case .saw: return turns + turns
        case .square: return Lanes.one.withSign(of: turns)
        case .random:
            // The offset may already be in the next cycle.
            let number = cycle.replacing(with: cycle &+ SIMD16(repeating: 1), where: place .< phase)
            return bipolar(scrambled(source &+ number))
        }
    }

    /// Puts the lanes where they are at the beginning of a piece.
    private mutating func place(_ io: ModuleIO<Self>, _ increment: SIMD16<UInt32>) {
        if io.clock != clock { skip(.all, io.clock &- clock, increment) }
        let isRetriggered = io.choice(.retrigger) != 0
        let lanes = isRetriggered ? started | io.gate(.gate).struck : started
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

    /// What `frames` at this rate do to phase and cycle.
    private mutating func skip(_ lanes: LaneMask, _ frames: Int, _ increment: SIMD16<UInt32>) {
        for lane in 0..<16 where lanes.contains(lane) {
            let sum = UInt64(increment[lane]) &* UInt64(truncatingIfNeeded: frames) &+ UInt64(phase[lane])
            phase[lane] = UInt32(truncatingIfNeeded: sum)
            cycle[lane] = cycle[lane] &+ UInt32(truncatingIfNeeded: sum >> 32)
        }
    }
}
