public import KairosDSP

/// Flanger: the signal and a copy of it whose short delay moves, so that the notches of a comb filter sweep.
///
/// The delay moves in octaves, evenly for the ear. The feedback has no low frequencies (high-pass filter at 80 Hz), which
/// would add up. With `throughZero` the dry signal has the mean delay: the copy is then earlier and later in turn, and
/// the notches go up beyond all frequencies and return, as with two tape machines.
public struct Flanger: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "flanger", "Flanger: moving comb filter with feedback, also through zero.", widens: true,
        runsOnce: true)

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
            .audio("Stereo signal, −1 … 1; more at the peaks of the comb, up to 26 dB with full feedback.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rate, depth, delay, feedback, shape, throughZero, width, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rate: .modulatorRate("Rate: movements of the delay up and down per second.", default: 0.2)
            case .depth:
                ParamSpec(
                    "Depth: 100 % moves the delay by two octaves each way, from a quarter of the mean to four times.",
                    range: 0...1, default: 0.7, unit: .ratio, time: 0.2
                ).readAtControlTicks()
            case .delay:
                ParamSpec(
                    "Mean delay.", range: 0.000_1...0.01, default: 0.001_5, unit: .seconds,
                    curve: .exponential, smoothing: .logarithmic, time: 0.2
                ).readAtControlTicks()
            case .feedback:
                ParamSpec(
                    "Feedback of the delayed signal; negative values move its peaks to the frequencies between.",
                    range: -0.95...0.95, default: 0.4, unit: .ratio, centre: 0
                ).readAtControlTicks()
            case .shape: .choice("Waveform of the movement, in octaves of delay.", ["sine", "triangle"])
            case .throughZero: .toggle("Through zero: the dry signal has the mean delay.")
            case .width:
                .ratio(
                    "Stereo width: the right side moves later, at 100 % by a quarter of a cycle.", default: 1
                ).readAtControlTicks()
            case .mix:
                .mix(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %, where the notches are deepest; "
                        + "100 % is the delayed signal only.", default: 0.5
                ).readAtControlTicks()
            }
        }
    }

    /// Shortest and longest delay in seconds.
    static var shortest: Float { 0.000_1 }
    static var longest: Float { 0.02 }

    private let sampleRate: Float
    private let side: Lanes
    /// Lines of the input with the feedback, and of the input alone.
    private let line: StereoLine
    private let dryLine: StereoLine
    private let table: Buffer<Lanes>
    private var phase: FreePhase
    /// Binary logarithms of the delay and of the mean delay, in frames.
    private var delay = ControlRamp()
    private var mean = ControlRamp()
    private var feedback = ControlRamp()
    private var dry = ControlRamp()
    private var wet = ControlRamp()
    /// Part of the dry signal that has the mean delay, 0 … 1, and how far a switch has moved it, evenly within 10 ms.
    private var through = ControlRamp()
    private var fade: Float = 0
    /// Output of the low-pass filter at 80 Hz in the feedback path, and its coefficient.
    private var low = SIMD2<Float>(0, 0)
    private let lowPart: Float
    /// Index of the next frame.
    private var position = 0
    private var isRestarting = true

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        side = format.side
        line = StereoLine(longest: Int(Self.longest * format.sampleRate), &memory)
        dryLine = StereoLine(longest: Int(Self.longest * format.sampleRate), &memory)
        table = memory.buffer(2 * StereoReads.rows + Row.count, repeating: .zero)
        phase = FreePhase(format)
        lowPart = 1 - expPrecise(-2 * .pi * 80 / format.sampleRate)
    }

    /// Longest delay, in frames.
    public var silenceGap: Int { Int(Self.longest * sampleRate) + 2 * SubBlock.controlTick }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        phase.reset()
        isRestarting = true
    }

    /// Clears the state, if a channel of the bus is among `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        if (lanes & LaneMask(bits: 3)).isEmpty { return }
        phase.start(.all)
        isRestarting = true
    }

    /// Vectors of eight frames in the table, behind the read positions.
    private enum Row {
        static var input: Int { 2 * StereoReads.rows }
        static var feedback: Int { input + 1 }
        static var wet: Int { input + 2 }
        static var dry: Int { input + 3 }
        static var count: Int { 4 }
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], output = io[.output]
        if isRestarting {
            line.access(io).clear()
            dryLine.access(io).clear()
            low = SIMD2(0, 0)
        }
        for segment in io.segments {
            aim(io, segment)
            var delay = delay.ramp(from: segment.phase), mean = mean.ramp(from: segment.phase)
            var feedback = feedback.ramp(from: segment.phase), through = through.ramp(from: segment.phase)
            var dry = dry.ramp(from: segment.phase), wet = wet.ramp(from: segment.phase)
            let isThrough = !self.through.isSteady || self.through.target[0] != 0
            segment.forEachEightFrames { first, count in
                let x = input.frames(count, from: first)
                let feedback = feedback.frames(count), part = through.frames(count)
                let delay = exp2(delay.frames(count)), mean = mean.frames(count)
                flange(io, x, feedback, delay, count)
                var direct = x
                if isThrough { direct += (delayed(io, exp2(mean), count) - x) * part }
                position &+= count
                let sum = (direct * dry.frames(count)).addingProduct(
                    io[table][Row.wet], wet.frames(count))
                output.set(count, from: first, to: sum)
            }
        }
    }

    /// Computes the delayed signal of up to eight frames, and writes both lines.
    @inline(__always) private mutating func flange(
        _ io: ModuleIO<Self>, _ x: Lanes, _ feedback: Lanes, _ delay: Lanes, _ count: Int
    ) {
        let table = io[table], rows = line.access(io), dryRows = dryLine.access(io)
        table[Row.input] = x
        table[Row.feedback] = feedback
        let reads = StereoReads(FractionalRead(delay.larger(Lanes(repeating: 3))), in: table)
        let memory = UnsafeMutableRawPointer(table), part = lowPart
        var low = low
        for frame in 0..<count {
            let x = memory.load(fromByteOffset: 64 &* Row.input &+ 8 &* frame, as: SIMD2<Float>.self)
            let gain = memory.load(
                fromByteOffset: 64 &* Row.feedback &+ 8 &* frame, as: SIMD2<Float>.self)
            let y = rows.read(position &+ frame, reads, frame)
            low += (y - low) * part
            rows.write(position &+ frame, x + (y - low) * gain)
            dryRows.write(position &+ frame, x)
            memory.storeBytes(of: y, toByteOffset: 64 &* Row.wet &+ 8 &* frame, as: SIMD2<Float>.self)
        }
        self.low = low
    }

    /// The input of up to eight frames with the mean delay.
    @inline(__always) private func delayed(_ io: ModuleIO<Self>, _ delay: Lanes, _ count: Int) -> Lanes {
        let table = io[table], rows = dryLine.access(io)
        let reads = StereoReads(
            FractionalRead(delay.larger(Lanes(repeating: 3))), in: table + StereoReads.rows)
        let memory = UnsafeMutableRawPointer(table)
        for frame in 0..<count {
            let y = rows.read(position &+ frame, reads, frame)
            memory.storeBytes(of: y, toByteOffset: 64 &* Row.dry &+ 8 &* frame, as: SIMD2<Float>.self)
        }
        return table[Row.dry]
    }

    /// Reads the parameters at a control tick, or after a start.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let n = segment.first, rate = Lanes(repeating: io[.rate][n][0])
        let middle = log2(Lanes(repeating: io[.delay][n][0] * sampleRate))
        let octaves = Lanes(repeating: 2 * io[.depth][n][0])
        let later = phaseOffset(turns: side * Lanes(repeating: 0.125 * io[.width][n][0]))
        let shape = io.choice(.shape) == 0 ? ModulatorShape.sine : .triangle
        let low = log2(Lanes(repeating: Self.shortest * sampleRate))
        let high = log2(Lanes(repeating: Self.longest * sampleRate))
        phase.begin(segment, clock: io.clock &+ n, rate: rate, &delay) { phase in
            middle.addingProduct(octaves, shape.value(phase &- later, rate: rate)).larger(low).smaller(high)
        }
        guard segment.phase == 0 || isRestarting else { return }
        let started = isRestarting ? LaneMask.all : .none, gains = DryWet(io[.mix][n][0])
        mean.aim(at: middle, .all, snapping: started)
        feedback.aim(at: Lanes(repeating: io[.feedback][n][0]), .all, snapping: started)
        dry.aim(at: Lanes(repeating: gains.dry), .all, snapping: started)
        wet.aim(at: Lanes(repeating: gains.wet), .all, snapping: started)
        let goal: Float = io.choice(.throughZero) != 0 ? 1 : 0
        let step = Float(SubBlock.controlTick) / (0.01 * sampleRate)
        fade = isRestarting ? goal : fade + min(step, max(-step, goal - fade))
        // Without corners: 3 x² − 2 x³.
        through.aim(at: Lanes(repeating: fade * fade * (3 - 2 * fade)), .all, snapping: started)
        isRestarting = false
    }
}
