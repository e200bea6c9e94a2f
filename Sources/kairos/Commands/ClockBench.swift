import KairosControl

/// Measures tempo tracking of a MIDI clock with jitter.
struct ClockBench {
    /// The result for one tempo and one jitter.
    struct Row: Encodable {
        /// In BPM.
        var tempo: Double
        /// Jitter of each tick, in milliseconds RMS.
        var jitter: Double
        /// Beats until the tempo stays within 0.5 %.
        var beatsUntilLocked: Double
        /// RMS error of the tempo after 8 beats, in BPM.
        var tempoDeviation: Double
        /// Largest error of the tempo after 8 beats, in BPM.
        var tempoWorst: Double
        /// Standard deviation of the beat position after 8 beats, in milliseconds.
        var placeDeviation: Double
    }

    private static let rate = 48_000.0

    /// All combinations of three tempos and three jitters.
    func rows() -> [Row] {
        [60.0, 120, 174].flatMap { tempo in [0, 0.3, 1.0].map { row(tempo, jitter: $0) } }
    }

    /// The largest lag of the tempo, in BPM, while the clock slows down from 120 to 60 BPM within eight
    /// beats.
    func ritardandoLag() -> Double {
        var follower = TempoFollower(sampleRate: Self.rate), clock = Clock(), worst = 0.0
        for _ in 0..<240 { follower.tick(at: clock.next(120, jitter: 1)) }
        for tick in 0..<192 {
            let tempo = 120 - 60 * Double(tick) / 192
            follower.tick(at: clock.next(tempo, jitter: 1))
            worst = max(worst, follower.tempo - tempo)
        }
        return worst
    }

    private func row(_ tempo: Double, jitter: Double) -> Row {
        var follower = TempoFollower(sampleRate: Self.rate), clock = Clock()
        var locked = 0, squares = 0.0, worst = 0.0, positions: [Double] = []
        let ticks = 24 * 400, from = 24 * 8
        for tick in 0..<ticks {
            follower.tick(at: clock.next(tempo, jitter: jitter))
            let error = follower.tempo - tempo
            if tick < from, !follower.hasTempo || abs(error) > tempo * 0.005 { locked = tick + 1 }
            guard tick >= from else { continue }
            squares += error * error
            worst = max(worst, abs(error))
            // The tracked position at the ideal time of the tick, in milliseconds.
            positions.append((follower.fraction(at: clock.frame) * 60_000 / 24 / tempo))
        }
        let mean = positions.reduce(0, +) / Double(positions.count)
        let spread = positions.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(positions.count)
        return Row(
            tempo: tempo, jitter: jitter, beatsUntilLocked: Double(locked) / 24,
            tempoDeviation: (squares / Double(ticks - from)).squareRoot(), tempoWorst: worst,
            placeDeviation: spread.squareRoot())
    }

    /// A clock with pseudo-random jitter, the same in every run (xorshift64).
    private struct Clock {
        var frame = 1000.0
        private var state: UInt64 = 88_172_645_463_325_252

        mutating func next(_ tempo: Double, jitter: Double) -> Double {
            frame += ClockBench.rate * 60 / 24 / tempo
            // The sum of three uniform numbers in −1…1 has a standard deviation of 1 and is nearly normal.
            return frame + jitter * 48 * (0..<3).reduce(0) { sum, _ in sum + uniform() }
        }

        private mutating func uniform() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) / Double(1 << 53) * 2 - 1
        }
    }

    func run(json: Bool) throws {
        let rows = rows(), lag = ritardandoLag()
        if json {
            struct Figures: Encodable {
                var clocks: [Row]
                var ritardandoLag: Double
            }
            return try printJSON(Figures(clocks: rows, ritardandoLag: lag))
        }
        printLine("tempo  jitter ms  beats until locked  tempo error RMS  worst  position deviation ms")
        for row in rows {
            printLine(
                "\(padded(fixed(row.tempo, 0), 5))  \(padded(fixed(row.jitter, 1), 9))  "
                    + "\(padded(fixed(row.beatsUntilLocked, 1), 18))  "
                    + "\(padded(fixed(row.tempoDeviation, 3), 15))  "
                    + "\(padded(fixed(row.tempoWorst, 3), 5))  \(fixed(row.placeDeviation, 2))"
            )
        }
        printLine(
            "from 120 to 60 BPM in eight beats, 1 ms of jitter: "
                + "the tempo lags by at most \(fixed(lag, 1)) BPM"
        )
    }
}
