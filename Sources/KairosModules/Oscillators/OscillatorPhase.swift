import KairosDSP

/// Where an oscillator is in its cycle, in every lane: 32 bits that wrap and do not drift.
///
/// A lane that a note takes begins at the start phase, scattered by the note's seed. A lane that no note takes
/// counts from when its slot became active, and does not notice frames in which it was not run.
///
/// The pitch is looked at on the grid and where notes start, and between goes in a straight line of frequency.
struct OscillatorPhase {
    var phase = SIMD16<UInt32>(repeating: 0)
    /// What the phase grows by each frame: at the last point of the grid, at the next, and by how much it grows.
    private var increment = SIMD16<UInt32>(repeating: 0)
    private var nextIncrement = SIMD16<UInt32>(repeating: 0)
    private var slope = SIMD16<UInt32>(repeating: 0)
    /// ``bandLimitReach`` frames as turns, and how many of that a step of the phase is.
    private var turnsPerReach = ControlRamp()
    private var reachesPerStep = ControlRamp()
    /// Whether, in some lane, the reach of one jump a turn meets the next one's.
    private(set) var crowdsJumps = false
    /// Whether, in some lane, the reach of one corner of two a turn meets the next one's.
    private(set) var crowdsCorners = false
    /// What it was last tuned to.
    private var pitch = Lanes(repeating: .nan)
    private var frequency = Lanes(repeating: .nan)
    private var isAtRest = false

    private let sampleRate: Float
    private let seed: SIMD16<UInt32>
    private var seeds: SIMD16<UInt32>
    private var started = LaneMask.none
    private var isNew = true
    /// The clock of the frame that comes next.
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

    /// Begins a piece at `clock`, with its first frame's pitch in semitones and key 69's frequency: new notes at `degrees` plus
    /// a random part, 0…1, of a turn. Whether the pitch stays where it is as long as it does not move.
    @inline(__always) mutating func begin(
        clock: Int, frames: Int, degrees: Float, scatter: Float, pitch: Lanes, frequency: Lanes
    ) -> Bool {
        if isNew {
            phase = beginning(degrees, scatter)
            tune(pitch: pitch, frequency: frequency, .all, snapping: .all)
            isNew = false
        } else if !started.isEmpty {
            tune(pitch: pitch, frequency: frequency, started, snapping: started)
        }
        if clock != self.clock {
            phase = phase &+ increment &* SIMD16(repeating: UInt32(truncatingIfNeeded: clock &- self.clock))
        }
        if !started.isEmpty {
            phase.replace(with: beginning(degrees, scatter), where: started.vector)
            started = .none
        }
        self.clock = clock &+ frames
        return isAtRest && !((pitch .!= self.pitch) .| (frequency .!= self.frequency)).any
    }

    private func beginning(_ degrees: Float, _ scatter: Float) -> SIMD16<UInt32> {
        let random = unitTurns(scrambled(seeds)) * Lanes(repeating: scatter)
        return phaseOffset(turns: Lanes(repeating: degrees * (1 / 360))) &+ phaseOffset(turns: random)
    }

    /// Takes the pitch, in semitones, at the beginning of a run, where that is a point of the grid.
    @inline(__always) mutating func tune(_ run: ControlSegment, pitch: Lanes, frequency: Lanes) {
        guard run.phase == 0 else { return }
        let moved = (pitch .!= self.pitch) .| (frequency .!= self.frequency)
        if moved.any || !isAtRest { tune(pitch: pitch, frequency: frequency, .all, snapping: .none) }
    }

    private mutating func tune(pitch: Lanes, frequency: Lanes, _ lanes: LaneMask, snapping: LaneMask) {
        let scale = frequency / Lanes(repeating: 440)
        let cycles = (cyclesPerFrame(pitch: pitch, sampleRate: sampleRate) * scale)
            .smaller(Lanes(repeating: 0.5))
        let moving = lanes.vector, target = phaseIncrement(cycles)
        let from = nextIncrement.replacing(with: target, where: snapping.vector)
        increment.replace(with: from, where: moving)
        nextIncrement.replace(with: target, where: moving)
        // A sixteenth of the way each frame, rounded down; the next point of the grid makes it good.
        let way = unsafeBitCast(target &- from, to: SIMD16<Int32>.self) &>> SIMD16<Int32>(repeating: 4)
        slope.replace(with: unsafeBitCast(way, to: SIMD16<UInt32>.self), where: moving)
        // Not below 10⁻⁹, so that what is divided by it is finite.
        let turns = (cycles * Lanes(repeating: bandLimitReach)).larger(Lanes(repeating: 1e-9))
        let before = turnsPerReach.target
        turnsPerReach.aim(at: turns, lanes, snapping: snapping)
        reachesPerStep.aim(at: Lanes(repeating: 0x1p-32) / turns, lanes, snapping: snapping)
        let widest = turnsPerReach.target.larger(before)
        crowdsJumps = (widest .> Lanes(repeating: 0.5)).any
        crowdsCorners = (widest .> Lanes(repeating: 0.25)).any
        self.pitch.replace(with: pitch, where: moving)
        self.frequency.replace(with: frequency, where: moving)
        isAtRest = !(slope .!= SIMD16<UInt32>(repeating: 0)).any && turnsPerReach.isSteady
    }

    /// Whether, in one of `lanes`, a jump at half a turn after `phase` reaches into the next `frames` frames of a pitch that
    /// stays. Where none does, what a jump lacks is exactly 0.
    @inline(__always) func jumps(
        _ phase: SIMD16<UInt32>, within frames: Int, in lanes: LaneMask
    ) -> Bool {
        let place = signedSteps(phase), perStep = reachesPerStep.line(from: 0).value
        let halfTurn = perStep * Lanes(repeating: 0x1p31)
        let since = halfTurn.addingProduct(place, perStep)
        let until = halfTurn.subtractingProduct(place, perStep)
        // A little more than it is, whatever is rounded.
        let reach = Lanes(repeating: 1.001), ahead = reach + Lanes(repeating: Float(frames) / bandLimitReach)
        return !(((since .< reach) .| (until .< ahead)).lanes & lanes).isEmpty
    }

    /// The course of the frequency from `phase` frames after the last point of the grid to the next.
    @inline(__always) func course(from phase: Int) -> Course {
        let frames = UInt32(truncatingIfNeeded: phase)
        return Course(
            increment: increment &+ slope &* SIMD16(repeating: frames), slope: slope,
            turnsPerReach: turnsPerReach.line(from: phase), reachesPerStep: reachesPerStep.line(from: phase))
    }

    /// A frequency between two points of the grid, frame by frame.
    struct Course {
        private(set) var increment: SIMD16<UInt32>
        private let slope: SIMD16<UInt32>
        private var turnsLine: ControlLine
        private var reachesLine: ControlLine

        @inline(__always) fileprivate init(
            increment: SIMD16<UInt32>, slope: SIMD16<UInt32>, turnsPerReach: ControlLine,
            reachesPerStep: ControlLine
        ) {
            self.increment = increment
            self.slope = slope
            turnsLine = turnsPerReach
            reachesLine = reachesPerStep
        }

        /// ``bandLimitReach`` frames, in turns.
        var turnsPerReach: Lanes { @inline(__always) get { turnsLine.value } }
        /// How many ``bandLimitReach`` frames a step of the phase has.
        var reachesPerStep: Lanes { @inline(__always) get { reachesLine.value } }

        /// One frame on.
        @inline(__always) mutating func advance() {
            increment = increment &+ slope
            turnsLine.advance()
            reachesLine.advance()
        }
    }
}
