import KairosControl
import KairosDSP

/// The transport: the position of the music in beats, by the ticks of a MIDI clock (24 in a beat) or by a tempo of its
/// own. [audio]
struct Transport {
    /// Beats in a bar, at least 1.
    var meter: Int
    private let sampleRate: Double
    private var follower: TempoFollower
    private var taps: TapTempo
    /// The source whose clock it follows. While that clock ticks, others are ignored.
    private var clockSource: UInt16 = 0
    private(set) var isRunning = false
    /// The number of jumps of the position: starts, stops, song positions, and first ticks after them.
    private(set) var jumps = 0
    /// True where a clock has started it and its first tick has not come yet.
    private var awaitsTick = false
    /// The tempo of the last clock, in beats per minute; nil after its own tempo was set or started.
    private var clockTempo: Double?
    /// True where it runs by its own tempo.
    private var runsFree = false
    /// The number of ticks since the beginning of the music: the last tick is the one before.
    private var ticks = 0
    /// The frame of the last tick, or nil.
    private var tickFrame: Int?
    /// The tempo in beats per minute where there is no clock, 20…400.
    private(set) var ownTempo = 120.0
    /// The frame at which its own tempo was set or started, and the beats until then.
    private var anchorFrame = 0
    private var anchorBeats = 0.0
    /// The beats for note stages, which do not stop, and the one at which the music began by its own tempo.
    private var counter = BeatCounter()
    private var freeOrigin = 0.0

    init(meter: Int, sampleRate: Double) {
        self.meter = max(1, meter)
        self.sampleRate = sampleRate
        follower = TempoFollower(sampleRate: sampleRate)
        taps = TapTempo(sampleRate: sampleRate)
    }

    // MARK: by a clock

    /// Starts from the beginning: the next tick of the clock is the first.
    mutating func start() {
        ticks = 0
        isRunning = true
        runsFree = false
        jump()
    }

    /// Continues from the present position.
    mutating func resume() {
        isRunning = true
        runsFree = false
        jump()
    }

    /// Stops.
    mutating func stop() {
        isRunning = false
        jump()
    }

    /// Moves to a position in sixteenth notes from the beginning.
    mutating func locate(sixteenths: Int) {
        ticks = sixteenths * 6
        jump()
    }

    private mutating func jump() {
        jumps += 1
        awaitsTick = true
    }

    /// Counts a tick of the clock of a source. Ticks that were lost are counted too.
    mutating func advance(at frame: Int, from source: UInt16) {
        guard source == clockSource || !follower.isAlive(at: Double(frame)) else { return }
        clockSource = source
        let time = beatTime(at: frame), isFirst = !follower.isAlive(at: Double(frame))
        let count = follower.tick(at: Double(frame))
        if follower.hasTempo { clockTempo = follower.tempo }
        counter.add(ticks: count, at: frame, isFirst: isFirst, time)
        guard isRunning, !runsFree, count != 0 else { return }
        ticks += count
        tickFrame = frame
        if awaitsTick {
            jumps += 1
            awaitsTick = false
        }
    }

    // MARK: by its own tempo

    /// Stops where it runs; otherwise starts from the beginning, by the clock where there is one, else by its own tempo.
    mutating func toggle(at frame: Int) {
        if isRunning { return stop() }
        start()
        runsFree = !follower.isAlive(at: Double(frame))
        anchorFrame = frame
        anchorBeats = 0
        if runsFree { clockTempo = nil }
        freeOrigin = beatTime(at: frame).beats
    }

    /// Sets its own tempo in beats per minute, limited to 20…400.
    mutating func setTempo(_ tempo: Double, at frame: Int) {
        counter.changeTempo(
            at: frame, isAlive: follower.isAlive(at: Double(frame)), beatTime(at: frame))
        anchorBeats = beats(at: frame)
        anchorFrame = frame
        ownTempo = min(400, max(20, tempo))
        clockTempo = nil
    }

    /// Taps the tempo: two taps set its own tempo.
    mutating func tap(at frame: Int) {
        if let tempo = taps.tap(at: frame) { setTempo(tempo, at: frame) }
    }

    // MARK: tempo and position

    /// The tempo in beats per minute: that of the clock while there is one, and after it has ended, until its own tempo
    /// is set or started.
    func tempo(at frame: Int) -> Double { isFollowing(at: frame) ? follower.tempo : clockTempo ?? ownTempo }

    /// True where the tempo is that of a clock that ticks.
    func isFollowing(at frame: Int) -> Bool { follower.hasTempo && follower.isAlive(at: Double(frame)) }

    /// True where the position moves: it runs by its own tempo, or by a clock that ticks.
    func moves(at frame: Int) -> Bool {
        isRunning && (runsFree || (!awaitsTick && follower.isAlive(at: Double(frame))))
    }

    /// The motion at `frame`, where the position moves: the position in beats, and beats per frame. The position is nil
    /// where the next tick is late, so that the clock does not say it.
    func motion(at frame: Int) -> (beats: Double?, perFrame: Double) {
        if runsFree { return (beats(at: frame), 1 / framesPerBeat) }
        guard let interval = follower.interval, let distance = follower.distance(at: Double(frame)) else {
            return (Double(max(0, ticks - 1)) / 24, 1 / framesPerBeat)
        }
        let beats = max(0, Double(ticks - 1) + distance) / 24
        return (distance < 1.25 ? beats : nil, 1 / (24 * interval))
    }

    /// The position in beats from the beginning.
    func beats(at frame: Int) -> Double {
        guard runsFree else {
            let part = isRunning ? follower.fraction(at: Double(frame)) : 0
            return max(0, Double(ticks - 1) + part) / 24
        }
        return isRunning ? anchorBeats + Double(frame - anchorFrame) / framesPerBeat : anchorBeats
    }

    /// The time at `frame` for note stages.
    func beatTime(at frame: Int) -> BeatTime {
        var origin: Double?
        if isRunning { origin = runsFree ? freeOrigin : counter.origin(ofTick: ticks - 1) }
        return counter.time(at: frame, follower, framesPerBeat: framesPerBeat, origin: origin)
    }

    private var framesPerBeat: Double { sampleRate * 60 / ownTempo }

    /// True where the music is on a beat (or on a bar) at `frame`, or does not move.
    func allows(_ switching: EntryTables.Switching, at frame: Int) -> Bool {
        guard isRunning else { return true }
        if runsFree { return nextBoundary(switching, from: frame) == frame }
        let length = switching == .bar ? 24 * meter : 24
        return (tickFrame == frame && ticks > 0 && (ticks - 1) % length == 0) || hasLostClock(at: frame)
    }

    /// True where a clock started the music and no longer ticks: changes do not wait for it.
    private func hasLostClock(at frame: Int) -> Bool { ticks > 0 && !follower.isAlive(at: Double(frame)) }

    /// The first frame from `frame` on at which a change may happen without an event; nil where it happens at a tick of
    /// the clock.
    func nextBoundary(_ switching: EntryTables.Switching, from frame: Int) -> Int? {
        guard isRunning, switching == .beat || switching == .bar else { return nil }
        guard runsFree else { return ticks > 0 ? max(frame, Int(follower.deadline.rounded(.up))) : nil }
        let length = switching == .bar ? Double(meter) : 1
        // The first frame on a beat is the one whose predecessor lies before the beat.
        let before = anchorBeats + Double(frame - 1 - anchorFrame) / framesPerBeat
        let next = ((before / length).rounded(.down) + 1) * length
        return max(frame, anchorFrame + Int(((next - anchorBeats) * framesPerBeat).rounded(.up)))
    }
}
