import KairosDSP

/// Phase accumulator of an oscillator, one per lane: 32 bits, which wrap and do not drift.
///
/// A lane that a note takes begins at the start phase plus a random offset from the note's seed. A lane that
/// no note takes counts from the activation of its slot; frames in which the module was not run do not change
/// its phase.
///
/// Pitch is read at control ticks and note starts; in between the frequency is interpolated linearly.
struct OscillatorPhase {
    /// Phase of the next frame.
    var phase = SIMD16<UInt32>(repeating: 0)
    /// Phase increment per frame at the last control tick and at the next one, and its change per frame.
    private var increment = SIMD16<UInt32>(repeating: 0)
    private var nextIncrement = SIMD16<UInt32>(repeating: 0)
    private var slope = SIMD16<UInt32>(repeating: 0)
    /// ``kernelHalfWidth`` in turns, and one phase step in positions of a ``ResidualTable``.
    private var turnsPerHalfWidth = ControlRamp()
    private var positionsPerStep = ControlRamp()
    /// Half of the relative change of the frequency per frame, up to the next control tick; 0 where it is too small to
    /// matter.
    private var bend = Lanes.zero
    /// True if ``bend`` is not 0 in some lane.
    private(set) var isBent = false
    /// Farthest discontinuity that a frame needs up to the next control tick, in turns.
    private var reach = Lanes.zero
    /// Periods that cover ``reach`` in the lane with the longest one, with one discontinuity per cycle: 1…6; 0 if no
    /// kernels overlap.
    private(set) var stepOverlap = 0
    /// Half periods whose corners are within ``reach`` besides the nearest, in the lane with the longest one, with two
    /// corners per cycle: 1…12; 0 if no kernels overlap.
    private(set) var cornerOverlap = 0
    /// Pitch in semitones and frequency in Hz that the increments were computed for.
    private var pitch = Lanes(repeating: .nan)
    private var frequency = Lanes(repeating: .nan)
    /// True if no ramp is running.
    private var isAtRest = false

    private let sampleRate: Float
    private let seed: SIMD16<UInt32>
    private var seeds: SIMD16<UInt32>
    private var started = LaneMask.none
    private var isNew = true
    /// Clock of the next frame.
    private var clock = 0

    init(_ format: Format) {
        sampleRate = format.sampleRate
        seed = SIMD16(repeating: scrambled(format.seed))
        seeds = seed
    }

    mutating func reset() {
        self.phase = SIMD16(repeating: 0)
        seeds = seed
        started = .none
        isNew = true
        clock = 0
    }

    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: seeds, where: lanes.vector)
        started = started | lanes
    }

    /// Begins a sub-block at `clock`. New notes start at `degrees` plus a random offset of at most `scatter`
    /// turns, 0…1. `pitch` is in semitones, `frequency` (of note 69) in Hz, both of the first frame. Returns
    /// true if the frequency stays constant as long as pitch and frequency do.
    @inline(__always) mutating func begin(
        clock: Int, frames: Int, degrees: Float, scatter: Float, pitch: Lanes, frequency: Lanes
    ) -> Bool {
        if isNew {
            phase = startPhase(degrees, scatter)
            tune(pitch: pitch, frequency: frequency, .all, snapping: .all)
            isNew = false
        } else if !started.isEmpty {
            tune(pitch: pitch, frequency: frequency, started, snapping: started)
        }
        if clock != self.clock {
            phase = phase &+ increment &* SIMD16(repeating: UInt32(truncatingIfNeeded: clock &- self.clock))
        }
        if !started.isEmpty {
            phase.replace(with: startPhase(degrees, scatter), where: started.vector)
            started = .none
        }
        self.clock = clock &+ frames
        return isAtRest && !((pitch .!= self.pitch) .| (frequency .!= self.frequency)).any
    }

    /// Start phase plus the random offset of each lane's seed.
    private func startPhase(_ degrees: Float, _ scatter: Float) -> SIMD16<UInt32> {
        let random = unitTurns(scrambled(seeds)) * Lanes(repeating: scatter)
        return phaseOffset(turns: Lanes(repeating: degrees * (1 / 360))) &+ phaseOffset(turns: random)
    }

    /// Sets pitch (semitones) and frequency (Hz of note 69) for a control segment that begins at a control
    /// tick; does nothing for other segments.
    @inline(__always) mutating func tune(_ segment: ControlSegment, pitch: Lanes, frequency: Lanes) {
        guard segment.phase == 0 else { return }
        let moved = (pitch .!= self.pitch) .| (frequency .!= self.frequency)
        if moved.any || !isAtRest { tune(pitch: pitch, frequency: frequency, .all, snapping: .none) }
    }

    /// Begins a sub-block with the pitch `input`; see ``begin(clock:frames:degrees:scatter:pitch:frequency:)``.
    /// Returns true if the frequency is constant for the whole sub-block.
    @inline(__always) mutating func begin(
        _ input: PitchInput, clock: Int, frames: Int, degrees: Float, scatter: Float
    ) -> Bool {
        let isSteady = begin(
            clock: clock, frames: frames, degrees: degrees, scatter: scatter, pitch: input.semitones(0),
            frequency: input.frequency[0])
        return isSteady && input.isSteady
    }

    /// Sets the frequency for a control segment that begins at a control tick; does nothing for other
    /// segments.
    @inline(__always) mutating func tune(_ segment: ControlSegment, _ input: PitchInput) {
        tune(segment, pitch: input.semitones(segment.first), frequency: input.frequency[segment.first])
    }

    /// Renders `frames` of a waveform that is a function of phase and frequency, and advances the phase. The
    /// first frame is `offset` frames after a control tick. With `isSteady` the frequency is constant.
    @inline(__always) mutating func render(
        _ output: Output, _ frames: Range<Int>, from offset: Int, isSteady: Bool,
        _ waveform: (_ phase: SIMD16<UInt32>, _ ramp: borrowing FrequencyRamp) -> Lanes
    ) {
        var ramp = ramp(from: offset), phase = phase
        for n in frames {
            output[n] = waveform(phase, ramp)
            phase = phase &+ ramp.increment
            if !isSteady { ramp.advance() }
        }
        self.phase = phase
    }

    /// Starts the ramps to a new frequency in `lanes`; lanes in `snapping` jump to it.
    private mutating func tune(pitch: Lanes, frequency: Lanes, _ lanes: LaneMask, snapping: LaneMask) {
        let scale = frequency / Lanes(repeating: 440)
        let cycles = (cyclesPerFrame(pitch: pitch, sampleRate: sampleRate) * scale)
            .smaller(Lanes(repeating: 0.5))
        let moving = lanes.vector, target = phaseIncrement(cycles)
        let from = nextIncrement.replacing(with: target, where: snapping.vector)
        increment.replace(with: from, where: moving)
        nextIncrement.replace(with: target, where: moving)
        // A sixteenth of the difference per frame, rounded down; the next control tick corrects the rest.
        let difference = unsafeBitCast(target &- from, to: SIMD16<Int32>.self) &>> SIMD16<Int32>(repeating: 4)
        slope.replace(with: unsafeBitCast(difference, to: SIMD16<UInt32>.self), where: moving)
        // At least 10⁻⁹, so that the quotient is finite.
        let turns = (cycles * Lanes(repeating: kernelHalfWidth)).larger(Lanes(repeating: 1e-9))
        let before = turnsPerHalfWidth.target, start = before.replacing(with: turns, where: snapping.vector)
        turnsPerHalfWidth.aim(at: turns, lanes, snapping: snapping)
        positionsPerStep.aim(
            at: Lanes(repeating: ResidualTable.perHalfWidth * 0x1p-32) / turns, lanes, snapping: snapping)
        // A vibrato of 50 cents at 6 Hz bends by 1.2 · 10⁻⁵ and moves a step by 0.0007 frames at most.
        let change = (turns - start) / ((turns + start) * Lanes(repeating: 16))
        let isSmall = change.magnitude .< Lanes(repeating: 1.5e-5)
        bend.replace(with: change.replacing(with: 0, where: isSmall), where: moving)
        isBent = (bend .!= Lanes.zero).any
        // A change of the frequency brings a discontinuity nearer, by up to 8 times the bend. Slightly more, to allow for
        // rounding.
        let margin = Lanes(repeating: 1.0001).addingProduct(bend.magnitude, Lanes(repeating: 8))
        reach.replace(with: turns.larger(start) * margin, where: moving)
        // Below 6; clamped for a pitch that is not a number.
        let widest = reach.clamped(0, 6).laneMax
        stepOverlap = widest > 0.5 ? Int(widest.rounded(.up)) : 0
        cornerOverlap = Int(2 * widest + 0.5)
        self.pitch.replace(with: pitch, where: moving)
        self.frequency.replace(with: frequency, where: moving)
        isAtRest = !(slope .!= SIMD16<UInt32>(repeating: 0)).any && turnsPerHalfWidth.isSteady
    }

    /// True if in one of `lanes` a discontinuity, half a turn after `phase`, is within a kernel half-width of
    /// one of the next `frames` frames, at constant frequency. Where none is, the residual is exactly 0.
    @inline(__always) func hasDiscontinuity(
        _ phase: SIMD16<UInt32>, within frames: Int, in lanes: LaneMask
    ) -> Bool {
        let steps = signedSteps(phase), perStep = positionsPerStep.ramp(from: 0).value
        let halfTurn = perStep * Lanes(repeating: 0x1p31)
        let since = halfTurn.addingProduct(steps, perStep)
        let until = halfTurn.subtractingProduct(steps, perStep)
        // Slightly more than a half-width, to allow for rounding.
        let perHalfWidth = ResidualTable.perHalfWidth, halfWidth = Lanes(repeating: 1.001 * perHalfWidth),
            ahead = halfWidth + Lanes(repeating: Float(frames) * (perHalfWidth / kernelHalfWidth))
        return !(((since .< halfWidth) .| (until .< ahead)).lanes & lanes).isEmpty
    }

    /// The frequency ramp to the next control tick, from `phase` frames after the last one.
    @inline(__always) func ramp(from phase: Int) -> FrequencyRamp {
        let frames = UInt32(truncatingIfNeeded: phase)
        return FrequencyRamp(
            increment: increment &+ slope &* SIMD16(repeating: frames), slope: slope,
            turnsPerHalfWidth: turnsPerHalfWidth.ramp(from: phase),
            positionsPerStep: positionsPerStep.ramp(from: phase), bend: bend)
    }

    /// Frequency between two control ticks, frame by frame.
    struct FrequencyRamp {
        private(set) var increment: SIMD16<UInt32>
        private let slope: SIMD16<UInt32>
        private var turnsRamp: LinearRamp
        private var positionsRamp: LinearRamp
        /// Half of the relative change of the frequency per frame.
        let bend: Lanes

        @inline(__always) fileprivate init(
            increment: SIMD16<UInt32>, slope: SIMD16<UInt32>, turnsPerHalfWidth: LinearRamp,
            positionsPerStep: LinearRamp, bend: Lanes
        ) {
            self.increment = increment
            self.slope = slope
            turnsRamp = turnsPerHalfWidth
            positionsRamp = positionsPerStep
            self.bend = bend
        }

        /// ``kernelHalfWidth`` in turns.
        var turnsPerHalfWidth: Lanes { @inline(__always) get { turnsRamp.value } }
        /// One phase step in positions of a ``ResidualTable``.
        var positionsPerStep: Lanes { @inline(__always) get { positionsRamp.value } }

        /// Advances by one frame.
        @inline(__always) mutating func advance() {
            increment = increment &+ slope
            turnsRamp.advance()
            positionsRamp.advance()
        }
    }
}
