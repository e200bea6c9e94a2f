import KairosDSP

/// Steps of equal length on the beats of the transport, each with one or more hits. [audio]
///
/// The steps count from the beginning of the music while it runs, and otherwise from the first note. A new length or
/// swing counts from the next step.
struct StepGrid: BitwiseCopyable {
    /// The beat of step 0.
    private var origin = 0.0
    private var length = 1.0
    private var swing = 0.5
    /// The number of hits of the present step.
    private var hits = 1
    /// The step of the next hit. Before the beginning of the music it is negative.
    private(set) var step = 0
    /// The hit that comes next.
    private var hit = 0
    private var isPlanned = false
    /// The beat of the last hit.
    private var last = -Double.infinity

    /// The beat of the next hit.
    var beat: Double { start(of: step) + hitLength * Double(hit) }

    /// The length of a hit in beats.
    var hitLength: Double { (start(of: step + 1) - start(of: step)) / Double(hits) }

    /// True if the next hit is the first one of its step.
    var isFirstHit: Bool { hit == 0 }

    /// True if the next hit is the last one of its step.
    var isLastHit: Bool { hit == hits - 1 }

    /// Begins with a first note: where the music stands still, step 0 is now.
    mutating func begin(_ time: BeatTime) {
        origin = time.origin ?? time.beats
        isPlanned = false
        last = -.infinity
    }

    /// Sets the values of the steps, and finds the next one where they, or the beginning of the music, have changed.
    mutating func plan(_ time: BeatTime, length: Double, swing: Double) {
        let origin = time.origin ?? self.origin
        let moves = abs(origin - self.origin) > BeatTime.tolerance
        // Late by a whole hit: ticks of a clock were lost. What was missed is left out.
        let isLate = isPlanned && time.beats - beat >= hitLength
        if isPlanned, !moves, !isLate, length == self.length, swing == self.swing { return }
        self.origin = origin
        self.length = length
        self.swing = swing
        isPlanned = true
        hit = 0
        let from = time.beats - BeatTime.tolerance
        step = Int(((time.beats - origin) / length).rounded(.down)) - 1
        while start(of: step) < from || start(of: step) <= last + BeatTime.tolerance { step += 1 }
    }

    /// Sets the number of hits of a step, at least 1; once it has begun, nothing changes.
    mutating func setHits(_ count: Int) {
        if hit == 0 { hits = max(1, count) }
    }

    /// Goes on to the next hit. True where it begins another step.
    mutating func advance() -> Bool {
        last = beat
        hit += 1
        guard hit >= hits else { return false }
        hit = 0
        step += 1
        return true
    }

    /// The beat at which a step starts. Every second one is late by the swing.
    func start(of step: Int) -> Double {
        let isLate = step & 1 == 1
        return origin + length * (Double(step) + (isLate ? 2 * swing - 1 : 0))
    }
}
