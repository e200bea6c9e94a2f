/// The tempo of a MIDI clock, 24 ticks a beat, without the jitter of its ticks.
///
/// A straight line through the ticks, by least squares over a memory that grows from the first tick on (α-β filter
/// with the gains of an expanding memory: E. Brookner, "Tracking and Kalman Filtering Made Easy", 1998, ch. 7), up
/// to four beats. Where the ticks stay to one side of the line the tempo changes, and the memory gets short.
///
/// > One thread; plain values.
public struct TempoFollower: Sendable {
    private let sampleRate: Double
    /// Ticks in the memory.
    private var memory = 0
    /// Frames from tick to tick, and where the line has the last one.
    private var period = 0.0
    private var place = 0.0
    private var lastTick = 0.0
    private var lastInterval = 0.0
    /// The mean of the last residuals, and of their size.
    private var lean = 0.0
    private var noise = 0.0
    /// Intervals in a row that are longer (or, below 0, shorter) than they should be, and where that began.
    private var run = 0
    private var runStart = 0.0

    private static let longest = 96, shortest = 10
    /// Beats a minute.
    public static let range = 20.0...400.0

    /// For a clock of no tempo yet.
    public init(sampleRate: Double) { self.sampleRate = sampleRate }

    /// Whether so many ticks have come that the tempo is one: half a beat.
    public var hasTempo: Bool { memory >= 12 }

    /// Beats a minute, within ``range``.
    public var tempo: Double { min(Self.range.upperBound, max(Self.range.lowerBound, tempo(of: period))) }

    /// Whether ticks still come at `frame`: two beats without one, and there is no clock.
    public func isAlive(at frame: Double) -> Bool { memory > 0 && frame < deadline }

    /// The frame from which on the clock has fallen silent, unless another tick comes.
    public var deadline: Double { lastTick + 48 * (memory > 1 ? period : slowest) }

    /// The part of a tick since the last one, 0 … 1.
    public func fraction(at frame: Double) -> Double {
        memory > 1 ? min(1, max(0, (frame - place) / period)) : 0
    }

    /// A tick at `frame`. Returns how many ticks of the clock it stands for: 0 for a double, more than 1 after some
    /// that were lost.
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
            place = frame
            memory = 2
            noise = period * 0.05
            return 1
        }
        if isOtherTempo(interval) { return begin(frame, interval: (frame - runStart) / 4) }
        let isDouble = interval < period * 0.25
        defer { lastInterval = interval }
        // A clock beyond the range has no tempo here, but its ticks count.
        if isDouble { return lastInterval > period * 0.5 ? 0 : 1 }
        let count = max(1, ((frame - place) / period).rounded())
        // After some that were lost; a tick far from any place is taken for the next.
        let isNext = abs(frame - place - count * period) >= period * 0.3
        follow(frame, count: isNext ? 1 : count)
        return isNext ? 1 : Int(count)
    }

    /// Four intervals in a row that are all shorter, or all longer, by an eighth: chance takes turns.
    private mutating func isOtherTempo(_ interval: Double) -> Bool {
        let way = interval < period * 0.88 ? -1 : interval > period * 1.12 ? 1 : 0
        if way == 0 || way * run < 0 { run = 0 }
        if run == 0 { runStart = lastTick }
        run += way
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
        place = frame
        lean = 0
        run = 0
    }

    private mutating func follow(_ frame: Double, count: Double) {
        let expected = place + period * count
        let residual = frame - expected
        lean += (residual - lean) * 0.15
        noise += (abs(residual) - noise) * 0.05
        // Of residuals that are chance alone, the mean of a dozen stays far within this.
        let isSystematic = memory > Self.shortest && abs(lean) > 0.9 * noise + sampleRate * 0.00002
        memory = isSystematic ? max(Self.shortest, memory * 3 / 4) : min(Self.longest, memory + 1)
        let k = Double(memory)
        place = expected + residual * 2 * (2 * k - 1) / (k * (k + 1))
        period += residual * 6 / (k * (k + 1)) / count
        period = min(slowest, max(fastest, period))
    }
}
