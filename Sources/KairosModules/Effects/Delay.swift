import KairosDSP

/// Echo: a delay line whose output goes back in, darker each time.
///
/// The first echo is as bright as what went in. Alone, the shortest time is two frames. In a cycle of the patch
/// it is ``SubBlock/longest`` + 1, and only the echo comes out: what goes in is not there yet.
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
    private var damping = ControlRamp()
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
        line = DelayLine(frames: Int(most) + SubBlock.longest + 4, format)
        returning = .allocate(capacity: SubBlock.longest)
        returning.initialize(repeating: .zero, count: SubBlock.longest)
    }

    deinit { returning.deallocate() }

    /// The longest time of any lane, in frames.
    public var gap: Int {
        var longest: Float = 2
        for lane in 0..<16 { longest = max(longest, time[lane]) }
        return Int(longest) + SubBlock.longest
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
        let place = Place(io, line, sampleRate: sampleRate, least: 2, most: most)
        for run in io.runs {
            let damping = aimedDamping(run, io[.tone])
            // Each loop knows which it is.
            switch (place.isOne, line.isBus) {
            case (true, true): render(io, run, place, damping, isOne: true, isBus: true)
            case (true, false): render(io, run, place, damping, isOne: true, isBus: false)
            case (false, true): render(io, run, place, damping, isOne: false, isBus: true)
            case (false, false): render(io, run, place, damping, isOne: false, isBus: false)
            }
        }
        time = place.frames(io.frames - 1)
    }

    @_transparent private mutating func render(
        _ io: ModuleIO<Self>, _ run: ControlSegment, _ place: Place, _ line: ControlLine, isOne: Bool,
        isBus: Bool
    ) {
        let x = io[.input], mix = io[.mix], feedback = io[.feedback], output = io[.output]
        let rows = self.line.rows(isBus: isBus)
        var damping = line, damped = damped, n = run.first
        while n < run.end {
            if isOne && isBus && n &+ 8 <= run.end, let echo = place.eight(rows) {
                let x = x.eight(from: n), mix = mix.eight(from: n)
                rows.append(eight: x + damping.damp(eight: echo, &damped) * feedback.eight(from: n))
                output.set(eightFrom: n, to: x * (.one - mix) + echo * mix)
                n &+= 8
                continue
            }
            let echo = place.echo(n, rows, newerBy: 0, isOne: isOne)
            rows.append(x[n] + damping.damp(echo, &damped) * feedback[n])
            output[n] = x[n] * (.one - mix[n]) + echo * mix[n]
            n &+= 1
        }
        self.damped = damped
    }

    public mutating func read(_ io: ModuleIO<Self>) {
        let mix = io[.mix], feedback = io[.feedback], output = io[.output]
        let place = Place(io, line, sampleRate: sampleRate, least: Float(SubBlock.longest + 1), most: most)
        let rows = line.rows(isBus: line.isBus)
        for run in io.runs {
            var damping = aimedDamping(run, io[.tone])
            for n in run.first..<run.end {
                let echo = place.echo(n, rows, newerBy: n, isOne: place.isOne)
                returning[n] = damping.damp(echo, &damped) * feedback[n]
                output[n] = echo * mix[n]
            }
        }
        time = place.frames(io.frames - 1)
    }

    public mutating func write(_ io: ModuleIO<Self>) {
        let x = io[.input], rows = line.rows(isBus: line.isBus)
        for n in 0..<io.frames { rows.append(x[n] + returning[n]) }
    }

    private mutating func aimedDamping(_ run: ControlSegment, _ tone: Signal) -> ControlLine {
        if run.phase == 0 || !started.isEmpty {
            // One pole: 1 − e^(−2π · tone / sampleRate), e^x being 2^(x · 1.4427).
            let octaves = tone[run.first] * Lanes(repeating: -9.064_72 / sampleRate)
            damping.aim(at: .one - exp2(octaves), run.phase == 0 ? .all : started, snapping: started)
            started = .none
        }
        return damping.line(from: run.phase)
    }
}

extension ControlLine {
    /// One frame through a pole whose coefficient it is.
    @inline(__always) fileprivate mutating func damp(_ value: Lanes, _ state: inout Lanes) -> Lanes {
        state += (value - state) * self.value
        advance()
        return state
    }

    /// Eight frames of a bus through it.
    @inline(__always) fileprivate mutating func damp(eight values: Lanes, _ state: inout Lanes) -> Lanes {
        var sides = state.sides
        defer { state = Lanes(sides: sides) }
        return .eight { frame in
            sides += (values.frame(frame) - sides) * value.sides
            advance()
            return sides
        }
    }
}

/// Where in the line an echo is heard, through one piece.
private struct Place {
    private let time: Signal
    private let sampleRate: Float
    private let least: Float
    private let most: Float
    /// That of the first frame.
    private let first: DelayTap
    /// Whether it is that of all lanes through the piece, and each reaches it.
    let isOne: Bool

    @inline(__always) init(
        _ io: ModuleIO<Delay>, _ line: borrowing DelayLine, sampleRate: Float, least: Float, most: Float
    ) {
        time = io[.time]
        self.sampleRate = sampleRate
        self.least = least
        self.most = most
        let start = time[0]
        first = DelayTap(start * Lanes(repeating: sampleRate), least: least, most: most)
        isOne =
            time.isSteady && !(start .!= Lanes(repeating: start[0])).any
            && line.rows(isBus: line.isBus).reach(first.oldest)
    }

    @inline(__always) func frames(_ n: Int) -> Lanes { time[n] * Lanes(repeating: sampleRate) }

    /// What is heard on the next eight frames of a bus, if it is one place; nil where they are not to be had at once.
    @inline(__always) func eight(_ rows: DelayLine.Rows) -> Lanes? { first.eight(rows) }

    /// What is heard on frame `n`; `offset` frames have not been written yet.
    @_transparent
    func echo(_ n: Int, _ rows: DelayLine.Rows, newerBy offset: Int, isOne: Bool) -> Lanes {
        isOne
            ? first.together(rows, newerBy: offset)
            : DelayTap(frames(n), least: least, most: most).apart(rows, newerBy: offset)
    }
}
