public import KairosDSP

/// Feed-forward compressor.
///
/// The level is the peak of the last 10 ms (``PeakHold``), so that the gain follows the level of a wave above 50 Hz
/// and not its shape. A gain computer with a quadratic knee turns it into a reduction in dB, which a one-pole filter
/// smooths, with one time constant for a rising and one for a falling reduction (D. Giannoulis, M. Massberg, J. Reiss,
/// "Digital dynamic range compressor design", 2012). On a bus both sides have the gain of the louder one. Without a
/// reduction and with a make-up gain of 0 dB the output is the input, bit for bit.
public struct Compressor: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "compressor", "Compressor: lowers the level above a threshold; with side chain.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, key
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, −1 … 1.")
            case .key: .audio("Side chain: signal that controls the gain if `sidechain` is on, −1 … 1.")
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Compressed signal, −1 … 1; more with make-up gain.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case threshold, ratio, knee, attack, release, makeup, sidechain
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .threshold:
                ParamSpec(
                    "Threshold: peak level above which the gain falls.", range: -60...0, default: -20,
                    unit: .decibels
                ).readAtControlTicks()
            case .ratio:
                ParamSpec(
                    "Ratio: change of the input level in dB for 1 dB at the output, above the threshold.",
                    range: 1...20, default: 4, curve: .exponential, smoothing: .logarithmic
                ).readAtControlTicks()
            case .knee:
                ParamSpec(
                    "Knee: range of levels around the threshold in which the ratio sets in.", range: 0...24,
                    default: 6, unit: .decibels
                ).readAtControlTicks()
            case .attack:
                .timeConstant(
                    "Attack: time in which the gain falls by 63 % of its way in dB.", 0.000_1...0.25,
                    default: 0.01)
            case .release:
                .timeConstant(
                    "Release: time in which the gain rises by 63 % of its way in dB, after 10 ms of hold.",
                    0.005...2, default: 0.1)
            case .makeup:
                ParamSpec("Make-up gain.", range: 0...24, default: 0, unit: .decibels).readAtControlTicks()
            case .sidechain:
                .toggle("Side chain: the inlet `key` controls the gain; otherwise the input does.")
            }
        }
    }

    private let sampleRate: Float
    private let isBus: Bool
    private var hold: PeakHold
    private let cells: Buffer<Lanes>
    private var curve = Curve()
    /// Part of the distance that the reduction covers per frame, rising and falling.
    private var attack = Lanes.one
    private var release = Lanes.one
    /// Smoothed reduction in octaves of the amplitude (6.02 dB), 0 or more.
    private var reduction = Lanes.zero
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        isBus = format.isBus
        hold = PeakHold(frames: Int((format.sampleRate * 0.01).rounded(.up)))
        cells = memory.buffer(hold.cellCount, repeating: .zero)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        clock = 0
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        hold.start(lanes)
        reduction.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], level = io.choice(.sidechain) != 0 ? io[.key] : x, output = io[.output]
        if io.clock != clock { skip(io.clock &- clock, io) }
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty { aim(io, segment) }
            if segment.phase == 0 { hold.tick(io[cells]) }
            var curve = curve.ramps(from: segment.phase)
            if isBus {
                segment.forEachEightFrames { first, count in
                    let values = curve.frames(count)
                    let size = level.frames(count, from: first).magnitude
                    let loudest = size.larger(size.sidesExchanged)
                    let held = Lanes.frames(count) { hold.hold(Lanes(stereo: loudest.frame($0))).stereo }
                    let gain = smooth(values.reduction(log2(held)), count, values.makeup)
                    output.set(count, from: first, to: x.frames(count, from: first) * gain)
                }
            } else {
                for n in segment.first..<segment.end {
                    let values = curve.next(), goal = values.reduction(log2(hold.hold(level[n].magnitude)))
                    let part = release.replacing(with: attack, where: goal .> reduction)
                    reduction = reduction.addingProduct(goal - reduction, part)
                    output[n] = x[n] * exp2(values.makeup - reduction)
                }
            }
        }
        clock = io.clock &+ io.frames
    }

    /// The gains of up to eight frames of a bus, for the reductions that the levels ask for.
    @inline(__always) private mutating func smooth(_ goals: Lanes, _ count: Int, _ makeup: Lanes) -> Lanes {
        let attack = attack.stereo, release = release.stereo
        var state = reduction.stereo
        let smoothed = Lanes.frames(count) { frame in
            let goal = goals.frame(frame)
            state += (goal - state) * release.replacing(with: attack, where: goal .> state)
            return state
        }
        reduction = Lanes(stereo: state)
        return exp2(makeup - smoothed)
    }

    /// Reads the parameters at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let n = segment.first, lanes = segment.phase == 0 ? LaneMask.all : started
        curve.aim(
            threshold: io[.threshold][n], ratio: io[.ratio][n], knee: io[.knee][n], makeup: io[.makeup][n],
            lanes, snapping: started)
        attack.replace(with: .onePole(seconds: io[.attack][n], sampleRate), in: lanes)
        release.replace(with: .onePole(seconds: io[.release][n], sampleRate), in: lanes)
        // A reduction without an effect on the gain is 0.
        reduction.replace(with: 0, where: (reduction .< Lanes(repeating: 0x1p-30)) .& lanes.vector)
        started = .none
    }

    /// Lets the reduction fall for `frames` frames of silence in which the module was not run.
    private mutating func skip(_ frames: Int, _ io: ModuleIO<Self>) {
        hold.start(.all)
        let octaves = Lanes(repeating: -1.442_695 * Float(frames) / sampleRate)
        reduction = reduction * exp2(octaves / io[.release][0])
    }
}

/// Gain computer: reduction for a level, both in octaves of the amplitude. Its values move between control ticks.
private struct Curve: BitwiseCopyable {
    /// Level at which the knee begins.
    private var lower = ControlRamp()
    /// Width of the knee.
    private var width = ControlRamp()
    /// Reduction above the knee per octave of level: 1 − 1 / ratio.
    private var slope = ControlRamp()
    /// Reduction in the knee per square octave above its beginning: slope / (2 · width).
    private var bend = ControlRamp()
    private var makeup = ControlRamp()

    @_transparent mutating func aim(
        threshold: Lanes, ratio: Lanes, knee: Lanes, makeup gain: Lanes, _ lanes: LaneMask, snapping: LaneMask
    ) {
        let octaves = Lanes(repeating: 0.166_096_4)
        let range = knee * octaves, rise = Lanes.one - Lanes.one / ratio
        lower.aim(
            at: (threshold * octaves).subtractingProduct(range, Lanes(repeating: 0.5)), lanes,
            snapping: snapping)
        width.aim(at: range, lanes, snapping: snapping)
        slope.aim(at: rise, lanes, snapping: snapping)
        bend.aim(at: rise / (range + range).larger(Lanes(repeating: 0x1p-10)), lanes, snapping: snapping)
        makeup.aim(at: gain * octaves, lanes, snapping: snapping)
    }

    @inline(__always) func ramps(from frame: Int) -> Ramps {
        Ramps(
            isSteady: lower.isSteady && width.isSteady && slope.isSteady && bend.isSteady && makeup.isSteady,
            lower: lower.ramp(from: frame), width: width.ramp(from: frame), slope: slope.ramp(from: frame),
            bend: bend.ramp(from: frame), makeup: makeup.ramp(from: frame))
    }

    /// The gain computer at one frame, or at up to eight frames of a bus.
    struct Values {
        let lower: Lanes
        let width: Lanes
        let slope: Lanes
        let bend: Lanes
        let makeup: Lanes

        /// Reduction for a level.
        @inline(__always) func reduction(_ level: Lanes) -> Lanes {
            let above = level - lower, inside = above.larger(.zero).smaller(width)
            return (inside * inside * bend).addingProduct((above - width).larger(.zero), slope)
        }
    }

    struct Ramps {
        let isSteady: Bool
        var lower: LinearRamp
        var width: LinearRamp
        var slope: LinearRamp
        var bend: LinearRamp
        var makeup: LinearRamp

        /// The values of the next frame.
        @inline(__always) mutating func next() -> Values {
            let values = Values(
                lower: lower.value, width: width.value, slope: slope.value, bend: bend.value,
                makeup: makeup.value)
            if !isSteady {
                lower.advance()
                width.advance()
                slope.advance()
                bend.advance()
                makeup.advance()
            }
            return values
        }

        /// The values of the next frames of a bus, up to eight.
        @inline(__always) mutating func frames(_ count: Int) -> Values {
            if isSteady {
                return Values(
                    lower: .repeating(stereo: lower.value.stereo),
                    width: .repeating(stereo: width.value.stereo),
                    slope: .repeating(stereo: slope.value.stereo),
                    bend: .repeating(stereo: bend.value.stereo),
                    makeup: .repeating(stereo: makeup.value.stereo))
            }
            return Values(
                lower: lower.frames(count), width: width.frames(count), slope: slope.frames(count),
                bend: bend.frames(count), makeup: makeup.frames(count))
        }
    }
}
