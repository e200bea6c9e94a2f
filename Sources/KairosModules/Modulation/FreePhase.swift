import KairosDSP

/// Phase of a free-running modulator that is a part of an effect.
///
/// At the start of a note it is rate × clock: where a constant rate would have brought it since the activation of the
/// slot. So both sides of a voice and all voices have one phase. The value is computed for each control tick, one tick
/// ahead, and moves linearly in between: at 20 Hz that differs from a sine by −71 dB at most.
///
/// While the rate is a note value and the transport runs, the phase is that of the beats instead: at once in lanes that
/// start, and by a ``BeatLock`` in others.
struct FreePhase {
    private let cyclesPerHertz: Float
    private let lock: BeatLock
    private var phase = SIMD16<UInt32>(repeating: 0)
    private var increment = SIMD16<UInt32>(repeating: 0)
    private var started = LaneMask.all
    /// Clock of the next frame.
    private var clock = 0

    init(_ format: Format) {
        cyclesPerHertz = 1 / format.sampleRate
        lock = BeatLock(sampleRate: format.sampleRate)
    }

    mutating func reset() {
        start(.all)
        clock = 0
    }

    mutating func start(_ lanes: LaneMask) { started = started | lanes }

    /// Begins a segment at `clock`: moves `ramp` to the value that `value` has for the phase at the next control tick,
    /// if the segment begins at a control tick, or in lanes that have started. `beats` is the cycle of the rate's note
    /// value (``ModuleIO/beatCycle(_:)``).
    @inline(__always) mutating func begin(
        _ segment: ControlSegment, clock now: Int, rate: Lanes, beats: BeatCycle? = nil,
        _ ramp: inout ControlRamp, _ value: (_ phase: SIMD16<UInt32>) -> Lanes
    ) {
        // Frames in which the module was not run count.
        if now != clock { skip(~started, now &- clock) }
        let frames = segment.end &- segment.first
        clock = now &+ frames
        if segment.phase == 0 || !started.isEmpty {
            let lanes = segment.phase == 0 ? LaneMask.all : started
            if let beats {
                lead(lanes, to: beats, at: segment)
            } else {
                increment.replace(
                    with: phaseIncrement(rate * Lanes(repeating: cyclesPerHertz)), where: lanes.vector)
                if !started.isEmpty {
                    phase.replace(with: 0, where: started.vector)
                    skip(started, now)
                }
            }
            let rest = UInt32(truncatingIfNeeded: SubBlock.controlTick &- segment.phase)
            ramp.aim(at: value(phase &+ increment &* SIMD16(repeating: rest)), lanes, snapping: started)
            started = .none
        }
        phase = phase &+ increment &* SIMD16(repeating: UInt32(truncatingIfNeeded: frames))
    }

    /// Sets the increments of `lanes` by the cycle of the beats, and the phase of those that have started.
    private mutating func lead(_ lanes: LaneMask, to beats: BeatCycle, at segment: ControlSegment) {
        phase.replace(with: SIMD16(repeating: beats.at(segment.first).phase), where: started.vector)
        let way = unsafeBitCast(
            lock.increment(from: phase, to: beats, at: segment.first), to: SIMD16<UInt32>.self)
        increment.replace(with: way, where: lanes.vector)
    }

    /// Advances the phase of `lanes` by `frames` frames.
    private mutating func skip(_ lanes: LaneMask, _ frames: Int) {
        for lane in 0..<16 where lanes.contains(lane) {
            phase[lane] = phase[lane] &+ UInt32(truncatingIfNeeded: Int(increment[lane]) &* frames)
        }
    }
}
