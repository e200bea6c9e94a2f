/// Tracks the tempo of a MIDI clock, 24 ticks in a beat, and removes the jitter of its ticks. A plain value
/// for one thread.
///
/// It fits a line through the times of the ticks by least squares over a window that grows from the first
/// tick up to four beats (α-β filter with the gains of an expanding memory: E. Brookner, "Tracking and Kalman
/// Filtering Made Easy", 1998, ch. 7). Where the residuals have a systematic sign, the tempo is changing, and
/// the window is shortened.
public struct TempoFollower: Sendable {
    private let sampleRate: Double
    /// The length of the window in ticks; 0 before the first tick.
    private var memory = 0
    /// The interval of the ticks in frames, and the frame of the last tick on the fitted line.
    private var period = 0.0
    private var fitted = 0.0
    private var lastTick = 0.0
    private var lastInterval = 0.0
    /// Running means of the residuals and of their magnitude, in frames.
    private var bias = 0.0
    private var noise = 0.0
    /// The number of consecutive intervals that are too long (negative: too short), and the frame where they
    /// began.
    private var run = 0
    private var runStart = 0.0
    /// The number of lost ticks, minus duplicates, that were counted since then. Where the clock turns out to have
    /// another tempo, there were none.
    private var supposed = 0

    private static let longest = 96, shortest = 10
    /// The range of the tempo in beats per minute.
    public static let range = 20.0...400.0

    /// A follower without a tempo; `sampleRate` is in Hz.
    public init(sampleRate: Double) { self.sampleRate = sampleRate }

    /// True once the tempo is known: after half a beat.
    public var hasTempo: Bool { memory >= 12 }

    /// The tempo in beats per minute, clamped to ``range``.
    public var tempo: Double { min(Self.range.upperBound, max(Self.range.lowerBound, tempo(of: period))) }

    /// True where the clock is running at `frame`: it counts as stopped after two beats without a tick.
    public func isAlive(at frame: Double) -> Bool { memory > 0 && frame < deadline }

    /// The frame at which the clock counts as stopped unless another tick comes.
    public var deadline: Double { lastTick + 48 * (memory > 1 ? period : slowest) }

    /// The fraction of a tick interval since the last tick, 0…1.
    public func fraction(at frame: Double) -> Double {
        memory > 1 ? min(1, max(0, (frame - fitted) / period)) : 0
    }

    /// The interval of the ticks in frames; nil before the second tick.
    public var interval: Double? { memory > 1 ? period : nil }

    /// The number of tick intervals since the last tick on the fitted line, not limited: less than 0 where the tick came
    /// early, and more than 1 where the next one is late. Nil before the second tick.
    public func distance(at frame: Double) -> Double? { memory > 1 ? (frame - fitted) / period : nil }

    /// The last tick on the fitted line, and the interval of the ticks, in frames; nil while the interval is unknown.
    public var line: (tick: Double, interval: Double)? { memory > 1 ? (fitted, period) : nil }

    /// Adds a tick at `frame`. Returns the number of clock ticks that it stands for: 0 for a duplicate, more
    /// than 1 after lost ticks, and less than 1 where ticks before it were wrongly taken for lost.
    @discardableResult
    public mutating func tick(at frame: Double) -> Int {
        defer { lastTick = frame }
        guard memory > 0, frame < deadline else {
            restart(at: frame)
            return 1
        }
        let interval = frame - lastTick
        if memory == 1 {
            guard interval > 0 else { return 0 }
            period = min(slowest, max(fastest, interval))
            fitted = frame
            memory = 2
            noise = period * 0.05
            return 1
        }
        if isOtherTempo(interval) { return begin(frame, interval: (frame - runStart) / 4) - supposed }
        let isDouble = interval < period * 0.25
        defer { lastInterval = interval }
        // The ticks of a clock faster than the range are counted all the same.
        if isDouble {
            guard lastInterval > period * 0.5 else { return 1 }
            supposed -= 1
            return 0
        }
        let count = max(1, ((frame - fitted) / period).rounded())
        // `count` > 1 after lost ticks. A tick far from every expected time is taken for the next one.
        let isNext = abs(frame - fitted - count * period) >= period * 0.3
        update(frame, count: isNext ? 1 : count)
        if !isNext { supposed += Int(count) - 1 }
        return isNext ? 1 : Int(count)
    }

    /// True after four consecutive intervals that are all shorter, or all longer, by 12 %. Random jitter
    /// would alternate.
    private mutating func isOtherTempo(_ interval: Double) -> Bool {
        let direction = interval < period * 0.88 ? -1 : interval > period * 1.12 ? 1 : 0
        if direction == 0 || direction * run < 0 { run = 0 }
        if run == 0 {
            runStart = lastTick
            supposed = 0
        }
        run += direction
        return abs(run) >= 4
    }

    private mutating func begin(_ frame: Double, interval: Double) -> Int {
        restart(at: frame)
        period = min(slowest, max(fastest, interval))
        noise = period * 0.05
        memory = 4
        return 1
    }

    private var slowest: Double { sampleRate * 60 / 24 / Self.range.lowerBound }
    private var fastest: Double { sampleRate * 60 / 24 / Self.range.upperBound }
    private func tempo(of period: Double) -> Double { period > 0 ? sampleRate * 60 / (24 * period) : 0 }

    private mutating func restart(at frame: Double) {
        memory = 1
        fitted = frame
        bias = 0
        run = 0
    }

    private mutating func update(_ frame: Double, count: Double) {
        let expected = fitted + period * count
        let residual = frame - expected
        bias += (residual - bias) * 0.15
        noise += (abs(residual) - noise) * 0.05
        // The mean of a dozen random residuals stays well within this bound.
        let isSystematic = memory > Self.shortest && abs(bias) > 0.9 * noise + sampleRate * 0.00002
        memory = isSystematic ? max(Self.shortest, memory * 3 / 4) : min(Self.longest, memory + 1)
        let k = Double(memory)
        fitted = expected + residual * 2 * (2 * k - 1) / (k * (k + 1))
        period += residual * 6 / (k * (k + 1)) / count
        period = min(slowest, max(fastest, period))
    }
}
