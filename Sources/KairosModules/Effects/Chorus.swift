public import KairosDSP

/// Chorus: three voices whose delays move with phases 120° apart, in quadrature on both sides (J. Dattorro, "Effect
/// design, part 2: delay-line modulation and chorus", 1997).
///
/// The depth is the largest detuning, which a change of the rate does not change: the delay moves by
/// (2^(cents / 1200) − 1) / (2π · rate) seconds each way for a sine, and with 4 in place of 2π for a triangle. Slow
/// movements reach the end of the delay before: it moves by at most the mean delay less 1 ms.
public struct Chorus: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "chorus", "Chorus: three delayed voices whose pitch moves, in stereo.", widens: true, runsOnce: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, mono or stereo, −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Stereo signal, −1 … 1; up to 9 dB more where voices agree.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, depth, delay, shape, width, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate: .modulatorRate("Rate: movements of the pitch up and down per second.", default: 0.6)
            case .depth:
                ParamSpec(
                    "Depth: largest detuning of a voice; less where a slow movement reaches the end of the delay.",
                    range: 0...1, default: 0.1, unit: .semitones
                ).readAtControlTicks()
            case .delay:
                ParamSpec(
                    "Mean delay of the voices.", range: 0.004...0.03, default: 0.012, unit: .seconds
                ).readAtControlTicks()
            case .shape: .choice("Waveform of the movement.", ["sine", "triangle"])
            case .width: .effectWidth("Stereo width of the voices; 0 % is mono.")
            case .mix:
                .mix(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %; 100 % is the voices only.",
                    default: 0.5
                ).readAtControlTicks()
            }
        }
    }

    private let sampleRate: Float
    private let lines: FrameRows
    private var ticks: TickAhead
    private var phase: TickPhase
    private var delays = MovingDelays()
    /// Mean delay, and movement each way, in frames.
    private var mean: TickGlide
    private var excursion: TickGlide

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        lines = FrameRows(2, longest: Int(0.06 * format.sampleRate), &memory)
        ticks = TickAhead(&memory)
        phase = TickPhase(format)
        mean = TickGlide(format)
        excursion = TickGlide(format)
    }

    /// Longest delay, in frames.
    public var silenceGap: Int { Int(mean.value + excursion.value) + 2 * SubBlock.controlTick }

    /// Resets all state. [audio, loader]
    public mutating func reset() { ticks.restart() }

    /// Clears the state, if a channel of the bus is among `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { ticks.start(lanes) }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], output = io[.output]
        for segment in io.segments {
            if ticks.begins(segment, io) { advance(io, segment.first) }
            ticks.exchange(segment, input, output, io)
        }
    }

    /// Ends the tick that is over and begins the next one.
    private mutating func advance(_ io: ModuleIO<Self>, _ n: Int) {
        let rows = lines.access(io)
        if !ticks.isFirst {
            let x = ticks.collected(io)
            rows.write(0, ticks.position, x.left)
            rows.write(1, ticks.position, x.right)
            ticks.next()
        }
        aim(io, n)
        var left = delays.read(0, 0, rows, ticks), right = delays.read(3, 1, rows, ticks)
        for voice in 1..<3 {
            left += delays.read(voice, 0, rows, ticks)
            right += delays.read(voice &+ 3, 1, rows, ticks)
        }
        // Three voices that do not agree have the power of the input.
        ticks.set(
            left: left, right: right, gain: 0.577_350_3, width: io[.width][n][0], mix: io[.mix][n][0], io)
    }

    /// Moves the delays to their places at the end of the tick.
    private mutating func aim(_ io: ModuleIO<Self>, _ n: Int) {
        let rate = io[.rate][n][0], isTriangle = io.choice(.shape) != 0
        let middle = mean.advance(to: io[.delay][n][0] * sampleRate, snapping: ticks.isFirst)
        let speed = exp2(Lanes(repeating: io[.depth][n][0] * (1 / 12)))[0] - 1
        let wanted = speed * sampleRate / (rate * (isTriangle ? 4 : 6.283_185))
        let swing = excursion.advance(
            to: min(wanted, io[.delay][n][0] * sampleRate - 0.001 * sampleRate), snapping: ticks.isFirst)
        let now = SIMD16(repeating: phase.advance(ticks, rate: rate)) &+ Self.offsets
        let shape = isTriangle ? ModulatorShape.triangle : .sine
        let move = shape.value(now, rate: Lanes(repeating: rate))
        delays.aim(
            at: Lanes(repeating: middle).addingProduct(move, Lanes(repeating: swing)), snapping: ticks.isFirst
        )
    }

    /// Phases of the voices: 120° apart, and 90° later on the right.
    private static var offsets: SIMD16<UInt32> {
        SIMD16(
            0, 0x5555_5555, 0xaaaa_aaaa, 0x4000_0000, 0x9555_5555, 0xeaaa_aaaa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }
}

extension ParamSpec {
    /// Stereo width of an effect's own signal, 0…100 %, read at control ticks.
    static func effectWidth(_ about: String) -> ParamSpec { .ratio(about, default: 1).readAtControlTicks() }
}
