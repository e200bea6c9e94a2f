import KairosControl
import KairosTestSupport
import Testing

/// Tempo tracking of a jittery MIDI clock, and tap tempo.
@Suite struct TempoTests {
    /// A MIDI clock that gives the times of its ticks, in frames at 48 kHz.
    private struct Clock {
        var frame = 1000.0
        private var draw = Draw(state: 88_172_645_463_325_252)

        mutating func uniform() -> Double {
            Double(draw.next() >> 11) / Double(1 << 53) * 2 - 1
        }

        /// A nearly normal random value with a standard deviation of 1.
        mutating func jitter() -> Double { (0..<3).reduce(0) { sum, _ in sum + uniform() } }

        mutating func next(_ tempo: Double) -> Double {
            frame += 48_000 * 60 / 24 / tempo
            return frame
        }
    }

    @Test(arguments: [30.0, 60, 120, 174, 300]) func `a clean clock is known within half a beat`(
        tempo: Double
    ) {
        var follower = TempoFollower(sampleRate: 48_000), clock = Clock()
        for _ in 0..<12 { follower.tick(at: clock.next(tempo)) }
        #expect(follower.hasTempo && abs(follower.tempo - tempo) < 0.001)
    }

    /// Fails where the tempo follows each single interval, and where the window does not grow.
    @Test(arguments: [60.0, 120, 174]) func `a millisecond of jitter: within four beats, and no wandering`(
        tempo: Double
    ) {
        var follower = TempoFollower(sampleRate: 48_000), clock = Clock()
        for _ in 0..<96 { follower.tick(at: clock.next(tempo) + 48 * clock.jitter()) }
        #expect(abs(follower.tempo - tempo) < tempo * 0.005)
        var worst = 0.0
        for _ in 0..<24 * 200 {
            follower.tick(at: clock.next(tempo) + 48 * clock.jitter())
            worst = max(worst, abs(follower.tempo - tempo))
        }
        #expect(worst < tempo * 0.005)
    }

    /// Fails where the window stays long.
    @Test func `a ritardando is tracked with a lag of at most half a beat`() {
        var follower = TempoFollower(sampleRate: 48_000), clock = Clock()
        for _ in 0..<240 { follower.tick(at: clock.next(120) + 14 * clock.jitter()) }
        var worst = 0.0
        for tick in 0..<192 {
            let tempo = 120 - 60 * Double(tick) / 192
            follower.tick(at: clock.next(tempo) + 14 * clock.jitter())
            worst = max(worst, abs(follower.tempo - tempo))
        }
        // The tempo falls by 7.5 BPM in each beat.
        #expect(worst < 6)
        for _ in 0..<96 { follower.tick(at: clock.next(60)) }
        #expect(abs(follower.tempo - 60) < 0.3)
    }

    @Test(arguments: [(120.0, 90.0), (90, 140), (60, 240)])
    func `a tempo change is tracked within four beats`(
        from: Double, to: Double
    ) {
        var follower = TempoFollower(sampleRate: 48_000), clock = Clock()
        for _ in 0..<240 { follower.tick(at: clock.next(from) + 14 * clock.jitter()) }
        for _ in 0..<96 { follower.tick(at: clock.next(to) + 14 * clock.jitter()) }
        #expect(abs(follower.tempo - to) < to * 0.005)
    }

    @Test func `lost and duplicate ticks change neither tempo nor position`() {
        var follower = TempoFollower(sampleRate: 48_000), clock = Clock()
        for _ in 0..<96 { follower.tick(at: clock.next(120)) }
        _ = clock.next(120)
        #expect(follower.tick(at: clock.next(120)) == 2)
        let frame = clock.next(120)
        #expect(follower.tick(at: frame) == 1 && follower.tick(at: frame + 20) == 0)
        #expect(follower.tick(at: clock.next(120)) == 1)
        #expect(abs(follower.tempo - 120) < 0.01)
    }

    @Test func `the clock counts as stopped after two beats without ticks, and restarts`() {
        var follower = TempoFollower(sampleRate: 48_000), clock = Clock()
        for _ in 0..<96 { follower.tick(at: clock.next(120)) }
        #expect(follower.isAlive(at: clock.frame + 47_000) && !follower.isAlive(at: clock.frame + 49_000))
        clock.frame += 480_000
        for _ in 0..<14 { follower.tick(at: clock.next(90)) }
        #expect(abs(follower.tempo - 90) < 0.01)
    }

    @Test func `two taps set a tempo, eight are averaged, and a different interval starts over`() {
        var taps = TapTempo(sampleRate: 48_000)
        #expect(taps.tap(at: 0) == nil && taps.tap(at: 24_000) == 120)
        // Uneven taps, ±20 ms: the mean is used.
        for beat in 2..<10 { _ = taps.tap(at: beat * 24_000 + (beat % 2 == 0 ? 960 : -960)) }
        let steady = taps.tap(at: 240_000) ?? 0
        #expect(abs(steady - 120) < 1)
        #expect(taps.tap(at: 240_000 + 40_000) == 72)
        #expect(taps.tap(at: 240_000 + 80_000) == 72)
        #expect(taps.tap(at: 240_000 + 80_000 + 200_000) == nil)
    }
}
