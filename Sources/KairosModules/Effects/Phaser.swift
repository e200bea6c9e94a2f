public import KairosDSP

/// Phaser: a chain of equal first-order allpass filters, whose sum with the input has notches (J. Smith, "An allpass
/// approach to digital phasing and flanging", 1984).
///
/// With N stages at the frequency f the notches are at f · tan((2k + 1)π / 2N): for four stages at 0.41 f and 2.41 f. The
/// frequency moves as a triangle in octaves. The feedback is solved without a delay of one frame, so that its peaks lie
/// half way between the notches at every sample rate.
public struct Phaser: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "phaser", "Phaser: 4 to 12 allpass stages, whose notches sweep.", widens: true)

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
            .audio("Stereo signal, −1 … 1; up to 6 dB more between the notches, with full feedback 26 dB.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, depth, frequency, stages, feedback, width, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate: .modulatorRate("Rate: sweeps up and down per second.", default: 0.3)
            case .depth:
                .ratio("Depth: 100 % moves the notches by two octaves each way.", default: 0.6)
                    .readAtControlTicks()
            case .frequency:
                ParamSpec(
                    "Frequency of the stages in the middle of the sweep.", range: 50...5000, default: 400,
                    unit: .hertz, curve: .exponential, smoothing: .logarithmic, time: 0.1
                ).readAtControlTicks()
            case .stages:
                ParamSpec(
                    "Number of allpass stages; two make one notch.", kind: .int, range: 4...12, default: 6)
            case .feedback:
                ParamSpec(
                    "Feedback of the last stage; positive values raise the peaks between the notches.",
                    range: -0.95...0.95, default: 0.3, unit: .ratio, centre: 0
                ).readAtControlTicks()
            case .width:
                .ratio(
                    "Stereo width: the right side moves later, at 100 % by a quarter of a cycle.", default: 1
                ).readAtControlTicks()
            case .mix:
                .mix(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %, where the notches are deepest; "
                        + "100 % is the filtered signal only.", default: 0.5
                ).readAtControlTicks()
            }
        }
    }

    private let sampleRate: Float
    private let side: Lanes
    private var phase: FreePhase
    /// Coefficient of the stages.
    private var coefficient = ControlRamp()
    private var feedback = ControlRamp()
    private var dry = ControlRamp()
    private var wet = ControlRamp()
    /// States of the stages.
    private var states: AllpassChain
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        sampleRate = format.sampleRate
        side = format.side
        phase = FreePhase(format)
        states = AllpassChain()
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        phase.reset()
        start(.all, seeds: SIMD16(repeating: 0))
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        phase.start(lanes)
        states.clear(lanes)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let stages = Int(io.latched(.stages))
        states.use(stages)
        for segment in io.segments {
            aim(io, segment)
            // Without feedback the chain begins with the input itself.
            let hasFeedback = !feedback.isSteady || (feedback.target .!= Lanes.zero).any
            if hasFeedback {
                render(io, segment, stages, hasFeedback: true)
            } else {
                render(io, segment, stages, hasFeedback: false)
            }
        }
    }

    @inline(__always) private mutating func render(
        _ io: ModuleIO<Self>, _ segment: ControlSegment, _ stages: Int, hasFeedback: Bool
    ) {
        let input = io[.input], output = io[.output]
        var a = coefficient.ramp(from: segment.phase), k = feedback.ramp(from: segment.phase)
        var dry = dry.ramp(from: segment.phase), wet = wet.ramp(from: segment.phase)
        states.withStates { states in
            for n in segment.first..<segment.end {
                var x = input[n] + .zero
                if hasFeedback {
                    var sum = Lanes.zero, power = Lanes.one
                    for stage in 0..<stages {
                        sum = states[stage].addingProduct(a.value, sum)
                        power *= a.value
                    }
                    x = x.addingProduct(k.value, sum) / Lanes.one.subtractingProduct(k.value, power)
                }
                for stage in 0..<stages {
                    let y = states[stage].addingProduct(a.value, x)
                    states[stage] = x.subtractingProduct(a.value, y)
                    x = y
                }
                output[n] = (input[n] * dry.value).addingProduct(x, wet.value)
                a.advance()
                k.advance()
                dry.advance()
                wet.advance()
            }
        }
    }

    /// Reads the parameters at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let n = segment.first, rate = io[.rate][n], scale = Lanes(repeating: 1 / sampleRate)
        let frequency = io[.frequency][n], octaves = io[.depth][n] * Lanes(repeating: 2)
        let later = phaseOffset(turns: side * io[.width][n] * Lanes(repeating: 0.125))
        phase.begin(segment, clock: io.clock &+ n, rate: rate, &coefficient) { phase in
            let move = ModulatorShape.triangle.value(phase &- later, rate: rate)
            let hertz = (frequency * exp2(octaves * move)).smaller(Lanes(repeating: 16_000))
            let s = sine(halfTurns: hertz * scale), c = cosine(halfTurns: hertz * scale)
            return (s - c) / (s + c)
        }
        guard segment.phase == 0 || !started.isEmpty else { return }
        let lanes = segment.phase == 0 ? LaneMask.all : started, mix = io[.mix][n]
        let half = (mix + mix).smaller(.one)
        feedback.aim(at: io[.feedback][n], lanes, snapping: started)
        dry.aim(at: (Lanes(repeating: 2) - (mix + mix)).smaller(.one), lanes, snapping: started)
        wet.aim(at: half * half, lanes, snapping: started)
        started = .none
    }
}
