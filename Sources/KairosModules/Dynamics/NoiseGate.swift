public import KairosDSP

/// Noise gate.
///
/// The level is the peak of the last 10 ms (``PeakHold``). The gate opens at the threshold and closes when the level
/// has been below the threshold minus the hysteresis for the hold time. Its gain moves through two one-pole filters, so
/// that it begins and ends without a corner. On a bus both sides have one gate, which follows the louder one. An open
/// gate passes the input bit for bit.
public struct NoiseGate: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "gate", "Noise gate: lowers what is below a threshold; with side chain.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, key
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, −1 … 1.")
            case .key: .audio("Side chain: signal that opens the gate if `sidechain` is on, −1 … 1.")
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Input times the gain of the gate, −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case threshold, hysteresis, attack, hold, release, range, sidechain
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .threshold:
                ParamSpec(
                    "Threshold: peak level at which the gate opens.", range: -80...0, default: -40,
                    unit: .decibels
                ).readAtControlTicks()
            case .hysteresis:
                ParamSpec(
                    "Hysteresis: distance from the threshold down to the level at which the gate closes.",
                    range: 0...12, default: 4, unit: .decibels
                ).readAtControlTicks()
            case .attack:
                .timeConstant(
                    "Attack: time in which the gain rises by 63 % of its way.", 0.000_1...0.1, default: 0.002)
            case .hold:
                ParamSpec(
                    "Hold: time from the end of the sound to the closing of the gate; 10 ms are added.",
                    range: 0...2, default: 0.05, unit: .seconds, curve: .cubic
                ).readAtControlTicks()
            case .release:
                .timeConstant(
                    "Release: time in which the gain falls by 63 % of its way.", 0.005...2, default: 0.1)
            case .range:
                ParamSpec("Gain of the closed gate.", range: -80...0, default: -80, unit: .decibels)
                    .readAtControlTicks()
            case .sidechain:
                .toggle("Side chain: the inlet `key` opens the gate; otherwise the input does.")
            }
        }
    }

    private let sampleRate: Float
    private let isBus: Bool
    private var peak: PeakHold
    private let cells: Buffer<Lanes>
    /// Amplitudes at which the gate opens and closes.
    private var opening = Lanes.one
    private var closing = Lanes.one
    /// Hold time in frames.
    private var hold = Lanes.zero
    /// Gain of the closed gate.
    private var floor = Lanes.zero
    /// Part of the distance that each filter covers per frame.
    private var attack = Lanes.one
    private var release = Lanes.one
    /// 1 in lanes whose gate is open, otherwise 0.
    private var open = Lanes.zero
    /// Frames since the level was last high enough.
    private var age = Lanes.zero
    /// Outputs of the two filters; the second is the gain.
    private var first = Lanes.zero
    private var gain = Lanes.zero
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        isBus = format.isBus
        peak = PeakHold(frames: Int((format.sampleRate * 0.01).rounded(.up)))
        cells = memory.buffer(peak.cellCount, repeating: .zero)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        clock = 0
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        peak.start(lanes)
        open.set(lanes, to: 0)
        age.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], level = io.choice(.sidechain) != 0 ? io[.key] : x, output = io[.output]
        if io.clock != clock { skip(io.clock &- clock) }
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty { aim(io, segment) }
            if segment.phase == 0 { peak.tick(io[cells]) }
            for n in segment.first..<segment.end {
                var size = level[n].magnitude
                if isBus { size = size.larger(size.sidesExchanged) }
                advance(peak.hold(size))
                output[n] = x[n] * gain
            }
        }
        clock = io.clock &+ io.frames
    }

    /// Advances the gain by one frame with this level.
    @inline(__always) private mutating func advance(_ level: Lanes) {
        let isOpen = open .!= Lanes.zero
        let isLoud = level .>= opening.replacing(with: closing, where: isOpen)
        age = (age + .one).replacing(with: 0, where: isLoud)
        open = Lanes.zero.replacing(with: 1, where: isLoud .| (isOpen .& (age .<= hold)))
        let goal = floor.replacing(with: 1, where: open .!= Lanes.zero)
        let part = release.replacing(with: attack, where: goal .> gain)
        first = first.addingProduct(goal - first, part)
        gain = gain.addingProduct(first - gain, part)
    }

    /// Reads the parameters at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let n = segment.first, lanes = segment.phase == 0 ? LaneMask.all : started
        let octaves = Lanes(repeating: 0.166_096_4), threshold = io[.threshold][n]
        opening.replace(with: exp2(threshold * octaves), in: lanes)
        closing.replace(with: exp2((threshold - io[.hysteresis][n]) * octaves), in: lanes)
        hold.replace(with: io[.hold][n] * Lanes(repeating: sampleRate), in: lanes)
        floor.replace(with: exp2(io[.range][n] * octaves), in: lanes)
        // Two equal filters cover 63 % of the way in 2.146 of their time constants.
        let share = Lanes(repeating: 1 / 2.146_193)
        attack.replace(with: .onePole(seconds: io[.attack][n] * share, sampleRate), in: lanes)
        release.replace(with: .onePole(seconds: io[.release][n] * share, sampleRate), in: lanes)
        // A gate begins closed. The filters end at exactly their goal.
        first.replace(with: floor, in: started)
        gain.replace(with: floor, in: started)
        let isOpen = open .!= Lanes.zero, goal = floor.replacing(with: 1, where: isOpen)
        // In single precision they stop at this distance from 1.
        let near = Lanes(repeating: 0x1p-20).replacing(
            with: Lanes(repeating: 0x1p-23) / attack, where: isOpen)
        let isNear = ((first - goal).magnitude .< near) .& ((gain - goal).magnitude .< near) .& lanes.vector
        first.replace(with: goal, where: isNear)
        gain.replace(with: goal, where: isNear)
        started = .none
    }

    /// Lets the gate close for `frames` frames of silence in which the module was not run.
    private mutating func skip(_ frames: Int) {
        peak.start(.all)
        let passed = Lanes(repeating: Float(frames)), isOpen = open .!= Lanes.zero
        age = age + passed
        open = Lanes.zero.replacing(with: 1, where: isOpen .& (age .<= hold))
        let isClosed = open .== Lanes.zero
        first.replace(with: floor, where: isClosed)
        gain.replace(with: floor, where: isClosed)
    }
}
