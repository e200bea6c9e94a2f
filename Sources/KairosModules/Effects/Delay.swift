public import KairosDSP

/// Echo: delay line with a low-pass and a high-pass filter in the feedback path.
///
/// The first echo is not filtered. While the echoes are frozen, the line repeats its last frames: the gain of the loop
/// is 1, the time a whole number of frames, the filters and the input are out. The shortest time is three frames. In a
/// feedback loop of the patch it is ``SubBlock/longest`` + 2 frames, and the output is the echo alone, without ducking
/// and without a change of sides, because the input of the sub-block is not known yet.
public struct Delay: FeedbackModule {
    /// Type name and description.
    public static let info = ModuleInfo(
        "delay", "Stereo or ping-pong delay with feedback (echo), up to four seconds.")

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
            .audio("Dry and delayed signal, −1 … 1; in a feedback loop the delayed signal only.")
        }
    }

    /// Sides of the echoes, in the order of the words in a patch.
    enum Mode: Int, CaseIterable {
        case stereo, pingpong
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case time, feedback, lowCut, highCut, mode, change, ducking, freeze, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .time:
                ParamSpec(
                    "Delay time.", range: 0...Delay.longestTime, default: 0.375, unit: .seconds,
                    curve: .cubic, smoothing: .none
                ).readAtControlTicks().followsTempo()
            case .feedback:
                ParamSpec(
                    "Feedback: level of each echo relative to the one before.", range: 0...0.98,
                    default: 0.4, unit: .ratio
                ).readAtControlTicks()
            case .lowCut:
                ParamSpec(
                    "Low cut: cutoff frequency of the high-pass filter in the feedback path, 6 dB per octave.",
                    range: 10...2000, default: 10, unit: .hertz, curve: .exponential,
                    smoothing: .logarithmic
                ).readAtControlTicks()
            case .highCut:
                .cutoff(
                    "High cut: cutoff frequency of the low-pass filter in the feedback path, 6 dB per octave.",
                    default: 6000
                ).readAtControlTicks()
            case .mode:
                .choice(
                    "Sides of the echoes: those of the input, or pingpong: left and right in turn, from the sum of both sides. In a voice, which has one side, both are the same.",
                    Mode.allCases.map { "\($0)" })
            case .change:
                .choice(
                    "Change of the delay time: glide like a tape, with the pitch at most an octave off, or fade from the old to the new echoes within 50 ms. Modulation slower than half a second per second is followed.",
                    DelayTime.Jump.allCases.map { "\($0)" })
            case .ducking:
                ParamSpec(
                    "Ducking: fall of the echoes while the peak level of the input is −20 dBFS or more; from −50 dBFS down none.",
                    range: 0...30, default: 0, unit: .decibels
                ).readAtControlTicks()
            case .freeze:
                .toggle("Freeze: the echoes repeat unchanged without end, and no input enters.")
            case .mix:
                ParamSpec(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %; 100 % is delayed signal only.",
                    range: 0...1, default: 0.35, unit: .ratio, time: 0.1
                ).readAtControlTicks()
            }
        }
    }

    /// Longest delay time in seconds.
    static var longestTime: Float { 4 }

    private let sampleRate: Float
    private var line: DelayLine
    private var time: DelayTime
    private var gains = EchoGains()
    private var ducking: EchoDucking
    /// Outputs of the two low-pass filters of the feedback path.
    private var high = Lanes.zero
    private var low = Lanes.zero
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0
    /// True if the module was not run before this frame. The line is silent then, and times and gains are set at once.
    private var isResumed = false
    /// In a feedback loop: the feedback signal and the gain of the input, kept from `read` to `write`.
    private let loop: Buffer<Lanes>

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        let longest = (Delay.longestTime * format.sampleRate).rounded(.up)
        line = DelayLine(longest: Int(longest), format, &memory)
        time = DelayTime(longest: longest, fade: 0.05, sampleRate: format.sampleRate)
        ducking = EchoDucking(sampleRate: format.sampleRate)
        loop = memory.buffer(2 * SubBlock.longest, repeating: .zero)
    }

    /// The longest delay time of any lane, plus one sub-block, in frames.
    public var silenceGap: Int { time.longestNow + SubBlock.longest }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        clock = 0
        isResumed = false
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        line.clear(lanes)
        ducking.start(lanes)
        high.set(lanes, to: 0)
        low.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        if io.clock != clock {
            ducking.skip(io.clock &- clock)
            isResumed = true
        }
        for segment in io.segments {
            aim(io, segment, shortest: 3, isCrossing: Mode(rawValue: io.choice(.mode)) == .pingpong)
            if line.isBus { renderBus(io, segment) } else { renderVoices(io, segment) }
        }
        clock = io.clock &+ io.frames
    }

    private mutating func renderVoices(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let x = io[.input], output = io[.output], rows = line.rows(io, isBus: false)
        var reader = DelayReader(rows, time, segment), ramps = gains.ramps(from: segment.phase)
        for n in segment.first..<segment.end {
            let echo = reader.voices(segment.phase &+ n &- segment.first), values = ramps.values
            rows.append((x[n] * values.input) + fedBack(echo, values))
            output[n] = (x[n] * values.dry).addingProduct(echo, values.wet)
            ducking.follow(x[n])
            ramps.advance()
        }
    }

    private mutating func renderBus(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let x = io[.input], output = io[.output], rows = line.rows(io, isBus: true)
        var reader = DelayReader(rows, time, segment), ramps = gains.ramps(from: segment.phase)
        let isCrossing = gains.isCrossing
        var n = segment.first
        while n < segment.end {
            let count = min(reader.group, segment.end &- n), x = x.frames(count, from: n)
            let echo = reader.frames(count, segment.phase &+ n &- segment.first), values = ramps.frames(count)
            var entering = x, back = fedBack(count, echo, values)
            if isCrossing {
                // The sum of both sides enters the left line, and what leaves a line enters the other one.
                let part = values.crossing, rest = Lanes.one - part
                let left = Lanes(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0) * Lanes(repeating: 0.5)
                entering = (x * rest).addingProduct((x + x.sidesExchanged) * left, part)
                back = (back * rest).addingProduct(back.sidesExchanged, part)
            }
            rows.append(count, of: (entering * values.input) + back)
            output.set(count, from: n, to: (x * values.dry).addingProduct(echo, values.wet))
            ducking.follow(x)
            n &+= count
        }
    }

    /// Fills the outlets before the sub-block's input is known. [audio]
    public mutating func read(_ io: ModuleIO<Self>) {
        if io.clock != clock { isResumed = true }
        let output = io[.output], loop = io[loop], rows = line.rows(io)
        for segment in io.segments {
            aim(io, segment, shortest: Float(SubBlock.longest + 2), isCrossing: false)
            var reader = DelayReader(rows, time, segment, later: segment.first)
            var ramps = gains.ramps(from: segment.phase)
            for n in segment.first..<segment.end {
                let frame = segment.phase &+ n &- segment.first, values = ramps.values
                let echo =
                    line.isBus ? reader.frames(1, frame, later: n) : reader.voices(frame, later: n)
                loop[n] = fedBack(echo, values)
                loop[SubBlock.longest &+ n] = values.input
                output[n] = echo * values.wet
                ramps.advance()
            }
        }
        clock = io.clock &+ io.frames
    }

    /// Stores the input of the sub-block. [audio]
    public mutating func write(_ io: ModuleIO<Self>) {
        let x = io[.input], loop = io[loop], rows = line.rows(io)
        for n in 0..<io.frames { rows.append((x[n] * loop[SubBlock.longest &+ n]) + loop[n]) }
    }

    /// Reads the parameters at a control tick, or for lanes that have started.
    private mutating func aim(
        _ io: ModuleIO<Self>, _ segment: ControlSegment, shortest: Float, isCrossing: Bool
    ) {
        let snapping = isResumed ? LaneMask.all : started
        guard segment.phase == 0 || !snapping.isEmpty else { return }
        let n = segment.first, lanes = segment.phase == 0 ? LaneMask.all : snapping
        let isFrozen = io.choice(.freeze) != 0
        if segment.phase == 0 { ducking.tick(isBus: line.isBus) }
        var frames = io[.time][n] * Lanes(repeating: sampleRate)
        if isFrozen {
            // To the nearest whole frame: no interpolation.
            let magic = Lanes(repeating: 12_582_912)
            frames = frames + magic - magic
        }
        time.aim(
            at: frames, shortest: shortest, DelayTime.Jump(rawValue: io.choice(.change)) ?? .glide, lanes,
            snapping: snapping)
        gains.aim(
            at: EchoGains.Controls(
                highCut: io[.highCut][n], lowCut: io[.lowCut][n], feedback: io[.feedback][n],
                mix: io[.mix][n], ducking: ducking.gain(io[.ducking][n]), isFrozen: isFrozen,
                isCrossing: isCrossing), sampleRate, lanes, snapping: snapping)
        started = .none
        isResumed = false
    }

    /// The echo of a frame, filtered and weighted for the loop.
    @inline(__always) private mutating func fedBack(_ echo: Lanes, _ values: EchoGains.Values) -> Lanes {
        high += (echo - high) * values.high
        low += (high - low) * values.low
        return ((high - low) * values.feedback).addingProduct(echo, values.frozen)
    }

    /// The same for up to eight frames of a bus.
    @inline(__always) private mutating func fedBack(_ count: Int, _ echo: Lanes, _ values: EchoGains.Values)
        -> Lanes
    {
        var high = high.stereo, low = low.stereo
        defer {
            self.high = Lanes(stereo: high)
            self.low = Lanes(stereo: low)
        }
        let filtered = Lanes.frames(count) { frame in
            high += (echo.frame(frame) - high) * values.high.frame(frame)
            low += (high - low) * values.low.frame(frame)
            return high - low
        }
        return (filtered * values.feedback).addingProduct(echo, values.frozen)
    }
}
