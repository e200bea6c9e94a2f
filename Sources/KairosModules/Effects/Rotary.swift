public import KairosDSP

/// Rotary speaker: a horn for high and a drum for low frequencies, which turn in opposite directions in front of two
/// microphones.
///
/// A crossover of fourth order at 800 Hz (S. Linkwitz, R. Riley, 1976) divides the mono sum of the input. Each rotor is
/// heard directly and by way of a wall: see ``RotaryCabinet``. The paths' lengths make the Doppler effect, at the fast
/// speed ±42 cents for the horn. Speeds and time constants are those of the instruments of the 1960s: the horn turns 0.67
/// or 7.06 times a second and needs 0.16 s to speed up and 0.32 s to slow down; the drum 0.60 or 5.96 times, 4.1 s and
/// 1.4 s. The signal is 0.6 ms late or more: the way from the horn to a microphone.
public struct Rotary: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "rotary", "Rotary speaker: horn and drum, whose speeds rise and fall with their weight.",
        widens: true,
        runsOnce: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, pedal
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, −1 … 1; both sides are added.")
            case .pedal:
                .audio(
                    "Pedal: 1 turns the rotors at the speed of the switch, 0 slowly, 0 … 1; 1 if unconnected.",
                    idle: 1)
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Stereo signal of the microphones, −1 … 1; up to 6 dB more near them.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case speed, acceleration, balance, distance, reflection, width, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .speed:
                .choice(
                    "Switch: slow and fast turn the rotors, brake stops them.",
                    Rotor.Switch.allCases.map { "\($0)" })
            case .acceleration:
                ParamSpec(
                    "Acceleration: how fast the speeds change; 100 % is as in the instrument.",
                    range: 0.25...4, default: 1, unit: .ratio, curve: .exponential, smoothing: .logarithmic
                ).readAtControlTicks()
            case .balance:
                ParamSpec(
                    "Balance: −100 % is the drum alone, 100 % the horn alone.", range: -1...1, default: 0,
                    unit: .ratio, centre: 0
                ).readAtControlTicks()
            case .distance:
                ParamSpec(
                    "Distance of the microphones from the axis in metres; the nearer, the deeper the change of level.",
                    range: 0.3...2, default: 0.6, curve: .exponential, smoothing: .logarithmic
                ).readAtControlTicks()
            case .reflection:
                .ratio("Level of the reflections from the wall.", default: 0.35).readAtControlTicks()
            case .width:
                .ratio(
                    "Stereo width: angle of the microphones; 100 % are 90° each way, 0 % is mono.", default: 1
                ).readAtControlTicks()
            case .mix:
                .mix(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %; 100 % is the speaker only.",
                    default: 1
                ).readAtControlTicks()
            }
        }
    }

    private let sampleRate: Float
    /// Lines of the horn's signal, of the same without treble, and of the drum's.
    private let lines: FrameRows
    /// Signals of horn and drum in the tick that is over.
    private let bands: Buffer<Lanes>
    private var ticks: TickAhead
    private var horn: Rotor
    private var drum: Rotor
    private var crossover: Crossover
    private var treble = TickLowPass()
    private let treblePole: TickLowPass.Pole
    private var delays = MovingDelays()
    private var bright = LaneTickRamp()
    private var dark = LaneTickRamp()
    /// Clock of the end of the tick.
    private var clock = 0

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        lines = FrameRows(3, longest: Int(RotaryCabinet.longestDelay * format.sampleRate) + 2, &memory)
        bands = memory.buffer(2, repeating: .zero)
        ticks = TickAhead(&memory)
        horn = Rotor(Rotor.Design(slow: 0.67, fast: 7.06, rise: 0.16, fall: 0.32), format)
        drum = Rotor(Rotor.Design(slow: 0.6, fast: 5.96, rise: 4.1, fall: 1.4), format)
        crossover = Crossover(format)
        treblePole = TickLowPass.Pole(1500 / format.sampleRate)
    }

    /// Longest delay, in frames.
    public var silenceGap: Int {
        Int(RotaryCabinet.longestDelay * sampleRate) + 2 * SubBlock.controlTick
    }

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
        if ticks.isFirst {
            crossover.reset()
            treble.reset()
        } else {
            let x = ticks.collected(io)
            crossover.divide((x.left + x.right) * Lanes(repeating: 0.5), io[bands])
            let high = io[bands][0]
            rows.write(0, ticks.position, high)
            rows.write(1, ticks.position, treble.filter(high, treblePole))
            rows.write(2, ticks.position, io[bands][1])
            ticks.next()
        }
        turn(io, n)
        var left = Lanes.zero, right = Lanes.zero
        for path in 0..<2 {
            left += hornPath(2 &* path, rows) + drumPath(4 &+ 2 &* path, rows)
            right += hornPath(2 &* path &+ 1, rows) + drumPath(5 &+ 2 &* path, rows)
        }
        ticks.set(left: left, right: right, gain: 1.25, width: 1, mix: io[.mix][n][0], io)
    }

    /// Sixteen frames of a path from the horn.
    @inline(__always) private func hornPath(_ lane: Int, _ rows: FrameRows.Access) -> Lanes {
        let (high, low) = delays.readPair(lane, (0, 1), rows, ticks)
        return (high * bright.values(lane)).addingProduct(low, dark.values(lane))
    }

    /// Sixteen frames of a path from the drum.
    @inline(__always) private func drumPath(_ lane: Int, _ rows: FrameRows.Access) -> Lanes {
        delays.read(lane, 2, rows, ticks) * bright.values(lane)
    }

    /// Turns the rotors to their angles at the end of the tick.
    private mutating func turn(_ io: ModuleIO<Self>, _ n: Int) {
        let setting = Rotor.Switch(rawValue: io.choice(.speed)) ?? .slow
        let end = ticks.clock &+ SubBlock.controlTick
        // Ticks in which the module was not run count.
        let count = ticks.isFirst ? 1 : max(1, (end &- clock) / SubBlock.controlTick)
        clock = end
        let pedal = io[.pedal][n][0], acceleration = io[.acceleration][n][0]
        horn.turn(
            setting, pedal: pedal, acceleration: acceleration, ticks: count, snapping: ticks.isFirst)
        drum.turn(
            setting, pedal: pedal, acceleration: acceleration, ticks: count, snapping: ticks.isFirst)
        let balance = io[.balance][n][0]
        let cabinet = RotaryCabinet(
            horn: horn.angle, drum: drum.angle,
            RotaryCabinet.Setting(
                distance: io[.distance][n][0], width: io[.width][n][0], reflection: io[.reflection][n][0],
                horn: min(1, 1 + balance), drum: min(1, 1 - balance)))
        delays.aim(at: cabinet.delays * Lanes(repeating: sampleRate), snapping: ticks.isFirst)
        bright.aim(at: cabinet.bright, snapping: ticks.isFirst)
        dark.aim(at: cabinet.dark, snapping: ticks.isFirst)
    }
}
