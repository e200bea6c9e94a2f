import KairosDSP

/// Amplitude of an LFO at the beginning of a note: 0 during the delay, then a straight line to 1.
struct LFOOnset: BitwiseCopyable {
    /// Largest age: more than the longest delay and fade, and still a whole number in 24 bits.
    private static var longest: Float { 8_388_608 }

    private let sampleRate: Float
    /// Frames since the beginning of the note.
    private var age = Lanes.zero
    /// Frames of the delay, and growth of the amplitude per frame after it.
    private var delay = Lanes.zero
    private var growth = Lanes(repeating: .infinity)
    /// True if the amplitude is 1 in all lanes, now and until a note begins.
    private(set) var isFull = true

    init(_ format: Format) { sampleRate = format.sampleRate }

    /// Begins a note in `lanes`, with times in seconds.
    @inline(__always) mutating func begin(_ lanes: LaneMask, delay seconds: Lanes, fade: Lanes) {
        if lanes.isEmpty { return }
        age.set(lanes, to: 0)
        delay.replace(with: delayFrames(seconds), in: lanes)
        growth.replace(with: .one / (fade * Lanes(repeating: sampleRate)), in: lanes)
        updateIsFull()
    }

    /// Whole frames of a delay of `seconds`.
    func delayFrames(_ seconds: Lanes) -> Lanes {
        // Adding 3 · 2²² rounds to a whole number.
        let magic = Lanes(repeating: 12_582_912)
        return seconds * Lanes(repeating: sampleRate) + magic - magic
    }

    /// Amplitude at frame `n` of the sub-block, 0…1.
    @inline(__always) func amplitude(_ n: Int) -> Lanes {
        // Without a fade the growth is infinite, and 0 · ∞ in the last frame of the delay is clamped to 0.
        ((age - delay + Lanes(repeating: Float(n &+ 1))) * growth).clamped(0, 1)
    }

    /// Advances by `frames` frames.
    @inline(__always) mutating func advance(_ frames: Int) {
        if isFull { return }
        age = (age + Lanes(repeating: Float(frames))).smaller(Lanes(repeating: Self.longest))
        updateIsFull()
    }

    private mutating func updateIsFull() { isFull = !(amplitude(0) .< Lanes.one).any }
}
