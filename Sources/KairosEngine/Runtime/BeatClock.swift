import KairosDSP

/// Position of the music as modules get it: that of the transport, without the jitter of a clock. [audio]
///
/// The position is a straight line from one anchor to the next. Anchors are the multiples of ``SubBlock/longest`` frames
/// and the frames at which the transport jumps; both begin a sub-block, so that the position does not depend on the
/// length of blocks. At an anchor the slope is the tempo, and a correction that removes the distance from the
/// transport's own position with a time constant of 50 ms (a phase-locked loop of first order). It jumps with the
/// transport, and where the distance is more than a quarter of a beat.
struct BeatClock {
    /// Position in 2⁻³² beats at the anchor, and per frame from there on.
    private var anchor: Int64 = 0
    private var perFrame: Int64 = 0
    private var anchorFrame = 0
    private var isRunning = false
    /// Jumps of the transport that it has made too.
    private var jumps = 0
    /// Tempo that note values are converted with, in beats per minute.
    private var tempo = 120.0
    /// Frames in which the distance from the transport falls to 1/e.
    private let settling: Double

    /// Units of the position in a beat.
    private static let beat = 4_294_967_296.0
    /// Mean of the tempo of a MIDI clock over two seconds, and its weight per anchor.
    private var mean = 120.0
    private let weight: Double
    /// Parts of the tempo by which that of a MIDI clock must differ before note values follow it: its mean, which a
    /// jitter of 1 ms changes once in a minute or two, and the present one, which only another tempo changes so far.
    private static let threshold = (mean: 0.001, present: 0.01)

    /// A position at the beginning; `sampleRate` is in Hz.
    init(sampleRate: Double) {
        settling = 0.05 * sampleRate
        weight = Double(SubBlock.longest) / (2 * sampleRate)
    }

    /// Tempo and position at `frame`. Called for the first frame of every sub-block, in order.
    mutating func position(at frame: Int, _ transport: Transport) -> TransportPosition {
        let isBoundary = frame % SubBlock.longest == 0
        if isBoundary || jumps != transport.jumps { turn(at: frame, transport) }
        if isBoundary { follow(transport, at: frame) }
        var position = TransportPosition(tempo: Float(tempo), meter: Int32(clamping: transport.meter))
        position.position = max(0, anchor &+ perFrame &* Int64(frame &- anchorFrame))
        position.perFrame = perFrame
        position.isRunning = isRunning
        return position
    }

    /// Sets an anchor at `frame`.
    private mutating func turn(at frame: Int, _ transport: Transport) {
        var here = anchor &+ perFrame &* Int64(frame &- anchorFrame)
        let hasJumped = jumps != transport.jumps, wasRunning = isRunning
        jumps = transport.jumps
        isRunning = transport.moves(at: frame)
        anchorFrame = frame
        guard isRunning else {
            if hasJumped { here = units(Self.wrapped(transport.beats(at: frame))) }
            (anchor, perFrame) = (here, 0)
            return
        }
        let (unlimited, speed) = transport.motion(at: frame)
        let beats = unlimited.map(Self.wrapped)
        var slope = speed * Self.beat
        if let beats {
            let distance = beats * Self.beat - Double(here)
            if hasJumped || !wasRunning || abs(distance) > 0.25 * Self.beat {
                here = units(beats)
            } else {
                slope += min(slope / 2, max(-slope / 2, distance / settling))
            }
        }
        (anchor, perFrame) = (here, Int64(slope.rounded()))
    }

    /// Follows the tempo: at once where it was set, and a clock's beyond the thresholds.
    private mutating func follow(_ transport: Transport, at frame: Int) {
        let present = transport.tempo(at: frame)
        if !transport.isFollowing(at: frame) || abs(present - tempo) > Self.threshold.present * tempo {
            tempo = present
            mean = present
        } else {
            mean += (present - mean) * weight
            if abs(mean - tempo) > Self.threshold.mean * tempo { tempo = mean }
        }
    }

    /// A position within 725 760 beats, after which it begins again: a multiple of sixteen bars of 1…10, 12, 14, 15 or 16
    /// beats, and 30 hours at the greatest tempo.
    private static func wrapped(_ beats: Double) -> Double {
        max(0, beats).truncatingRemainder(dividingBy: 725_760)
    }

    private func units(_ beats: Double) -> Int64 { Int64((beats * Self.beat).rounded()) }
}
