import KairosControl

/// Where the music is: by a clock's ticks, 24 to the beat, or by a tempo of its own.
///
/// > Audio thread.
struct Transport {
    var meter: Int
    private let sampleRate: Double
    private var follower: TempoFollower
    private var taps: TapTempo
    /// Which device's clock it follows: while that one ticks, another's is not heard.
    private var clockSource: UInt16 = 0
    private(set) var isRunning = false
    /// Whether it runs by its own tempo.
    private var runsFree = false
    /// Of the last tick, counted from the beginning; −1 before the first.
    private(set) var tick = -1
    /// The frame of the last tick.
    private var tickFrame = -1
    /// Beats a minute, where there is no clock.
    private(set) var ownTempo = 120.0
    /// Where its own tempo was set or started: a frame and the beats until then.
    private var anchorFrame = 0
    private var anchorBeats = 0.0

    init(meter: Int, sampleRate: Double) {
        self.meter = max(1, meter)
        self.sampleRate = sampleRate
        follower = TempoFollower(sampleRate: sampleRate)
        taps = TapTempo(sampleRate: sampleRate)
    }

    // MARK: a clock's

    mutating func start() {
        tick = -1
        isRunning = true
        runsFree = false
    }

    mutating func resume() {
        isRunning = true
        runsFree = false
    }

    mutating func stop() { isRunning = false }
    mutating func locate(sixteenths: Int) { tick = sixteenths * 6 - 1 }

    mutating func advance(at frame: Int, from source: UInt16) {
        guard source == clockSource || !follower.isAlive(at: Double(frame)) else { return }
        clockSource = source
        let ticks = follower.tick(at: Double(frame))
        guard isRunning, !runsFree, ticks > 0 else { return }
        tick += ticks
        tickFrame = frame
    }

    // MARK: its own

    /// Starts from the beginning, or stands still: with the clock where there is one, else by its own tempo.
    mutating func toggle(at frame: Int) {
        if isRunning { return isRunning = false }
        start()
        runsFree = !follower.isAlive(at: Double(frame))
        anchorFrame = frame
        anchorBeats = 0
    }

    /// Beats a minute, 20 … 400.
    mutating func setTempo(_ tempo: Double, at frame: Int) {
        anchorBeats = beats(at: frame)
        anchorFrame = frame
        ownTempo = min(400, max(20, tempo))
    }

    mutating func tap(at frame: Int) {
        if let tempo = taps.tap(at: frame) { setTempo(tempo, at: frame) }
    }

    // MARK: what time it is

    /// Beats a minute: the clock's while there is one.
    func tempo(at frame: Int) -> Double {
        follower.hasTempo && follower.isAlive(at: Double(frame)) ? follower.tempo : ownTempo
    }

    /// Beats from the beginning.
    func beats(at frame: Int) -> Double {
        guard runsFree else {
            let part = isRunning ? follower.fraction(at: Double(frame)) : 0
            return max(0, Double(tick) + part) / 24
        }
        return isRunning ? anchorBeats + Double(frame - anchorFrame) / framesPerBeat : anchorBeats
    }

    private var framesPerBeat: Double { sampleRate * 60 / ownTempo }

    /// Whether the music stands on a beat (or a bar) at `frame`, or does not move at all.
    func allows(_ switching: EntryTables.Switching, at frame: Int) -> Bool {
        guard isRunning else { return true }
        if runsFree { return nextBoundary(switching, from: frame) == frame }
        let length = switching == .bar ? 24 * meter : 24
        return (tickFrame == frame && tick >= 0 && tick % length == 0) || hasFallenSilent(at: frame)
    }

    /// A clock that started the music and then went away does not keep anybody waiting.
    private func hasFallenSilent(at frame: Int) -> Bool { tick >= 0 && !follower.isAlive(at: Double(frame)) }

    /// The first frame from `frame` on at which a change may come without an event; nil where a clock's tick will
    /// tell.
    func nextBoundary(_ switching: EntryTables.Switching, from frame: Int) -> Int? {
        guard isRunning, switching == .beat || switching == .bar else { return nil }
        guard runsFree else { return tick >= 0 ? max(frame, Int(follower.deadline.rounded(.up))) : nil }
        let length = switching == .bar ? Double(meter) : 1
        // A frame is on the beat when the one before was not yet.
        let before = anchorBeats + Double(frame - 1 - anchorFrame) / framesPerBeat
        let next = ((before / length).rounded(.down) + 1) * length
        return max(frame, anchorFrame + Int(((next - anchorBeats) * framesPerBeat).rounded(.up)))
    }
}
