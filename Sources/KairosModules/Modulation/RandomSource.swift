public import KairosDSP

/// Random control values: steps or smooth movements, at a rate or at each trigger.
///
/// A value is a function of the note's seed and of its number in the note, so that a render is the same in every run.
public struct RandomSource: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "random", "Random control values, at a rate or at each note, in steps or smooth.", ownPerVoice: true,
        isControl: true, isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case gate
        /// Declaration of the inlet.
        public var info: InletInfo {
            .gate("Gate, low or high: a trigger takes a new value if `clock` is gate.")
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Random values, −1 … 1; 0 … 1 if `unipolar` is on.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, clock, distribution, smooth, unipolar
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate:
                ParamSpec(
                    "Rate: new values per second; with the clock gate, 1 / time of a movement.",
                    range: 0.01...50, default: 4, unit: .hertz, curve: .exponential, smoothing: .logarithmic)
            case .clock: .choice("Clock: a new value at the rate, or at each trigger.", ["rate", "gate"])
            case .distribution:
                .choice(
                    "Distribution: all values alike, normal (seldom far from the centre), or −1 and 1.",
                    RandomDistribution.allCases.map { "\($0)" })
            case .smooth: .ratio("Smooth: part of the time between two values that the movement takes.")
            case .unipolar: .toggle("Unipolar output, 0 … 1, instead of bipolar, −1 … 1.")
            }
        }
    }

    private let cyclesPerHertz: Float
    private let seed: SIMD16<UInt32>
    private var seeds: SIMD16<UInt32>
    /// Time since the last value, a cycle of 2³² for each; with the clock gate it stops at the end.
    private var phase = SIMD16<UInt32>(repeating: 0)
    /// Number of the present value in the note.
    private var number = SIMD16<UInt32>(repeating: 0)
    /// Present value, and the one before.
    private var present = Lanes.zero
    private var former = Lanes.zero
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        cyclesPerHertz = 1 / format.sampleRate
        seed = SIMD16(repeating: scrambled(format.seed))
        seeds = seed
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        started = .all
        seeds = seed
        phase = SIMD16(repeating: 0)
        number = phase
        clock = 0
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: scrambled(seeds ^ seed), where: lanes.vector)
        phase.replace(with: 0, where: lanes.vector)
        number.replace(with: 0, where: lanes.vector)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let rate = io[.rate], smooth = io[.smooth], output = io[.output]
        let distribution = RandomDistribution(rawValue: io.choice(.distribution)) ?? .uniform
        let isGated = io.choice(.clock) != 0, isUnipolar = io.choice(.unipolar) != 0
        var increment = increment(rate[0])
        if io.clock != clock { skip(io.clock &- clock, increment, isGated, distribution) }
        clock = io.clock &+ io.frames
        take(started.vector, distribution)
        if isGated {
            let struck = (io.gate(.gate).triggered & ~started).vector
            number.replace(with: number &+ SIMD16(repeating: 1), where: struck)
            phase.replace(with: 0, where: struck)
            take(struck, distribution)
        }
        started = .none
        let scale = Lanes(repeating: isUnipolar ? 0.5 : 1), bias = Lanes(repeating: isUnipolar ? 0.5 : 0)
        if rate.isSteady, io.isReadAtControlTicks(.output) {
            for segment in io.segments {
                output[segment.first] = bias.addingProduct(value(smooth[segment.first]), scale)
                let frames = UInt32(truncatingIfNeeded: segment.end &- segment.first)
                advance(increment &* SIMD16(repeating: frames), isGated, distribution)
            }
        } else {
            for n in 0..<io.frames {
                if !rate.isSteady { increment = self.increment(rate[n]) }
                output[n] = bias.addingProduct(value(smooth[n]), scale)
                advance(increment, isGated, distribution)
            }
        }
    }

    @inline(__always) private func increment(_ rate: Lanes) -> SIMD16<UInt32> {
        phaseIncrement(rate * Lanes(repeating: cyclesPerHertz))
    }

    /// Output of the present frame, −1 … 1: a movement from the former to the present value, flat at both ends, in the
    /// first part of the time.
    @inline(__always) private func value(_ smooth: Lanes) -> Lanes {
        let isStep = smooth .<= Lanes.zero
        if !isStep.any || !all(isStep) {
            let part = (unitTurns(phase) / smooth).clamped(0, 1)
            let eased = part * part * (Lanes(repeating: 3) - (part + part))
            return former.addingProduct(present - former, eased).replacing(with: present, where: isStep)
        }
        return present
    }

    /// Advances by less than one cycle.
    @inline(__always) private mutating func advance(
        _ increment: SIMD16<UInt32>, _ isGated: Bool, _ distribution: RandomDistribution
    ) {
        let next = phase &+ increment, wraps = next .< phase
        phase = next
        if !wraps.any { return }
        if isGated {
            phase.replace(with: UInt32.max, where: wraps)
        } else {
            number.replace(with: number &+ SIMD16(repeating: 1), where: wraps)
            take(wraps, distribution)
        }
    }

    /// Takes the values of the present number and of the one before.
    @inline(__always) private mutating func take(
        _ lanes: SIMDMask<SIMD16<Int32>>, _ distribution: RandomDistribution
    ) {
        if !lanes.any { return }
        present.replace(with: distribution.value(scrambled(seeds &+ number)), where: lanes)
        former.replace(
            with: distribution.value(scrambled(seeds &+ number &- SIMD16(repeating: 1))), where: lanes)
    }

    /// Catches up on `frames` frames in which the module was not run, at a constant rate.
    private mutating func skip(
        _ frames: Int, _ increment: SIMD16<UInt32>, _ isGated: Bool, _ distribution: RandomDistribution
    ) {
        for lane in 0..<16 where !started.contains(lane) {
            let sum = UInt64(increment[lane]) &* UInt64(truncatingIfNeeded: frames) &+ UInt64(phase[lane])
            let cycles = UInt32(truncatingIfNeeded: sum >> 32)
            phase[lane] = isGated && cycles > 0 ? .max : UInt32(truncatingIfNeeded: sum)
            if !isGated { number[lane] = number[lane] &+ cycles }
        }
        take((~started).vector, distribution)
    }
}
