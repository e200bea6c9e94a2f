import CRealtime
import KairosDSP

/// The audio thread's time: the next frame, and what a number of seconds is in frames. [audio]
struct EngineClock: BitwiseCopyable, Sendable {
    /// The frame that is rendered next, counted from the start.
    var frame = 0
    /// Frames per second.
    let sampleRate: Float
    /// True where the engine plays in real time: costs are measured and limits of work apply. Offline nothing
    /// depends on measured time.
    let isLive: Bool
    /// The length of a controller's ramp in frames: 10 ms.
    let controlRamp: Int

    init(sampleRate: Double, isLive: Bool) {
        self.sampleRate = Float(sampleRate)
        self.isLive = isLive
        controlRamp = Int(0.01 * sampleRate)
    }

    /// The measured time in nanoseconds; 0 offline, where nothing depends on it.
    var nanoseconds: UInt64 { isLive ? crt_now() : 0 }

    /// The number of whole frames in `seconds`.
    func frames(_ seconds: Float) -> Int { Int(seconds * sampleRate) }

    /// The next end of 64 frames after ``frame``: no sub-block crosses it.
    var endOfSubBlock: Int { (frame / SubBlock.longest + 1) * SubBlock.longest }

    /// The first control tick at `frame` or after it.
    static func tick(from frame: Int) -> Int {
        (frame &+ (SubBlock.controlTick - 1)) / SubBlock.controlTick * SubBlock.controlTick
    }
}
