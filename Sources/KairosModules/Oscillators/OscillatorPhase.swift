import KairosDSP

/// Where an oscillator is in its cycle, in every lane: 32 bits that wrap and do not drift.
///
/// A lane that a note takes begins at the start phase, scattered by the note's seed. A lane that no note takes
/// counts from when its slot became active, and does not notice frames in which it was not run.
struct OscillatorPhase {
    var phase = SIMD16<UInt32>(repeating: 0)
    /// What the phase grows by each frame, in cycles and in phase.
    private(set) var cycles = Lanes.zero
    private(set) var increment = SIMD16<UInt32>(repeating: 0)

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
        tune(cycles: .zero)
        seeds = seed
        started = .none
        isNew = true
        clock = 0
    }

    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: seeds, where: lanes.vector)
        started = started | lanes
    }

    /// Takes a pitch in semitones, times `ratio`, for the frames from here on.
    @inline(always) mutating func tune(pitch: Lanes, ratio: Lanes = .one) {
        tune(
            cycles: (cyclesPerFrame(pitch: pitch, sampleRate: sampleRate) * ratio).smaller(
                Lanes(repeating: 0.5)))
    }

    @inline(always) private mutating func tune(cycles: Lanes) {
        self.cycles = cycles
        increment = phaseIncrement(cycles)
    }

    /// Begins a piece at `clock`, tuned already: new notes at `degrees` plus a random part, 0…1, of a turn.
    @inline(always) mutating func begin(clock: Int, degrees: Float, scatter: Float, frames: Int) {
        if isNew {
            phase = beginning(degrees, scatter)
            isNew = false
        }
        if clock != self.clock {
            phase = phase &+ increment &* SIMD16(repeating: UInt32(truncatingIfNeeded: clock &- self.clock))
        }
        if !started.isEmpty {
            phase.replace(with: beginning(degrees, scatter), where: started.vector)
            started = .none
        }
        self.clock = clock &+ frames
    }

    private func beginning(_ degrees: Float, _ scatter: Float) -> SIMD16<UInt32> {
        let random = unitTurns(scrambled(seeds)) * Lanes(repeating: scatter)
        return phaseOffset(turns: Lanes(repeating: degrees * (1 / 360))) &+ phaseOffset(turns: random)
    }

    /// One frame on.
    @inline(always) mutating func advance() { phase = phase &+ increment }
}
