import KairosDSP

/// Distortion by a curve through 0, the same up and down: what has no mean keeps none.
///
/// Each output is the curve's mean over the straight line from the last input to this one, which takes away
/// most of the aliases (J. Parker, V. Zavalishin, E. Le Bivic, "Reducing the aliasing of nonlinear waveshaping
/// using continuous-time convolution", 2016). The means are written so that no difference of large numbers is
/// divided by a small one. The price is half a frame of delay and 2 dB at 10 kHz of 48.
public struct Shaper: Module {
    public static let info = ModuleInfo("shaper", "Distortion: bends a sound by a curve.")

    public enum Inlet: Int, InletKey {
        case input
        public var info: InletInfo { .audio("What is bent.") }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The result, never beyond −1 … 1.") }
    }

    public enum Param: Int, ParamKey {
        case curve, drive
        public var spec: ParamSpec {
            switch self {
            case .curve:
                .choice(
                    "soft: like a tape; hard: cut off at ±1; fold: what goes over comes back.",
                    ["soft", "hard", "fold"])
            case .drive: ParamSpec("Gain ahead of the curve.", range: 0...48, default: 0, unit: .decibels)
            }
        }
    }

    /// The last input, driven.
    private var last = Lanes.zero
    private var drive = ControlRamp()
    private var started = LaneMask.all
    private let isBus: Bool

    public init(_ format: Format) { isBus = format.isBus }
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        last.set(lanes, to: 0)
        started = started | lanes
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], decibels = io[.drive], output = io[.output], curve = io.choice(.curve)
        for run in io.runs {
            if run.phase == 0 || !started.isEmpty {
                let amplitude = exp2(decibels[run.first] * Lanes(repeating: 0.166_096_4))
                drive.aim(at: amplitude, run.phase == 0 ? .all : started, snapping: started)
                started = .none
            }
            // Each loop knows which it is.
            switch (curve, isBus) {
            case (0, false):
                // The root at the end of one frame is that at the beginning of the next.
                var fromRoot = root(last)
                render(run.first..<run.end, drive.line(from: run.phase), x, output) { from, to in
                    let toRoot = root(to)
                    defer { fromRoot = toRoot }
                    return soft(from, to, fromRoot, toRoot)
                }
            case (0, true): renderBus(run, x, output) { soft($0, $1, root($0), root($1)) }
            case (1, false): render(run.first..<run.end, drive.line(from: run.phase), x, output, hard)
            case (1, true): renderBus(run, x, output, hard)
            case (_, false): render(run.first..<run.end, drive.line(from: run.phase), x, output, fold)
            case (_, true): renderBus(run, x, output, fold)
            }
        }
    }

    /// The mean of a curve from each frame to the next.
    @inline(__always) private mutating func render(
        _ frames: Range<Int>, _ line: ControlLine, _ x: Signal, _ output: Output,
        _ mean: (_ from: Lanes, _ to: Lanes) -> Lanes
    ) {
        var drive = line, last = last
        for n in frames {
            let driven = limited(x[n] * drive.value)
            output[n] = mean(last, driven)
            last = driven
            drive.advance()
        }
        self.last = last
    }

    /// The same on a bus: eight frames at once while there are as many.
    @inline(__always) private mutating func renderBus(
        _ run: ControlSegment, _ x: Signal, _ output: Output, _ mean: (_ from: Lanes, _ to: Lanes) -> Lanes
    ) {
        var drive = drive.line(from: run.phase), n = run.first, last = last.sides
        while n &+ 8 <= run.end {
            let driven = limited(x.eight(from: n) * drive.eight())
            output.set(eightFrom: n, to: mean(driven.later(after: last), driven))
            last = driven.frame(7)
            n &+= 8
        }
        self.last = Lanes(sides: last)
        render(n..<run.end, drive, x, output, mean)
    }
}

/// Beyond 10⁶ nothing new happens.
@inline(__always) private func limited(_ x: Lanes) -> Lanes { x.clamped(-1_000_000, 1_000_000) }

@inline(__always) private func root(_ x: Lanes) -> Lanes { Lanes.one.addingProduct(x, x).roots }

/// The mean of x/√(1 + x²) from a to b: the difference of its integral √(1 + x²) over b − a, made rational.
@inline(__always) private func soft(_ a: Lanes, _ b: Lanes, _ rootA: Lanes, _ rootB: Lanes) -> Lanes {
    (a + b) / (rootA + rootB)
}

/// The mean of x cut off at ±1 from a to b. Its integral is c²/2 + |x − c|, c being x cut off.
@inline(__always) private func hard(_ a: Lanes, _ b: Lanes) -> Lanes {
    let from = a.clamped(-1, 1), to = b.clamped(-1, 1), way = b - a
    let integral =
        (to - from) * (to + from) * Lanes(repeating: 0.5) + ((b - to).magnitude - (a - from).magnitude)
    let isStill = way .== Lanes.zero
    return (integral / way.replacing(with: 1, where: isStill)).replacing(with: to, where: isStill)
}

/// The mean of sin(π/2 · x) from a to b: the sine half-way times sin(d)/d, d being half the way.
@inline(__always) private func fold(_ a: Lanes, _ b: Lanes) -> Lanes {
    let quarter = Lanes(repeating: 0.25), half = Lanes(repeating: 0.5)
    let halfWay = (b - a) * half * quarter
    let middle = sine(phase: phaseOffset(turns: (a + b) * half * quarter))
    let isShort = halfWay.magnitude .< Lanes(repeating: 0x1p-12)
    let radians = halfWay * Lanes(repeating: 2 * .pi)
    let spread = sine(phase: phaseOffset(turns: halfWay)) / radians.replacing(with: 1, where: isShort)
    return middle * spread.replacing(with: 1, where: isShort)
}
