public import KairosDSP

/// Echo: delay line with a low-pass filter in the feedback path.
///
/// The first echo is not filtered. The shortest time is two frames; in a feedback loop of the patch it is
/// ``SubBlock/longest`` + 1 frames, and the output is the echo alone, because the input of the sub-block is
/// not known yet.
public struct Delay: FeedbackModule {
    /// Type name and description.
    public static let info = ModuleInfo(
        "delay", "Delay with feedback (echo), up to four seconds.")

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

    /// Parameters.
    public enum Param: Int, ParamKey {
        case time, feedback, tone, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .time:
                ParamSpec(
                    "Delay time.", range: 0...Delay.longestTime, default: 0.375, unit: .seconds,
                    curve: .cubic, time: 0.1
                ).followsTempo()
            case .feedback:
                ParamSpec(
                    "Feedback: level of each echo relative to the one before.", range: 0...0.98,
                    default: 0.4, unit: .ratio)
            case .tone:
                .cutoff("Cutoff frequency of the low-pass filter in the feedback path.", default: 6000)
            case .mix: .mix("Dry/wet mix; 0 % is dry, 100 % is delayed signal only.", default: 0.35)
            }
        }
    }

    /// Longest delay time in seconds.
    static var longestTime: Float { 4 }

    private let sampleRate: Float
    /// Longest delay time in frames.
    private let maximum: Float
    private var line: DelayLine
    /// Low-pass filter of the feedback path: coefficient and state.
    private var damping = ControlRamp()
    private var dampingState = Lanes.zero
    private var started = LaneMask.all
    /// Delay time of the last frame, in frames.
    private var time = Lanes.zero
    /// In a feedback loop: the feedback signal of a sub-block, kept from `read` to `write`.
    private let feedbackBuffer: Buffer<Lanes>

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        maximum = (Delay.longestTime * format.sampleRate).rounded(.up)
        // Room for the frames next to the oldest one, and for a sub-block that a feedback loop writes later.
        line = DelayLine(frames: Int(maximum) + SubBlock.longest + 4, format, &memory)
        feedbackBuffer = memory.buffer(SubBlock.longest, repeating: .zero)
    }

    /// The longest delay time of any lane, plus one sub-block, in frames.
    public var silenceGap: Int {
        var longest: Float = 2
        for lane in 0..<16 { longest = max(longest, time[lane]) }
        return Int(longest) + SubBlock.longest
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        time = .zero
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        line.clear(lanes)
        dampingState.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let rows = line.rows(io)
        let tap = EchoTap(io, rows, sampleRate: sampleRate, minimum: 2, maximum: maximum)
        for segment in io.segments {
            let damping = updateDamping(segment, io[.tone])
            // The flags are constants after inlining: each case compiles to its own loop.
            switch (tap.isUniform, line.isBus) {
            case (true, true): render(io, segment, tap, damping, isUniform: true, isBus: true)
            case (true, false): render(io, segment, tap, damping, isUniform: true, isBus: false)
            case (false, true): render(io, segment, tap, damping, isUniform: false, isBus: true)
            case (false, false): render(io, segment, tap, damping, isUniform: false, isBus: false)
            }
        }
        time = tap.frames(io.frames - 1)
    }

    @_transparent private mutating func render(
        _ io: ModuleIO<Self>, _ segment: ControlSegment, _ tap: EchoTap, _ dampingRamp: LinearRamp,
        isUniform: Bool,
        isBus: Bool
    ) {
        let x = io[.input], mix = io[.mix], feedback = io[.feedback], output = io[.output]
        let rows = line.rows(io, isBus: isBus)
        var damping = dampingRamp, dampingState = dampingState, n = segment.first
        while n < segment.end {
            if isUniform && isBus && n &+ 8 <= segment.end, let echo = tap.eightFrames(rows) {
                let x = x.eightFrames(from: n), mix = mix.eightFrames(from: n)
                rows.append(
                    eightFrames: x + damping.damp(eightFrames: echo, &dampingState)
                        * feedback.eightFrames(from: n))
                output.set(eightFramesFrom: n, to: x * (.one - mix) + echo * mix)
                n &+= 8
                continue
            }
            let echo = tap.echo(n, rows, newerBy: 0, isUniform: isUniform)
            rows.append(x[n] + damping.damp(echo, &dampingState) * feedback[n])
            output[n] = x[n] * (.one - mix[n]) + echo * mix[n]
            n &+= 1
        }
        self.dampingState = dampingState
    }

    /// Fills the outlets before the sub-block's input is known. [audio]
    public mutating func read(_ io: ModuleIO<Self>) {
        let mix = io[.mix], feedback = io[.feedback], output = io[.output]
        let feedbackBuffer = io[feedbackBuffer], rows = line.rows(io)
        let tap = EchoTap(
            io, rows, sampleRate: sampleRate, minimum: Float(SubBlock.longest + 1), maximum: maximum)
        for segment in io.segments {
            var damping = updateDamping(segment, io[.tone])
            for n in segment.first..<segment.end {
                let echo = tap.echo(n, rows, newerBy: n, isUniform: tap.isUniform)
                feedbackBuffer[n] = damping.damp(echo, &dampingState) * feedback[n]
                output[n] = echo * mix[n]
            }
        }
        time = tap.frames(io.frames - 1)
    }

    /// Stores the input of the sub-block. [audio]
    public mutating func write(_ io: ModuleIO<Self>) {
        let x = io[.input], feedbackBuffer = io[feedbackBuffer], rows = line.rows(io)
        for n in 0..<io.frames { rows.append(x[n] + feedbackBuffer[n]) }
    }

    /// Updates the damping coefficient at control ticks and note starts, for a cutoff frequency `tone` in Hz.
    private mutating func updateDamping(_ segment: ControlSegment, _ tone: Signal) -> LinearRamp {
        if segment.phase == 0 || !started.isEmpty {
            // One-pole filter: coefficient 1 − e^(−2π · tone / sampleRate), with e^x = 2^(x · 1.4427).
            let octaves = tone[segment.first] * Lanes(repeating: -9.064_72 / sampleRate)
            damping.aim(at: .one - exp2(octaves), segment.phase == 0 ? .all : started, snapping: started)
            started = .none
        }
        return damping.ramp(from: segment.phase)
    }
}

extension LinearRamp {
    /// Filters one frame; the coefficient is the ramp's value.
    @inline(__always) fileprivate mutating func damp(_ value: Lanes, _ state: inout Lanes) -> Lanes {
        state += (value - state) * self.value
        advance()
        return state
    }

    /// Filters eight frames of a bus.
    @inline(__always) fileprivate mutating func damp(eightFrames values: Lanes, _ state: inout Lanes) -> Lanes
    {
        var stereo = state.stereo
        defer { state = Lanes(stereo: stereo) }
        return .eightFrames { frame in
            stereo += (values.frame(frame) - stereo) * value.stereo
            advance()
            return stereo
        }
    }
}

/// Read position of the echo during one sub-block.
private struct EchoTap {
    private let time: Signal
    private let sampleRate: Float
    private let minimum: Float
    private let maximum: Float
    /// Read position of the first frame.
    private let first: DelayTap
    /// True if the read position is the same in all lanes and frames, and every lane has frames that old.
    let isUniform: Bool

    @inline(__always) init(
        _ io: ModuleIO<Delay>, _ rows: DelayLine.Rows, sampleRate: Float, minimum: Float, maximum: Float
    ) {
        time = io[.time]
        self.sampleRate = sampleRate
        self.minimum = minimum
        self.maximum = maximum
        let start = time[0]
        first = DelayTap(start * Lanes(repeating: sampleRate), minimum: minimum, maximum: maximum)
        isUniform =
            time.isSteady && !(start .!= Lanes(repeating: start[0])).any
            && rows.hasFrames(age: first.oldest)
    }

    /// Delay time at frame `n`, in frames.
    @inline(__always) func frames(_ n: Int) -> Lanes { time[n] * Lanes(repeating: sampleRate) }

    /// The echo of the next eight frames of a bus, if the read position is uniform; nil if they cannot be
    /// read at once.
    @inline(__always) func eightFrames(_ rows: DelayLine.Rows) -> Lanes? { first.eightFrames(rows) }

    /// The echo of frame `n`. `offset` is the number of frames of this sub-block that are not written yet.
    @_transparent
    func echo(_ n: Int, _ rows: DelayLine.Rows, newerBy offset: Int, isUniform: Bool) -> Lanes {
        isUniform
            ? first.readUniform(rows, newerBy: offset)
            : DelayTap(frames(n), minimum: minimum, maximum: maximum).readPerLane(rows, newerBy: offset)
    }
}
