import KairosDSP

/// Echo: a delay line whose output goes back in, darker each time.
///
/// The first echo is as bright as what went in. Alone, the shortest time is two frames. In a cycle of the patch
/// it is ``Piece/longest`` + 1, and only the echo comes out: what goes in is not there yet.
public struct Delay: FeedbackModule, ~Copyable {
    public static let info = ModuleInfo("delay", "Echo, from a comb of two frames to four seconds.")

    public enum Inlet: Int, InletKey {
        case input
        public var info: InletInfo { .audio("What is repeated.") }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The input and its echoes; in a cycle the echoes alone.") }
    }

    public enum Param: Int, ParamKey {
        case time, feedback, tone, mix
        public var spec: ParamSpec {
            switch self {
            case .time:
                ParamSpec(
                    "From a sound to its echo.", range: 0...Delay.longestTime, default: 0.375, unit: .seconds,
                    curve: .cubic, time: 0.1)
            case .feedback:
                ParamSpec("How much of an echo is echoed again.", range: 0...0.98, default: 0.4, unit: .ratio)
            case .tone: .cutoff("What is above it fades with each further echo.", default: 6000)
            case .mix: .mix("How much of the output is echo.", default: 0.35)
            }
        }
    }

    static var longestTime: Float { 4 }

    private let sampleRate: Float
    private let most: Float
    private var line: DelayLine
    /// The damping of what goes back: its coefficient and its state.
    private var damping = GridRamp()
    private var damped = Lanes.zero
    private var started = LaneMask.all
    /// The latest time, in frames.
    private var time = Lanes.zero
    /// In a cycle: what goes back, from `read` to `write`.
    private let returning: UnsafeMutablePointer<Lanes>

    public init(_ format: Format) {
        sampleRate = format.sampleRate
        most = (Delay.longestTime * format.sampleRate).rounded(.up)
        // The neighbours of the oldest frame, and a piece that a cycle writes late.
        line = DelayLine(frames: Int(most) + Piece.longest + 4, lanes: format.lanes)
        returning = .allocate(capacity: Piece.longest)
        returning.initialize(repeating: .zero, count: Piece.longest)
    }

    deinit { returning.deallocate() }

    /// The longest time of any lane, in frames.
    public var gap: Int {
        var longest: Float = 2
        for lane in 0..<16 { longest = max(longest, time[lane]) }
        return Int(longest) + Piece.longest
    }

    public var memory: Int { line.memory }

    public mutating func reset() {
        start(.all, seeds: SIMD16(repeating: 0))
        time = .zero
    }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        line.forget(lanes)
        damped.set(lanes, to: 0)
        started = started | lanes
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], mix = io[.mix], feedback = io[.feedback], output = io[.output]
        let heard = Heard(io, sampleRate: sampleRate)
        for run in io.runs {
            aimDamping(run, io[.tone])
            for n in run.first..<run.end {
                let echo = heard.echo(n, line, least: 2, most: most, newerBy: 0)
                line.append(x[n] + damp(echo, run.phase + n - run.first) * feedback[n])
                output[n] = x[n] * (.one - mix[n]) + echo * mix[n]
            }
        }
        time = heard.frames(io.frames - 1)
    }

    public mutating func read(_ io: ModuleIO<Self>) {
        let mix = io[.mix], feedback = io[.feedback], output = io[.output]
        let heard = Heard(io, sampleRate: sampleRate)
        for run in io.runs {
            aimDamping(run, io[.tone])
            for n in run.first..<run.end {
                let echo = heard.echo(n, line, least: Float(Piece.longest + 1), most: most, newerBy: n)
                returning[n] = damp(echo, run.phase + n - run.first) * feedback[n]
                output[n] = echo * mix[n]
            }
        }
        time = heard.frames(io.frames - 1)
    }

    public mutating func write(_ io: ModuleIO<Self>) {
        let x = io[.input]
        for n in 0..<io.frames { line.append(x[n] + returning[n]) }
    }

    private mutating func aimDamping(_ run: GridRun, _ tone: Signal) {
        guard run.phase == 0 || !started.isEmpty else { return }
        // One pole: 1 − e^(−2π · tone / sampleRate), e^x being 2^(x · 1.4427).
        let octaves = tone[run.first] * Lanes(repeating: -9.064_72 / sampleRate)
        damping.aim(at: .one - exp2(octaves), run.phase == 0 ? .all : started, snapping: started)
        started = .none
    }

    @inline(always) private mutating func damp(_ echo: Lanes, _ frame: Int) -> Lanes {
        damped += (echo - damped) * damping.value(frame)
        return damped
    }
}

/// Where in the line an echo is heard, through one piece.
private struct Heard {
    private let time: Signal
    private let sampleRate: Float
    /// Whether all lanes hear one place that stays.
    private let isOne: Bool

    @inline(always) init(_ io: ModuleIO<Delay>, sampleRate: Float) {
        time = io[.time]
        self.sampleRate = sampleRate
        let first = time[0]
        isOne = time.isSteady && !(first .!= Lanes(repeating: first[0])).any
    }

    @inline(always) func frames(_ n: Int) -> Lanes { time[n] * Lanes(repeating: sampleRate) }

    @inline(always)
    func echo(_ n: Int, _ line: borrowing DelayLine, least: Float, most: Float, newerBy offset: Int) -> Lanes
    {
        let tap = DelayTap(frames(n), least: least, most: most)
        return isOne ? tap.together(line, newerBy: offset) : tap.apart(line, newerBy: offset)
    }
}
