import KairosControl
import KairosDSP

/// The beats since the start of the engine, by the ticks of a clock or by a tempo. They never stop. [audio]
struct BeatCounter: BitwiseCopyable {
    /// Beats in a tick of a clock.
    private static let tick = 1.0 / 24

    /// A frame and its beats, from which a tempo counts.
    private var anchorFrame = 0
    private var anchorBeats = 0.0
    /// True from the first tick of a clock until its loss was noticed.
    private var followsClock = false
    /// The beats at the first tick of the clock, and the number of ticks since.
    private var firstTick = 0.0
    private var ticks = 0

    /// The beats at the last tick.
    private var lastTick: Double { firstTick + Double(ticks) * Self.tick }

    /// The beats at the first tick of the music, where the last one is the tick with this index; nil before the clock
    /// has ticked.
    func origin(ofTick index: Int) -> Double? {
        followsClock ? firstTick + Double(ticks - index) * Self.tick : nil
    }

    /// Counts `count` ticks of a clock at `frame`. `isFirst` is true where no clock was running before.
    mutating func add(ticks count: Int, at frame: Int, isFirst: Bool, _ time: BeatTime) {
        if isFirst || !followsClock {
            followsClock = true
            firstTick = time.beats
            ticks = 0
        } else {
            ticks += count
        }
    }

    /// Goes on at another internal tempo from `frame` on; `time` is the time there.
    mutating func changeTempo(at frame: Int, isAlive: Bool, _ time: BeatTime) {
        guard !isAlive else { return }
        anchorBeats = time.beats
        anchorFrame = frame
        followsClock = false
    }

    /// The time at `frame`. `framesPerBeat` is that of the internal tempo, `origin` the beat at which the music
    /// begins.
    func time(
        at frame: Int, _ follower: TempoFollower, framesPerBeat: Double, origin: Double?
    ) -> BeatTime {
        guard followsClock else {
            return BeatTime(
                frame: frame, anchorFrame: anchorFrame, anchorBeats: anchorBeats,
                framesPerBeat: framesPerBeat, origin: origin)
        }
        let line = follower.line, deadline = follower.deadline.rounded(.up)
        let limit = lastTick + (line == nil ? 0 : Self.tick)
        guard follower.isAlive(at: Double(frame)) else {
            return BeatTime(
                frame: frame, anchorFrame: Int(deadline), anchorBeats: limit, framesPerBeat: framesPerBeat,
                origin: origin)
        }
        return BeatTime(
            frame: frame, anchorFrame: line?.tick ?? Double(frame), anchorBeats: lastTick,
            framesPerBeat: (line?.interval ?? .infinity) / Self.tick, limit: limit, deadline: deadline,
            freeFramesPerBeat: framesPerBeat, origin: origin)
    }
}
