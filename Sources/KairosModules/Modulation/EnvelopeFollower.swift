public import KairosDSP

/// Envelope follower: the level of a signal as a control signal.
///
/// The level is the peak of the last 10 ms (``PeakHold``) or the root mean square of the last 20 ms; both are constant
/// for a sine wave above 50 Hz. It passes a one-pole filter with one time constant for a rising and one for a falling
/// level, as an amplitude or in dB. On a bus both sides have the level of the louder one.
public struct EnvelopeFollower: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "follower", "Envelope follower: level of a signal, as a control signal.", isControl: true)

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
            .audio("Level, 0 … 1: the amplitude, or 0 at −60 dB and 1 at full scale; more above that.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case mode, scale, gain, attack, release
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .mode:
                .choice("Level: peak of 10 ms, or root mean square (RMS) of 20 ms.", ["peak", "rms"])
            case .scale: .choice("Output: amplitude, or level in dB.", ["linear", "decibels"])
            case .gain: .gain("Gain of the input.")
            case .attack:
                .timeConstant(
                    "Attack: time in which the output rises by 63 % of its way.", 0.000_1...2, default: 0.005)
            case .release:
                .timeConstant(
                    "Release: time in which it falls by 63 % of its way, after the 10 or 20 ms of the level.",
                    0.001...5,
                    default: 0.1)
            }
        }
    }

    private let sampleRate: Float
    private let isBus: Bool
    private var peak: PeakHold
    private let peaks: Buffer<Lanes>
    private var power: RunningPower
    private let powers: Buffer<Lanes>
    /// Part of the distance that the level covers per frame, rising and falling.
    private var attack = Lanes.one
    private var release = Lanes.one
    /// Output of the last frame.
    private var level = Lanes.zero
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        isBus = format.isBus
        peak = PeakHold(frames: Int((format.sampleRate * 0.01).rounded(.up)))
        peaks = memory.buffer(peak.cellCount, repeating: .zero)
        power = RunningPower(frames: Int((format.sampleRate * 0.02).rounded(.up)))
        powers = memory.buffer(power.cellCount, repeating: .zero)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        clock = 0
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        peak.start(lanes)
        power.start(lanes)
        level.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], gain = io[.gain], output = io[.output]
        let isPower = io.choice(.mode) != 0, isLogarithmic = io.choice(.scale) != 0
        if io.clock != clock { skip(io.clock &- clock, io) }
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty { aim(io, segment) }
            if segment.phase == 0 { if isPower { power.tick(io[powers]) } else { peak.tick(io[peaks]) } }
            for n in segment.first..<segment.end {
                let size = (x[n] * gain[n]).magnitude
                var goal =
                    isPower
                    ? power.mean(size, segment.phase &+ n &- segment.first &+ 1).roots : peak.hold(size)
                if isBus { goal = goal.larger(goal.sidesExchanged) }
                // 20 · log10(2) dB to an octave of amplitude, 60 dB to the range.
                if isLogarithmic {
                    goal = Lanes.one.addingProduct(log2(goal), Lanes(repeating: 0.100_343_33)).larger(.zero)
                }
                let part = release.replacing(with: attack, where: goal .> level)
                level = level.addingProduct(goal - level, part)
                output[n] = level
            }
        }
        clock = io.clock &+ io.frames
    }

    /// Reads the times at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let n = segment.first, lanes = segment.phase == 0 ? LaneMask.all : started
        attack.replace(with: .onePole(seconds: io[.attack][n], sampleRate), in: lanes)
        release.replace(with: .onePole(seconds: io[.release][n], sampleRate), in: lanes)
        // −240 dB is silence.
        level.replace(with: 0, where: (level .< Lanes(repeating: 0x1p-40)) .& lanes.vector)
        started = .none
    }

    /// Lets the level fall for `frames` frames of silence in which the module was not run.
    private mutating func skip(_ frames: Int, _ io: ModuleIO<Self>) {
        peak.start(.all)
        power.start(.all)
        let octaves = Lanes(repeating: -1.442_695 * Float(frames) / sampleRate)
        level = level * exp2(octaves / io[.release][0])
    }
}
