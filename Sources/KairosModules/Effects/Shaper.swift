public import KairosDSP

/// Waveshaper with odd transfer curves: a signal without DC offset stays without one.
///
/// Each output is the mean of the curve over the straight line from the last input to the current one
/// (antiderivative antialiasing), which removes most of the aliases (J. Parker, V. Zavalishin, E. Le Bivic,
/// "Reducing the aliasing of nonlinear waveshaping using continuous-time convolution", 2016). The means are
/// written so that no difference of large numbers is divided by a small one. The cost is half a frame of
/// delay and a loss of 2 dB at 10 kHz with a sample rate of 48 kHz.
public struct Shaper: Module {
    /// Type name and description.
    public static let info = ModuleInfo("shaper", "Waveshaper (distortion) with antialiasing.")

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
        public var info: OutletInfo { .audio("Distorted signal, −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case curve, drive
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .curve:
                .choice(
                    "Transfer curve: soft (saturation), hard (clipping at ±1), fold (wavefolder).",
                    ["soft", "hard", "fold"])
            case .drive:
                ParamSpec("Drive: gain before the curve.", range: 0...48, default: 0, unit: .decibels)
            }
        }
    }

    /// Last input times the drive.
    private var last = Lanes.zero
    private var drive = ControlRamp()
    private var started = LaneMask.all
    private let isBus: Bool

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { isBus = format.isBus }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        last.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], decibels = io[.drive], output = io[.output], curve = io.choice(.curve)
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty {
                let amplitude = exp2(decibels[segment.first] * Lanes(repeating: 0.166_096_4))
                drive.aim(at: amplitude, segment.phase == 0 ? .all : started, snapping: started)
                started = .none
            }
            // The flags are constants after inlining: each case compiles to its own loop.
            switch (curve, isBus) {
            case (0, false):
                // The root at the end of a frame is the root at the beginning of the next one.
                var fromRoot = root(last)
                render(segment.first..<segment.end, drive.ramp(from: segment.phase), x, output) { from, to in
                    let toRoot = root(to)
                    defer { fromRoot = toRoot }
                    return soft(from, to, fromRoot, toRoot)
                }
            case (0, true): renderBus(segment, x, output) { soft($0, $1, root($0), root($1)) }
            case (1, false):
                render(segment.first..<segment.end, drive.ramp(from: segment.phase), x, output, hard)
            case (1, true): renderBus(segment, x, output, hard)
            case (_, false):
                render(segment.first..<segment.end, drive.ramp(from: segment.phase), x, output, fold)
            case (_, true): renderBus(segment, x, output, fold)
            }
        }
    }

    /// Mean of the curve from each frame to the next.
    @inline(__always) private mutating func render(
        _ frames: Range<Int>, _ ramp: LinearRamp, _ x: Signal, _ output: Output,
        _ mean: (_ from: Lanes, _ to: Lanes) -> Lanes
    ) {
        var drive = ramp, last = last
        for n in frames {
            let driven = limited(x[n] * drive.value)
            output[n] = mean(last, driven)
            last = driven
            drive.advance()
        }
        self.last = last
    }

    /// Like ``render(_:_:_:_:_:)`` on a bus: eight frames at once while there are as many.
    @inline(__always) private mutating func renderBus(
        _ segment: ControlSegment, _ x: Signal, _ output: Output,
        _ mean: (_ from: Lanes, _ to: Lanes) -> Lanes
    ) {
        var drive = drive.ramp(from: segment.phase), n = segment.first, last = last.stereo
        while n &+ 8 <= segment.end {
            let driven = limited(x.eightFrames(from: n) * drive.eightFrames())
            output.set(eightFramesFrom: n, to: mean(driven.delayed(after: last), driven))
            last = driven.frame(7)
            n &+= 8
        }
        self.last = Lanes(stereo: last)
        render(n..<segment.end, drive, x, output, mean)
    }
}

/// `x` clamped to ±10⁶, beyond which the curves do not change.
@inline(__always) private func limited(_ x: Lanes) -> Lanes { x.clamped(-1_000_000, 1_000_000) }

@inline(__always) private func root(_ x: Lanes) -> Lanes { Lanes.one.addingProduct(x, x).roots }

/// Mean of x/√(1 + x²) from a to b: the difference of its antiderivative √(1 + x²) over b − a, rationalized.
@inline(__always) private func soft(_ a: Lanes, _ b: Lanes, _ rootA: Lanes, _ rootB: Lanes) -> Lanes {
    (a + b) / (rootA + rootB)
}

/// Mean of x clipped at ±1, from a to b. The antiderivative is c²/2 + |x − c|, c being x clipped.
@inline(__always) private func hard(_ a: Lanes, _ b: Lanes) -> Lanes {
    let from = a.clamped(-1, 1), to = b.clamped(-1, 1), difference = b - a
    let integral =
        (to - from) * (to + from) * Lanes(repeating: 0.5) + ((b - to).magnitude - (a - from).magnitude)
    let isZero = difference .== Lanes.zero
    return (integral / difference.replacing(with: 1, where: isZero)).replacing(with: to, where: isZero)
}

/// Mean of sin(π/2 · x) from a to b: the sine at the midpoint times sin(d)/d, with d = half the difference
/// times π/2.
@inline(__always) private func fold(_ a: Lanes, _ b: Lanes) -> Lanes {
    let quarter = Lanes(repeating: 0.25), half = Lanes(repeating: 0.5)
    let halfDifference = (b - a) * half * quarter
    let middle = sine(phase: phaseOffset(turns: (a + b) * half * quarter))
    let isShort = halfDifference.magnitude .< Lanes(repeating: 0x1p-12)
    let radians = halfDifference * Lanes(repeating: 2 * .pi)
    let spread = sine(phase: phaseOffset(turns: halfDifference)) / radians.replacing(with: 1, where: isShort)
    return middle * spread.replacing(with: 1, where: isShort)
}
