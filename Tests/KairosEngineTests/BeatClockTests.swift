import KairosControl
import KairosDSP
import KairosTestSupport
import Testing

@testable import KairosEngine

/// The position of the music as modules get it, against the position that the clock meant.
@Suite struct BeatClockTests {
    /// A transport, its beat clock, and a MIDI clock with jitter, at 48 kHz.
    private struct Run {
        var transport = Transport(meter: 4, sampleRate: 48_000)
        var clock = BeatClock(sampleRate: 48_000)
        var frame = 0
        var position = TransportPosition()
        /// Frames of the ticks as the clock means them, and the number of the tick that comes next.
        var meant: [Double] = []
        private var draw = Draw(state: 88_172_645_463_325_252)

        /// A normal random value, nearly, with a standard deviation of 1.
        mutating func random() -> Double {
            (0..<3).reduce(0) { sum, _ in sum + Double(draw.next() >> 11) / Double(1 << 53) * 2 - 1 }
        }

        /// Advances to a frame, with an anchor at each multiple of 64. `body` gets each position.
        mutating func advance(to end: Int, _ body: (Int, TransportPosition) -> Void = { _, _ in }) {
            while frame < end {
                position = clock.position(at: frame, transport)
                body(frame, position)
                frame = min(end, (frame / 64 + 1) * 64)
            }
        }

        /// One tick, meant `beats` / 24 after the one before at `tempo`, with a jitter in frames.
        mutating func tick(
            _ tempo: Double, jitter: Double = 0, _ body: (Int, TransportPosition) -> Void = { _, _ in }
        ) {
            let due = (meant.last ?? 1000 - 48_000 * 60 / 24 / tempo) + 48_000 * 60 / 24 / tempo
            meant.append(due)
            advance(to: max(frame, Int((due + jitter * random()).rounded())), body)
            transport.advance(at: frame, from: 0)
        }

        /// The position in beats that the clock meant at a frame between its last ticks.
        func truth(at frame: Int) -> Double? {
            let time = Double(frame)
            guard let index = meant.lastIndex(where: { $0 <= time }), index + 1 < meant.count else {
                return nil
            }
            return (Double(index) + (time - meant[index]) / (meant[index + 1] - meant[index])) / 24
        }

        /// The distance from the meant position in milliseconds, at the tick before the last.
        func error(_ tempo: Double) -> Double? {
            guard let truth = truth(at: frame - 1) else { return nil }
            return (position.beats(at: frame - 1 - (frame - 1) / 64 * 64) - truth) * 60_000 / tempo
        }
    }

    /// Fails where the position follows the ticks themselves, or runs by the estimated tempo alone.
    @Test(arguments: [20.0, 60, 120, 174, 400]) func `ten minutes of a clock with 1 ms of jitter: under 1 ms`(
        tempo: Double
    ) {
        var run = Run(), last = Int64(-1), goesBack = false, worst = 0.0, sum = 0.0, count = 0
        run.transport.start()
        let ticks = Int(tempo * 24 * 10)
        for tick in 0...ticks {
            run.tick(tempo, jitter: 48) { _, position in
                goesBack = goesBack || position.position < last
                last = position.position
            }
            // From the third bar on, at the beginning of each bar.
            guard tick > 192, tick % 96 == 0, let error = run.error(tempo) else { continue }
            worst = max(worst, abs(error))
            sum += error
            count += 1
        }
        #expect(worst < 1, "at \(tempo) BPM \(worst) ms")
        #expect(!goesBack)
        #expect(abs(sum / Double(count)) < 0.2)
    }

    /// Fails where the position is not corrected after a change.
    @Test func `ten minutes of tempo changes and ritardandi: under 1 ms four beats after each`() {
        var run = Run(), worst = 0.0, tempo = 120.0, beats = 0
        run.transport.start()
        let tempi = [120.0, 90, 140, 60, 174, 128]
        while run.frame < 600 * 48_000 {
            let next = tempi[(beats / 64) % tempi.count]
            for _ in 0..<24 {
                // Of 64 beats, the first eight glide every other time.
                if beats / 64 % 2 == 1, beats % 64 < 8 {
                    tempo += (next - tempo) * 0.02
                } else {
                    tempo = next
                }
                run.tick(tempo, jitter: 14)
            }
            beats += 1
            if beats % 64 >= 16, let error = run.error(tempo) { worst = max(worst, abs(error)) }
        }
        #expect(worst < 1, "\(worst) ms")
    }

    /// Fails where the longer intervals of a slower clock are taken for lost ticks.
    @Test(arguments: [(140.0, 90.0), (120, 80), (180, 90), (90, 140), (60, 180), (400, 250), (60, 300)])
    func `a sudden change of the tempo loses and gains no tick`(from: Double, to: Double) {
        var run = Run()
        run.transport.start()
        for _ in 0..<240 { run.tick(from) }
        for _ in 0..<240 { run.tick(to) }
        #expect(abs(run.error(to) ?? 99) < 0.1)
    }

    @Test func `its own tempo is exact, also after changes`() {
        var run = Run()
        run.advance(to: 1000)
        run.transport.toggle(at: run.frame)
        var beats = 0.0
        for minute in 0..<10 {
            let tempo = [120.0, 97.3, 240, 20, 400][minute % 5]
            run.transport.setTempo(tempo, at: run.frame)
            let frames = 60 * 48_000 / 64 * 64
            run.advance(to: run.frame + frames)
            beats += Double(frames) * tempo / 60 / 48_000
            run.position = run.clock.position(at: run.frame, run.transport)
            #expect(abs(run.position.beats(at: 0) - beats) < 1e-4, "minute \(minute)")
            #expect(run.position.tempo == Float(tempo))
        }
    }

    /// Fails where note values follow every estimate of the tempo.
    @Test func `the tempo of note values does not wander with the jitter`() {
        var run = Run(), tempi: [Float] = []
        run.transport.start()
        for tick in 0..<24 * 400 {
            run.tick(120, jitter: 48) { _, position in
                if tick > 96, tempi.last != position.tempo { tempi.append(position.tempo) }
            }
        }
        #expect(tempi.count <= 4, "\(tempi)")
        #expect(tempi.allSatisfy { abs($0 - 120) < 0.3 })
    }

    @Test func `start, stop, continue and song position`() {
        var run = Run()
        for _ in 0..<48 { run.tick(120) }
        #expect(!run.position.isRunning && run.position.position == 0 && abs(run.position.tempo - 120) < 0.15)
        // The first tick after the start is beat 0, at its own frame.
        run.transport.start()
        run.advance(to: run.frame + 10)
        run.position = run.clock.position(at: run.frame, run.transport)
        #expect(!run.position.isRunning)
        run.tick(120)
        run.position = run.clock.position(at: run.frame, run.transport)
        #expect(run.position.isRunning && run.position.beats(at: 0) < 0.001)
        for _ in 0..<24 { run.tick(120) }
        run.position = run.clock.position(at: run.frame, run.transport)
        #expect(abs(run.position.beats(at: 0) - 1) < 0.001)
        run.transport.stop()
        for _ in 0..<7 { run.tick(120) }
        #expect(!run.position.isRunning && run.position.perFrame == 0)
        // Tick 25 follows, where it went on.
        run.transport.resume()
        run.tick(120)
        run.position = run.clock.position(at: run.frame, run.transport)
        #expect(run.position.isRunning && abs(run.position.beats(at: 0) - 25.0 / 24) < 0.001)
        run.transport.locate(sixteenths: 64)
        run.tick(120)
        run.position = run.clock.position(at: run.frame, run.transport)
        #expect(run.position.isRunning && abs(run.position.beats(at: 0) - 16) < 0.001)
    }

    @Test func `a clock that stops: it goes on for two beats, then stands, and keeps the tempo`() {
        var run = Run()
        run.transport.start()
        for _ in 0..<96 { run.tick(90) }
        let end = run.frame
        run.advance(to: end + 48_000)
        #expect(run.position.isRunning)
        #expect(abs(run.position.beats(at: 0) - (95 + 24 * 1.5 - 0.05) / 24) < 0.01)
        run.advance(to: end + 80_000)
        #expect(!run.position.isRunning && abs(run.position.tempo - 90) < 0.1)
        run.transport.setTempo(130, at: run.frame)
        run.advance(to: run.frame + 128)
        #expect(run.position.tempo == 130)
    }
}
