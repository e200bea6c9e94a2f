public import KairosDSP

/// Ensemble of a string machine: three delay lines in each channel, moved slowly and quickly at once, 120° apart.
///
/// The lines of the instruments of the 1970s were bucket brigades, darker than the input: a low-pass filter of 12 dB per
/// octave stands in front of them (C. Raffel, J. Smith, "Practical modeling of bucket-brigade device circuits", 2010).
/// The quick movement has ten times the rate and a tenth of the way of the slow one, so both detune by as much.
public struct Ensemble: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "ensemble", "Ensemble of a string machine: three delay lines, moved slowly and quickly at once.",
        widens: true, runsOnce: true)

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
        public var info: OutletInfo {
            .audio("Stereo signal, −1 … 1; up to 5 dB more where the lines agree.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, depth, tone, width, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate:
                ParamSpec(
                    "Rate of the slow movement; that of the quick one is ten times as high.",
                    range: 0.2...1.5,
                    default: 0.6, unit: .hertz, curve: .exponential, smoothing: .logarithmic
                ).readAtControlTicks()
            case .depth:
                .ratio(
                    "Depth of both movements; 100 % are 3 ms each way for the slow and 0.3 ms for the quick one.",
                    default: 0.8
                ).readAtControlTicks()
            case .tone:
                ParamSpec(
                    "Cutoff frequency of the low-pass filter in front of the lines, 12 dB per octave.",
                    range: 1000...18_000, default: 7000, unit: .hertz, curve: .exponential,
                    smoothing: .logarithmic
                ).readAtControlTicks()
            case .width: .effectWidth("Stereo width of the lines; 0 % is mono.")
            case .mix:
                .mix(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %; 100 % is the lines only.",
                    default: 1
                ).readAtControlTicks()
            }
        }
    }

    /// Mean delay in seconds.
    static var meanDelay: Float { 0.008 }

    private let sampleRate: Float
    private let lines: FrameRows
    private var ticks: TickAhead
    private var slow: TickPhase
    private var quick: TickPhase
    private var delays = MovingDelays()
    /// Way of the slow movement in frames, each way.
    private var excursion: TickGlide
    /// Low-pass filters: two in series for each channel.
    private var filters = (TickLowPass(), TickLowPass(), TickLowPass(), TickLowPass())
    private var pole = TickLowPass.Pole()
    /// Cutoff frequency of the filters in Hz.
    private var cutoff: Float = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        lines = FrameRows(2, longest: Int(0.012 * format.sampleRate), &memory)
        ticks = TickAhead(&memory)
        slow = TickPhase(format)
        quick = TickPhase(format)
        excursion = TickGlide(format)
    }

    /// Longest delay, in frames.
    public var silenceGap: Int { Int(0.012 * sampleRate) + 2 * SubBlock.controlTick }

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
        let rows = lines.access(io), tone = io[.tone][n][0]
        if ticks.isFirst {
            filters = (TickLowPass(), TickLowPass(), TickLowPass(), TickLowPass())
            cutoff = 0
        } else {
            let x = ticks.collected(io)
            let left = filters.0.filter(x.left, pole), right = filters.1.filter(x.right, pole)
            rows.write(0, ticks.position, filters.2.filter(left, pole))
            rows.write(1, ticks.position, filters.3.filter(right, pole))
            ticks.next()
        }
        if tone != cutoff {
            cutoff = tone
            // Two equal poles lose 3 dB where one loses 1.5 dB: at 0.64 of its cutoff frequency.
            pole = TickLowPass.Pole(tone * 1.553_774 / sampleRate)
        }
        aim(io, n)
        var left = delays.read(0, 0, rows, ticks), right = delays.read(3, 1, rows, ticks)
        for line in 1..<3 {
            left += delays.read(line, 0, rows, ticks)
            right += delays.read(line &+ 3, 1, rows, ticks)
        }
        ticks.set(
            left: left, right: right, gain: 0.577_350_3, width: io[.width][n][0], mix: io[.mix][n][0], io)
    }

    /// Moves the delays to their places at the end of the tick.
    private mutating func aim(_ io: ModuleIO<Self>, _ n: Int) {
        let rate = io[.rate][n][0]
        let swing = excursion.advance(
            to: io[.depth][n][0] * 0.003 * sampleRate, snapping: ticks.isFirst)
        let slowly = SIMD16(repeating: slow.advance(ticks, rate: rate)) &+ Self.offsets
        let quickly = SIMD16(repeating: quick.advance(ticks, rate: 10 * rate)) &+ Self.offsets
        let move = sine(phase: slowly).addingProduct(sine(phase: quickly), Lanes(repeating: 0.1))
        delays.aim(
            at: Lanes(repeating: Self.meanDelay * sampleRate).addingProduct(move, Lanes(repeating: swing)),
            snapping: ticks.isFirst)
    }

    /// Phases of the lines: 120° apart, and 60° later on the right, so that no line is moved like another one.
    private static var offsets: SIMD16<UInt32> {
        SIMD16(
            0, 0x5555_5555, 0xaaaa_aaaa, 0x2aaa_aaab, 0x8000_0000, 0xd555_5555, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }
}
