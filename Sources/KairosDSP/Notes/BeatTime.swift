/// The transport at one frame, as note stages see it: beats as a function of frames. [audio]
///
/// Beats count from the start of the engine and never stop: while the music stands still, they pass at the tempo.
/// By a MIDI clock the line ends at the next tick, whose frame is not known yet.
@frozen public struct BeatTime: BitwiseCopyable, Sendable {
    /// The frame that it describes.
    public let frame: Int
    /// The beat at which the music begins; nil while the music stands still.
    public let origin: Double?
    /// The beat at `anchorFrame`; no earlier frame has a smaller one.
    @usableFromInline let anchorBeats: Double
    /// Frame at which the line begins.
    @usableFromInline let anchorFrame: Double
    /// Frames per beat; infinite while the tempo of a clock is unknown.
    @usableFromInline let framesPerBeat: Double
    /// Beat at which the line ends: the next tick of a clock. Infinite without a clock.
    @usableFromInline let limit: Double
    /// Frame at which a clock without ticks counts as lost; from there on `freeFramesPerBeat` holds.
    @usableFromInline let deadline: Double
    /// Frames per beat by the internal tempo.
    @usableFromInline let freeFramesPerBeat: Double

    /// Beats that are closer than this count as the same: 0.02 frames at 48 kHz and 120 beats per minute.
    @inlinable public static var tolerance: Double { 1e-6 }
    /// No beat is at a later frame than this many frames from now.
    @inlinable static var farthest: Double { 1e15 }

    /// Time by the internal tempo, whose line goes through `anchorBeats` at `anchorFrame`.
    public init(
        frame: Int, anchorFrame: Int, anchorBeats: Double, framesPerBeat: Double, origin: Double?
    ) {
        self.init(
            frame: frame, anchorFrame: Double(anchorFrame), anchorBeats: anchorBeats,
            framesPerBeat: framesPerBeat, limit: .infinity, deadline: .infinity,
            freeFramesPerBeat: framesPerBeat, origin: origin)
    }

    /// Time by a clock. The last tick was at `anchorBeats`, the next one is `limit`.
    public init(
        frame: Int, anchorFrame: Double, anchorBeats: Double, framesPerBeat: Double, limit: Double,
        deadline: Double, freeFramesPerBeat: Double, origin: Double?
    ) {
        self.frame = frame
        self.anchorFrame = anchorFrame
        self.anchorBeats = anchorBeats
        self.framesPerBeat = framesPerBeat
        self.limit = limit
        self.deadline = deadline
        self.freeFramesPerBeat = freeFramesPerBeat
        self.origin = origin
    }

    /// The beat at ``frame``.
    @inlinable public var beats: Double {
        let passed = (Double(frame) - anchorFrame) / framesPerBeat
        return min(limit, anchorBeats + max(0, passed))
    }

    /// The first frame, ``frame`` or later, that is not before `beat`: as predicted, where it is behind the next tick
    /// of a clock.
    @inlinable public func frame(of beat: Double) -> Int {
        if beat <= anchorBeats + Self.tolerance { return frame }
        var exact = anchorFrame + (beat - Self.tolerance - anchorBeats) * framesPerBeat
        if beat >= limit - Self.tolerance || !(exact < deadline) {
            exact = deadline + max(0, beat - limit - Self.tolerance) * freeFramesPerBeat
        }
        guard exact > Double(frame) else { return frame }
        return exact < Self.farthest ? Int(exact.rounded(.up)) : Int(Self.farthest)
    }

    /// True where `beat` has come at ``frame``.
    @inlinable public func hasReached(_ beat: Double) -> Bool { frame(of: beat) <= frame }
}
