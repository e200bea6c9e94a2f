public import KairosDSP

/// Comb filter that is tuned by a pitch: delay line of one period with a low-pass filter in its loop.
///
/// The delay is the period minus the phase delay of the filter at the fundamental, read by ``FractionalRead``, so that
/// the fundamental is in tune whatever the damping (D. Jaffe, J. Smith, "Extensions of the Karplus-Strong plucked-string
/// algorithm", 1983). The gain of the loop makes it decay by 60 dB in the decay time; it makes up for what the filter and
/// the interpolation take. The loop is below 1 at all frequencies, so that a strong damping shortens the decay of the
/// fundamental too.
///
/// A pitch that glides is followed; one that jumps crossfades within 10 ms. Fundamentals are 16 Hz … 10 kHz.
public struct Comb: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "comb", "Tuned comb filter: a resonator or string, with pitch, decay and damping.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input, pitch
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .input: .audio("Input signal, −1 … 1: what excites the resonance.")
            case .pitch: .pitch
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Dry and resonant signal, −1 … 1; more where the input has a resonance.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case frequency, detune, decay, damping, mix
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .frequency:
                .frequency("Fundamental at note 69 (A4).").readAtControlTicks()
            case .detune: .detune("Pitch offset.")
            case .decay:
                ParamSpec(
                    "Decay time: time in which the fundamental falls by 60 dB.", range: 0.01...60,
                    default: 2, unit: .seconds, curve: .exponential, smoothing: .logarithmic
                ).readAtControlTicks()
            case .damping:
                .cutoff(
                    "Damping: cutoff frequency of the low-pass filter in the loop, 6 dB per octave and period.",
                    default: 8000
                ).readAtControlTicks()
            case .mix:
                .mix(
                    "Dry/wet mix: the dry signal keeps its level up to 50 %; 100 % is resonance only.",
                    default: 1
                ).readAtControlTicks()
            }
        }
    }

    private let sampleRate: Float
    private var line: DelayLine
    private var period: DelayTime
    /// Part of the distance that the low-pass filter covers per frame, and its output.
    private var damping = ControlRamp()
    private var damped = Lanes.zero
    private var gain = ControlRamp()
    private var dry = ControlRamp()
    private var wet = ControlRamp()
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _ memory: inout ModuleMemory) {
        sampleRate = format.sampleRate
        let longest = (format.sampleRate / 16).rounded(.up)
        line = DelayLine(longest: Int(longest), format, &memory)
        period = DelayTime(longest: longest, fade: 0.01, sampleRate: format.sampleRate)
    }

    /// The longest period of any lane, plus one sub-block, in frames.
    public var silenceGap: Int { period.longestNow + SubBlock.longest }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        line.clear(lanes)
        damped.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty { aim(io, segment) }
            if line.isBus { renderBus(io, segment) } else { renderVoices(io, segment) }
        }
    }

    /// True if no coefficient moves before the next control tick.
    private var isSteady: Bool { damping.isSteady && gain.isSteady && dry.isSteady && wet.isSteady }

    private mutating func renderVoices(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let x = io[.input], output = io[.output], rows = line.rows(io, isBus: false)
        var reader = DelayReader(rows, period, segment)
        let isSteady = isSteady
        var damping = damping.ramp(from: segment.phase), gain = gain.ramp(from: segment.phase)
        var dry = dry.ramp(from: segment.phase), wet = wet.ramp(from: segment.phase)
        for n in segment.first..<segment.end {
            let last = reader.voices(segment.phase &+ n &- segment.first)
            damped += (last - damped) * damping.value
            let resonance = x[n].addingProduct(damped, gain.value)
            rows.append(resonance)
            output[n] = (x[n] * dry.value).addingProduct(resonance, wet.value)
            if isSteady { continue }
            damping.advance()
            gain.advance()
            dry.advance()
            wet.advance()
        }
    }

    private mutating func renderBus(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let x = io[.input], output = io[.output], rows = line.rows(io, isBus: true)
        var reader = DelayReader(rows, period, segment)
        let isSteady = isSteady
        var damping = damping.ramp(from: segment.phase), gain = gain.ramp(from: segment.phase)
        var dry = dry.ramp(from: segment.phase), wet = wet.ramp(from: segment.phase)
        var n = segment.first, damped = damped.stereo
        while n < segment.end {
            let count = min(reader.group, segment.end &- n), x = x.frames(count, from: n)
            func frames(_ ramp: inout LinearRamp) -> Lanes {
                isSteady ? .repeating(stereo: ramp.value.stereo) : ramp.frames(count)
            }
            let last = reader.frames(count, segment.phase &+ n &- segment.first)
            let part = frames(&damping)
            let filtered = Lanes.frames(count) { frame in
                damped += (last.frame(frame) - damped) * part.frame(frame)
                return damped
            }
            let resonance = x.addingProduct(filtered, frames(&gain))
            rows.append(count, of: resonance)
            output.set(count, from: n, to: (x * frames(&dry)).addingProduct(resonance, frames(&wet)))
            n &+= count
        }
        self.damped = Lanes(stereo: damped)
    }

    /// Reads pitch and parameters at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let n = segment.first, lanes = segment.phase == 0 ? LaneMask.all : started
        let octaves =
            (io[.pitch][n] + io[.detune][n] - Lanes(repeating: 69)) * Lanes(repeating: 1 / 12)
        let hertz = (exp2(octaves) * io[.frequency][n]).clamped(16, 10_000)
        let part = Lanes.onePole(hertz: io[.damping][n], sampleRate)
        let turns = hertz * Lanes(repeating: 1 / sampleRate), pole = Lanes.one - part
        let filter = LoopFilter(pole: pole, turns: turns)
        // 10^(−3 / (frequency · decay)) = 2^(−9.9658 / …)
        let fall = exp2(Lanes(repeating: -9.965_784) / (hertz * io[.decay][n]))
        // For a wave that falls by a factor each frame, the filter has the pole a / factor.
        let most = Lanes(repeating: 0.999_99)
        let factor = exp2(log2(fall.smaller(most * filter.magnitude)) * turns)
        let falling = LoopFilter(
            pole: (pole / factor).smaller(Lanes(repeating: 0.999_999)), turns: turns)
        let frames = (Lanes(repeating: sampleRate) / hertz - falling.phaseDelay)
            .larger(Lanes(repeating: 3))
        period.aim(at: frames, shortest: 3, .fade, lanes, snapping: started)
        damping.aim(at: part, lanes, snapping: started)
        gain.aim(
            at: (fall / (filter.magnitude * filter.magnitude(of: FractionalRead(frames))))
                .smaller(most), lanes, snapping: started)
        let mix = DryWet.Gains(io[.mix][n])
        dry.aim(at: mix.dry, lanes, snapping: started)
        wet.aim(at: mix.wet, lanes, snapping: started)
        started = .none
    }
}
