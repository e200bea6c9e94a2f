public import KairosDSP

/// Look-ahead limiter for true peaks: ``TruePeakLimiter`` with a gain before it.
///
/// The output is 1.6 ms late, at every setting; nothing compensates that in a parallel path of the patch.
public struct Limiter: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "limiter", "True-peak limiter with 1.5 ms of look-ahead; the output never exceeds the ceiling.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, −1 … 1; more is limited.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Limited signal, −1 … 1, 1.6 ms late.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case gain, ceiling, release
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .gain:
                ParamSpec("Gain before the limiter.", range: 0...24, default: 0, unit: .decibels)
                    .readAtControlTicks()
            case .ceiling:
                ParamSpec(
                    "Ceiling: largest true peak of the output.", range: -24...0, default: -1, unit: .decibels
                ).readAtControlTicks()
            case .release:
                .timeConstant(
                    "Release: time in which the gain rises by 63 % of its way, after 10 ms of hold.",
                    0.01...1,
                    default: 0.1)
            }
        }
    }

    private let sampleRate: Float
    private let isBus: Bool
    private var limiter: TruePeakLimiter
    private let line: Buffer<Float>
    private let cells: Buffer<Lanes>
    private let boxes: Buffer<SIMD16<UInt32>>
    private var gain = ControlRamp()
    private var ceiling = ControlRamp()
    /// Part of the reduction that ends per frame.
    private var decay = Lanes.zero
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        isBus = format.isBus
        limiter = TruePeakLimiter(sampleRate: format.sampleRate, isBus: format.isBus)
        line = memory.buffer(limiter.lineCount, repeating: 0)
        cells = memory.buffer(limiter.cellCount, repeating: .zero)
        boxes = memory.buffer(limiter.boxCount, repeating: SIMD16(repeating: 0))
    }

    /// Frames from the input to the output. [any]
    public var latency: Int { limiter.latency }

    /// The latency: what is in the delay line.
    public var silenceGap: Int { limiter.latency }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        clock = 0
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        limiter.start(lanes)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], output = io[.output]
        let memory = TruePeakLimiter.Memory(line: io[line], cells: io[cells], boxes: io[boxes])
        // After a time in which the module was not run, because all was silent, nothing is to be reduced.
        if io.clock != clock { limiter.start(.all) }
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty { aim(io, segment) }
            if segment.phase == 0 { limiter.tick(memory) }
            var gain = gain.ramp(from: segment.phase), ceiling = ceiling.ramp(from: segment.phase)
            if isBus {
                let decay = Lanes.repeating(stereo: decay.stereo)
                let isSteady = self.gain.isSteady && self.ceiling.isSteady
                let steadyGain = Lanes.repeating(stereo: gain.value.stereo)
                let steadyCeiling = Lanes.repeating(stereo: ceiling.value.stereo)
                segment.forEachEightFrames { first, count in
                    let frames = x.frames(count, from: first) * (isSteady ? steadyGain : gain.frames(count))
                    output.set(
                        count, from: first,
                        to: limiter.limit(
                            frames, count: count, ceiling: isSteady ? steadyCeiling : ceiling.frames(count),
                            decay: decay, memory))
                }
            } else {
                for n in segment.first..<segment.end {
                    output[n] = limiter.limit(
                        x[n] * gain.value, count: 1, ceiling: ceiling.value, decay: decay, memory)
                    gain.advance()
                    ceiling.advance()
                }
            }
        }
        clock = io.clock &+ io.frames
    }

    /// Reads the parameters at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let n = segment.first, lanes = segment.phase == 0 ? LaneMask.all : started
        let octaves = Lanes(repeating: 0.166_096_4)
        gain.aim(at: exp2(io[.gain][n] * octaves), lanes, snapping: started)
        ceiling.aim(at: exp2(io[.ceiling][n] * octaves), lanes, snapping: started)
        decay.replace(with: .onePole(seconds: io[.release][n], sampleRate), in: lanes)
        started = .none
    }
}
